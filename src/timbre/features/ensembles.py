"""Who plays together: leaves that a mix may be drawn from, with how likely each one takes part.

A third of the mixes are solos and many are drawn from all leaves alike, so that the model learns
sounds and not company; these groups make the rest, since songs are made of them.
"""

DRUM_PIECES = ("kick_drum", "snare_drum", "closed_hi_hat", "open_hi_hat", "hi_hat", "cymbal", "tom")

ENSEMBLES: dict[str, dict[str, float]] = {
    "rock band": {
        "drum_kit": 0.9, "electric_bass": 0.8, "electric_guitar": 0.9, "voice": 0.6, "organ": 0.2,
        "acoustic_guitar": 0.2, "piano": 0.2,
    },
    "pop": {
        "drum_kit": 0.7, "voice": 0.8, "synth_pad": 0.4, "piano": 0.4, "electric_bass": 0.4,
        "synth_bass": 0.3, "acoustic_guitar": 0.4, "string_ensemble": 0.2, "clap": 0.2, "electric_piano": 0.2,
    },
    "jazz combo": {
        "drum_kit": 0.7, "double_bass": 0.8, "piano": 0.6, "saxophone": 0.6, "trumpet": 0.4,
        "vibraphone": 0.2, "electric_guitar": 0.2, "trombone": 0.2, "clarinet": 0.2, "voice": 0.2,
    },
    "electronic": {
        "kick_drum": 0.5, "drum_kit": 0.4, "closed_hi_hat": 0.5, "clap": 0.4, "synth_bass": 0.7,
        "synth_lead": 0.7, "synth_pad": 0.6, "voice": 0.2, "tr808_kick_drum": 0.3,
    },
    "hip-hop and soul": {
        "drum_kit": 0.6, "tr808_kick_drum": 0.4, "voice": 0.7, "electric_piano": 0.5, "synth_bass": 0.4,
        "electric_bass": 0.4, "open_hi_hat": 0.3, "shaker": 0.2, "organ": 0.2,
    },
    "orchestra": {
        "string_ensemble": 0.8, "french_horn": 0.4, "trumpet": 0.3, "trombone": 0.3, "tuba": 0.2,
        "flute": 0.3, "oboe": 0.3, "clarinet": 0.3, "bassoon": 0.3, "timpani": 0.4, "harp": 0.2,
        "cymbal": 0.2, "cor_anglais": 0.1, "glockenspiel": 0.2, "triangle": 0.1, "gong": 0.1,
    },
    "strings": {
        "violin": 0.9, "viola": 0.6, "cello": 0.8, "double_bass": 0.4, "harpsichord": 0.2, "piano": 0.2,
    },
    "woodwind quintet": {
        "flute": 0.8, "oboe": 0.7, "clarinet": 0.8, "bassoon": 0.7, "french_horn": 0.6,
    },
    "brass band": {
        "trumpet": 0.8, "trombone": 0.8, "tuba": 0.7, "french_horn": 0.6, "snare_drum": 0.4, "cymbal": 0.3,
    },
    "folk": {
        "acoustic_guitar": 0.8, "banjo": 0.4, "mandolin": 0.4, "violin": 0.5, "accordion": 0.4,
        "harmonica": 0.3, "voice": 0.5, "ukulele": 0.3, "double_bass": 0.3, "tambourine": 0.3, "shaker": 0.2,
    },
    "latin": {
        "hand_drum": 0.8, "cowbell": 0.4, "woodblock": 0.3, "shaker": 0.5, "trumpet": 0.4, "trombone": 0.3,
        "piano": 0.5, "electric_bass": 0.4, "acoustic_guitar": 0.4, "marimba": 0.2, "flute": 0.2,
    },
    "singer and one": {
        "voice": 1.0, "piano": 0.4, "acoustic_guitar": 0.5, "electric_piano": 0.2, "harp": 0.1,
    },
    "church": {"choir": 0.8, "organ": 0.8, "trumpet": 0.2, "timpani": 0.1, "chime": 0.2},
    "early music": {
        "recorder": 0.7, "harpsichord": 0.6, "cello": 0.4, "violin": 0.4, "organ": 0.2, "tambourine": 0.2,
    },
    "mallets": {"marimba": 0.6, "vibraphone": 0.6, "xylophone": 0.5, "glockenspiel": 0.4, "drum_kit": 0.2},
    "raga": {"sitar": 0.9, "hand_drum": 0.8, "flute": 0.2, "voice": 0.2},
}  # fmt: skip
