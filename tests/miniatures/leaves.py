"""What the data sets' own names mean in the project's leaves: the expectation, written by hand.

`SOUNDS` gives the leaves of which one sounds in a clip with that name; `NEAR` the leaves that a name
without a leaf of its own may be taken for. A name in neither is no instrument.
"""

from miniatures.clip import Clip

BASS = ("double_bass", "electric_bass", "synth_bass")
CYMBALS = ("cymbal", "hi_hat", "closed_hi_hat", "open_hi_hat")
DRUMS = ("kick_drum", "tr808_kick_drum", "snare_drum", "tom", "drum_kit", "hand_drum", "timpani")
DRUM_KIT = (*CYMBALS, "kick_drum", "tr808_kick_drum", "snare_drum", "tom", "drum_kit")
GUITAR = ("acoustic_guitar", "electric_guitar")
MALLETS = ("glockenspiel", "vibraphone", "marimba", "xylophone")
PIANO = ("piano", "electric_piano")
SYNTHESIZER = ("synth_lead", "synth_pad", "synth_bass")
VOICE = ("voice", "choir")

FSDKAGGLE2018 = {
    "Acoustic_guitar": ("acoustic_guitar",),
    "Bass_drum": ("kick_drum",),
    "Cello": ("cello",),
    "Chime": ("chime",),
    "Clarinet": ("clarinet",),
    "Cowbell": ("cowbell",),
    "Double_bass": ("double_bass",),
    "Electric_piano": ("electric_piano",),
    "Flute": ("flute",),
    "Glockenspiel": ("glockenspiel",),
    "Gong": ("gong",),
    "Harmonica": ("harmonica",),
    "Hi-hat": CYMBALS[1:],
    "Oboe": ("oboe",),
    "Saxophone": ("saxophone",),
    "Snare_drum": ("snare_drum",),
    "Tambourine": ("tambourine",),
    "Trumpet": ("trumpet",),
    "Violin_or_fiddle": ("violin",),
}
IRMAS = {
    "cel": ("cello",),
    "cla": ("clarinet",),
    "flu": ("flute",),
    "gac": ("acoustic_guitar",),
    "gel": ("electric_guitar",),
    "org": ("organ",),
    "pia": ("piano",),
    "sax": ("saxophone",),
    "tru": ("trumpet",),
    "vio": ("violin",),
    "voi": VOICE,
    "dru": DRUM_KIT,
}
MISD = {
    "Sound_Guitar": GUITAR,
    "Sound_Guiatr": GUITAR,
    "Sound_Drum": DRUM_KIT,
    "Sound_Violin": ("violin",),
    "Sound_Piano": ("piano",),
}
PHILHARMONIA = {
    "banjo": ("banjo",),
    "bass-clarinet": ("clarinet",),
    "bassoon": ("bassoon",),
    "cello": ("cello",),
    "clarinet": ("clarinet",),
    "contrabassoon": ("bassoon",),
    "english-horn": ("cor_anglais",),
    "double-bass": ("double_bass",),
    "flute": ("flute",),
    "french-horn": ("french_horn",),
    "guitar": ("acoustic_guitar",),
    "mandolin": ("mandolin",),
    "oboe": ("oboe",),
    "saxophone": ("saxophone",),
    "trombone": ("trombone",),
    "trumpet": ("trumpet",),
    "tuba": ("tuba",),
    "viola": ("viola",),
    "violin": ("violin",),
    "banana shaker": ("shaker",),
    "bass drum": ("kick_drum",),
    "Chinese cymbal": ("cymbal",),
    "Chinese hand cymbals": ("cymbal",),
    "clash cymbals": ("cymbal",),
    "cowbell": ("cowbell",),
    "djembe": ("hand_drum",),
    "lemon shaker": ("shaker",),
    "sizzle cymbal": ("cymbal",),
    "snare drum": ("snare_drum",),
    "strawberry shaker": ("shaker",),
    "suspended cymbal": ("cymbal",),
    "tam-tam": ("gong",),
    "tambourine": ("tambourine",),
    "Thai gong": ("gong",),
    "tom-toms": ("tom",),
    "triangle": ("triangle",),
    "wind chimes": ("chime",),
    "woodblock": ("woodblock",),
}
OPENMIC = {
    "accordion": ("accordion",),
    "banjo": ("banjo",),
    "bass": BASS,
    "cello": ("cello",),
    "clarinet": ("clarinet",),
    "cymbals": CYMBALS,
    "drums": DRUMS,
    "flute": ("flute",),
    "guitar": GUITAR,
    "mallet_percussion": MALLETS,
    "mandolin": ("mandolin",),
    "organ": ("organ",),
    "piano": PIANO,
    "saxophone": ("saxophone",),
    "synthesizer": SYNTHESIZER,
    "trombone": ("trombone",),
    "trumpet": ("trumpet",),
    "ukulele": ("ukulele",),
    "violin": ("violin",),
    "voice": VOICE,
}
# Families. Synthetic notes are named after the family that they resemble.
NSYNTH = {
    "bass": BASS,
    "brass": ("trumpet", "trombone", "french_horn", "tuba"),
    "flute": ("flute", "recorder"),
    "guitar": (*GUITAR, "ukulele"),
    "keyboard": (*PIANO, "harpsichord"),
    "mallet": MALLETS,
    "organ": ("organ",),
    "reed": ("clarinet", "oboe", "cor_anglais", "bassoon", "saxophone", "harmonica", "accordion"),
    "string": ("violin", "viola", "cello", "double_bass", "string_ensemble"),
    "synth_lead": ("synth_lead",),
    "vocal": VOICE,
}
OWN = {
    "kick": ("kick_drum",),
    "snare": ("snare_drum",),
    "808": ("tr808_kick_drum",),
    "open hat": ("open_hi_hat",),
    "closed hat": ("closed_hi_hat",),
}
SOUNDS: dict[str, dict[str, tuple[str, ...]]] = {
    "fsdkaggle2018": FSDKAGGLE2018,
    "irmas": IRMAS,
    "misd": MISD,
    "philharmonia": PHILHARMONIA,
    "vocalset": {"voice": VOICE},
    "openmic2018": OPENMIC,
    "nsynth": NSYNTH,
    "freesound": {"banjo": ("banjo",)},
    "own": OWN,
}
NEAR: dict[str, tuple[str, ...]] = {
    "agogo bells": ("cowbell",),
    "bell tree": ("chime",),
    "cabasa": ("shaker",),
    "castanets": ("woodblock", "clap"),
    "djundjun": ("hand_drum", "tom", "kick_drum"),
    "sheeps toenails": ("shaker", "chime"),
    "sleigh bells": ("tambourine", "chime", "shaker"),
    "surdo": ("hand_drum", "kick_drum", "tom"),
    "tenor drum": ("tom", "snare_drum"),
    "Applause": ("clap",),
    "Finger_snapping": ("clap",),
    # A kind of a drum or of a hi-hat is one.
    "808": ("kick_drum",),
    "open hat": ("hi_hat",),
    "closed hat": ("hi_hat",),
}


def sounding(clip: Clip) -> list[tuple[str, ...]]:
    """For every name of the clip that means an instrument, the leaves of which one sounds."""
    own = SOUNDS[clip.data_set]
    imitated = (*SYNTHESIZER, "chime") if "synthetic" in clip.labels else ()
    return [(*own[label], *imitated) for label in clip.labels if label in own]


def silent(clip: Clip) -> set[str]:
    """Leaves that certainly do not sound, by what the data set says is absent."""
    own = SOUNDS[clip.data_set]
    return {leaf for label in clip.absent for leaf in own.get(label, ())}


def thinkable(clip: Clip) -> set[str]:
    """All leaves that may be named for this clip."""
    near = {leaf for label in clip.labels for leaf in NEAR.get(label, ())}
    return near.union(*sounding(clip))
