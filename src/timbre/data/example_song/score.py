"""The music itself: 22 bars of 4/4 in D major, written so that one instrument enters after the other.

| bars  | seconds | what plays                                            |
|-------|---------|-------------------------------------------------------|
| 1-4   | 0-10    | piano alone: the theme                                |
| 5-6   | 10-15   | and double bass                                       |
| 7-8   | 15-20   | and drums                                             |
| 9-12  | 20-30   | and flute: the theme carried further                  |
| 13-14 | 30-35   | and strings                                           |
| 15-16 | 35-40   | acoustic guitar alone                                 |
| 17-18 | 40-45   | trumpet with guitar, bass and drums                   |
| 19-20 | 45-50   | and choir                                             |
| 21    | 50-53   | choir, piano, a last note of the bass: a minor plagal cadence |
| 22    | 53-57   | piano alone                                           |
"""

from dataclasses import dataclass

from timbre.data.example_song.notation import Note, bar, chord, figure, grid, playable, tune

TITLE = "One by One"
DURATION_S = 57
TEMPI = ((1, 96.0), (21, 88.0), (22, 76.0))  # (from this bar, beats per minute)


@dataclass(frozen=True)
class Swell:
    """Expression that moves in a straight line; beats from the start of the song, values 0 to 127."""

    start_beat: float
    end_beat: float
    first: int
    last: int


@dataclass(frozen=True)
class Part:
    """One instrument: how General MIDI calls it, where it sits in the mix, what it plays.

    `volume`, `pan` (64 is the middle) and `reverb` are controllers, 0 to 127. `swells` make a
    sustained instrument breathe.
    """

    label: str
    program: int
    volume: int
    pan: int
    reverb: int
    notes: tuple[Note, ...]
    swells: tuple[Swell, ...] = ()
    channel: int = 0


# Eight eighths a bar, each ringing to the end of its bar.
_PIANO = {
    "D": "D3 A3 D4 E4 F#4 E4 D4 A3",
    "A/C#": "C#3 E3 A3 B3 E4 B3 A3 E3",
    "Bm7": "B2 F#3 B3 C#4 D4 C#4 B3 F#3",
    "Gmaj7": "G2 D3 B3 D4 F#4 D4 B3 D3",
    "G A": "G2 D3 B3 D4 A2 E3 C#4 E4",
    "Em7": "E3 B3 D4 E4 G4 E4 D4 B3",
    "A7": "A2 E3 A3 D4 E4 D4 C#4 E3",
    "Gm6": "G2 D3 Bb3 D4 E4 D4 Bb3 D3",
}
_VERSE_BARS = ("D", "A/C#", "Bm7", "Gmaj7")
_PIANO_BARS = (*_VERSE_BARS, "D", "A/C#", "Bm7", "G A", *_VERSE_BARS, "Em7", "A7")
_THEME = (
    "F#5 1.5, E5 .5, D5 1, A4 1, E5 1.5, D5 .5, C#5 2, D5 1, E5 .5, F#5 .5, A5 1, F#5 1, F#5 1.5, E5 .5, D5 2"
)
_ANSWER = (
    "A5 1, F#5 .5, D5 .5, E5 1, F#5 1, E5 2, C#5 1, A4 1, "
    "D5 .5, E5 .5, F#5 1, B5 1, A5 1, G5 1, F#5 .5, D5 .5, E5 2"
)
_FLUTE = (
    "A5 1, F#5 .5, A5 .5, B5 1.5, A5 .5, E5 1.5, F#5 .5, A5 1, E5 1, "
    "D5 .5, E5 .5, F#5 1, B5 1.5, A5 .5, G5 1, F#5 .5, E5 .5, D5 2, "
    "E5 .5, F#5 .5, G5 1, B5 2, A5 1.5, G5 .5, F#5 1, E5 1"
)
_TRUMPET = (
    "A4 1.5, B4 .5, A4 1, F#4 1, E4 1, A4 1, C#5 1.5, B4 .5, "
    "D5 2, C#5 .5, B4 .5, A4 1, B4 1.5, A4 .5, G4 1, A4 1"
)
_STRINGS = ("B4 2, D5 2, E5 2, C#5 2", "G4 4, A4 4", "E4 4, D4 2, C#4 2", "E3 4, A3 4")
_CHOIR = (
    "D5 4, D5 2, C#5 2, E5 4",
    "B4 4, B4 2, A4 2, Bb4 4",
    "F#4 4, G4 2, E4 2, G4 4",
    "D4 4, D4 2, C#4 2, D4 4",
)
_BASS_VERSE = (
    "D2 1.5, D2 .5, A2 1, F#2 1, C#2 1.5, C#2 .5, E2 1, A2 1, "
    "B1 1.5, B1 .5, F#2 1, B2 1, G1 1.5, G2 .5, A1 1.5, A2 .5"
)
_BASS_BRIDGE = "E2 1.5, E2 .5, B2 1, E2 1, A1 1.5, A2 .5, E2 1, C#2 1"

# Thumb, fingers (sixteenths, a dot is a rest) and tune of the guitar.
_THUMB_BREAK = "G2 1, D3 1, G2 1, D3 1, A2 1, E3 1, A2 1, E3 1"
_TUNE_BREAK = "B4 1.5, A4 .5, F#4 1, A4 1, D5 1, C#5 .5, B4 .5, A4 2"
_FINGERS = {
    15: ". . B3 D4 . D4 F#4 D4 . . B3 D4 . D4 F#4 D4",
    16: ". . A3 D4 . D4 E4 D4 . . A3 C#4 . C#4 E4 C#4",
    17: ". . A3 D4 . D4 F#4 D4 . . A3 D4 . D4 F#4 D4",
    18: ". . A3 C#4 . C#4 E4 C#4 . . A3 C#4 . C#4 E4 C#4",
    19: ". . F#3 B3 . B3 D4 B3 . . A3 B3 . B3 D4 B3",
    20: ". . B3 D4 . D4 G4 D4 . . A3 C#4 . C#4 E4 C#4",
}
_THUMB_CHORUS = (
    "D3 1, A2 1, D3 1, A2 1, A2 1, E3 1, A2 1, E3 1, B2 1, F#3 1, B2 1, F#3 1, G2 1, D3 1, A2 1, E3 1"
)

# Sixteenths: X accented, x plain, o a ghost.
_LIGHT = {
    "kick": "x.........x.....",
    "rim": "....x.......x...",
    "closed_hat": "x.o.x.o.x.o.x.o.",
}
_GROOVE = {
    "kick": "x......x..x.....",
    "snare": "....X..o....X...",
    "closed_hat": "X.o.x.o.X.o.x.o.",
}
_OPENING = {**_GROOVE, "closed_hat": "X.o.x.o.X.o.x...", "open_hat": "..............X."}
_CHORUS = {
    "kick": "x......xx.x.....",
    "snare": "....X..o.o..X...",
    "ride": "X.x.X.x.X.x.X.xo",
}
_FILL = {
    "kick": "x......x..x.....",
    "snare": "....X...xxx.....",
    "high_tom": "...........xx...",
    "low_tom": ".............xXX",
}
_DRUM_BARS = {
    7: _LIGHT, 8: _OPENING, 9: _GROOVE, 10: _GROOVE, 11: _GROOVE, 12: _OPENING, 13: _GROOVE, 14: _FILL,
    17: _CHORUS, 18: _CHORUS, 19: _CHORUS, 20: _FILL,
}  # fmt: skip
_CRASH_BARS = (9, 17, 21)


def _piano() -> list[Note]:
    notes = [note for n, name in enumerate(_PIANO_BARS, 1) for note in figure(n, _PIANO[name], 0.5, 62)]
    notes += tune(1, _THEME, 94) + tune(5, _ANSWER, 88)
    notes += figure(21, _PIANO["Gm6"], 0.5, 58) + figure(22, "D3 A3 D4 E4", 0.5, 58)
    notes += tune(21, "D5 1, E5 .5, D5 .5, Bb4 1, D5 1, F#5 1, E5 1", 84)
    return notes + chord(bar(22) + 2, "D2 A2 D3 F#4 A4 D5", 3, 88, roll=0.06)


def _guitar() -> list[Note]:
    notes = [note for n, picks in _FINGERS.items() for note in figure(n, picks, 0.25, 76 if n < 17 else 84)]
    notes += tune(15, _THUMB_BREAK, 84) + tune(17, _THUMB_CHORUS, 88)
    return notes + tune(15, _TUNE_BREAK, 98)


def _drums() -> list[Note]:
    notes = [note for n, pattern in _DRUM_BARS.items() for note in grid(n, pattern)]
    for n in _CRASH_BARS:
        notes += grid(n, {"crash": "x" if n == _CRASH_BARS[-1] else "X"})
    return notes


def _voices(first_bar: int, voices: tuple[str, ...], velocity: int) -> list[Note]:
    return [note for voice in voices for note in tune(first_bar, voice, velocity)]


def parts() -> list[Part]:
    """Every part of the song, in the order of entry."""
    bass = tune(5, _BASS_VERSE, 92) + tune(9, _BASS_VERSE, 92) + tune(13, _BASS_BRIDGE, 94)
    bass += tune(17, _BASS_VERSE, 98) + tune(21, "G1 4", 88)
    breaths = tuple(Swell(bar(n), bar(n + 2), 96, 118) for n in (9, 11, 13))
    calls = tuple(Swell(bar(n), bar(n + 2), 98, 120) for n in (17, 19))
    bow = (Swell(bar(13), bar(14), 84, 120), Swell(bar(14), bar(15), 120, 96))
    aah = (Swell(bar(19), bar(20), 88, 116), Swell(bar(21), bar(22), 116, 60))
    return [
        Part("piano", 0, 127, 58, 42, playable(_piano()), channel=0),
        Part("double_bass", 32, 92, 64, 16, playable(bass), channel=1),
        Part("drum_kit", 0, 100, 64, 24, playable(_drums()), channel=9),
        Part("flute", 73, 100, 76, 52, playable(tune(9, _FLUTE, 92)), breaths, channel=2),
        Part("string_ensemble", 48, 86, 44, 56, playable(_voices(13, _STRINGS, 92)), bow, channel=3),
        Part("acoustic_guitar", 25, 110, 84, 36, playable(_guitar()), channel=4),
        Part("trumpet", 56, 100, 52, 50, playable(tune(17, _TRUMPET, 98)), calls, channel=5),
        Part("choir", 52, 88, 70, 60, playable(_voices(19, _CHOIR, 96)), aah, channel=6),
    ]
