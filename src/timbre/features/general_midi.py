"""Which presets of a General MIDI soundfont are which leaf, and in what range each is played.

Programs count from 0. Bank 8 and 16 hold Roland GS's variations, which some soundfonts have.
Programs that no leaf stands for (sound effects, orchestra hit, shamisen ...) are left out.
"""

from dataclasses import dataclass
from typing import Literal

DRUM_CHANNEL, DRUM_BANK = 9, 128
# Acoustic, room, power, electronic, jazz and brush kits; TR-808 is kept apart for its kick.
DRUM_KITS = (0, 8, 16, 24, 32, 40)
TR808_KIT = 25
ELECTRONIC_KIT = 24  # nobody knows what machine its drums are of


# How an instrument is played: one note at a time or several, by two hands, in parts ...
Playing = Literal["line", "chords", "hands", "plucked", "bowed", "bass", "parts"]


@dataclass(frozen=True)
class Preset:
    """One pitched sound of a soundfont; `low`, `high` are MIDI notes of its usual range."""

    leaf: str
    program: int
    low: int
    high: int
    playing: Playing = "line"
    bank: int = 0

    @property
    def chords(self) -> bool:
        """Whether one player easily sounds several notes at once."""
        return self.playing in ("chords", "hands", "plucked", "parts")


def _presets(
    leaf: str, low: int, high: int, programs: range, playing: Playing = "line", bank: int = 0
) -> list[Preset]:
    return [Preset(leaf, program, low, high, playing, bank) for program in programs]


PRESETS: tuple[Preset, ...] = tuple(
    _presets("piano", 28, 96, range(0, 4), "hands")
    + _presets("electric_piano", 36, 88, range(4, 6), "hands")
    + _presets("harpsichord", 36, 84, range(6, 7), "hands")
    + _presets("glockenspiel", 79, 103, range(9, 10))
    + _presets("vibraphone", 53, 89, range(11, 12), "chords")
    + _presets("marimba", 45, 91, range(12, 13), "chords")
    + _presets("xylophone", 65, 103, range(13, 14))
    + _presets("chime", 60, 79, range(14, 15))
    + _presets("organ", 36, 91, range(16, 21), "hands")
    + _presets("accordion", 48, 88, range(21, 22), "hands")
    + _presets("harmonica", 60, 88, range(22, 23), "chords")
    + _presets("accordion", 48, 88, range(23, 24), "hands")
    + _presets("acoustic_guitar", 40, 79, range(24, 26), "plucked")
    + _presets("electric_guitar", 40, 84, range(26, 32), "plucked")
    + _presets("double_bass", 28, 55, range(32, 33), "bass")
    + _presets("electric_bass", 28, 60, range(33, 38), "bass")
    + _presets("synth_bass", 28, 55, range(38, 40), "bass")
    + _presets("violin", 55, 98, range(40, 41), "bowed")
    + _presets("viola", 48, 84, range(41, 42), "bowed")
    + _presets("cello", 36, 76, range(42, 43), "bowed")
    + _presets("double_bass", 28, 60, range(43, 44), "bass")
    + _presets("string_ensemble", 36, 88, range(44, 46), "parts")
    + _presets("harp", 31, 96, range(46, 47), "plucked")
    + _presets("timpani", 38, 57, range(47, 48))
    + _presets("string_ensemble", 36, 88, range(48, 50), "parts")
    + _presets("synth_pad", 40, 84, range(50, 52), "parts")
    + _presets("choir", 43, 79, range(52, 54), "parts")
    + _presets("trumpet", 55, 84, range(56, 57))
    + _presets("trombone", 40, 72, range(57, 58))
    + _presets("tuba", 28, 58, range(58, 59))
    + _presets("trumpet", 55, 84, range(59, 60))
    + _presets("french_horn", 41, 77, range(60, 61))
    + _presets("saxophone", 49, 85, range(64, 68))
    + _presets("oboe", 58, 89, range(68, 69))
    + _presets("cor_anglais", 52, 81, range(69, 70))
    + _presets("bassoon", 34, 72, range(70, 71))
    + _presets("clarinet", 50, 91, range(71, 72))
    + _presets("flute", 72, 103, range(72, 73))
    + _presets("flute", 60, 96, range(73, 74))
    + _presets("recorder", 65, 98, range(74, 75))
    + _presets("synth_lead", 45, 88, range(80, 85))
    + _presets("synth_lead", 45, 88, range(86, 88))
    + _presets("synth_pad", 40, 84, range(88, 96), "parts")
    + _presets("sitar", 43, 79, range(104, 105))
    + _presets("banjo", 48, 84, range(105, 106), "plucked")
    + _presets("violin", 55, 93, range(110, 111), "bowed")
    + _presets("tom", 41, 65, range(117, 118))
    + _presets("ukulele", 60, 81, range(24, 25), "plucked", bank=8)
    + _presets("mandolin", 55, 93, range(25, 26), "plucked", bank=16)
)
# Percussion by its note on the drum channel.
DRUM_NOTES: dict[str, tuple[int, ...]] = {
    "kick_drum": (35, 36),
    "snare_drum": (37, 38, 40),
    "clap": (39,),
    "tom": (41, 43, 45, 47, 48, 50, 65, 66),
    "closed_hi_hat": (42, 44),
    "open_hi_hat": (46,),
    "cymbal": (49, 51, 52, 53, 55, 57, 59),
    "tambourine": (54,),
    "cowbell": (56,),
    "hand_drum": (60, 61, 62, 63, 64),
    "shaker": (69, 70, 82),
    "woodblock": (75, 76, 77),
    "triangle": (80, 81),
}
