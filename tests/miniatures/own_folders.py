"""A sample library of one's own: a folder a name, five formats, names that only their owner knows.

`own/samples/<name>/**/*` with `own/names.csv`, which says what leaf each name means, and the same
files as `own/clips.csv` lists them, with who played and under which terms.
"""

from pathlib import Path

from miniatures.archives import csv_text, write
from miniatures.clip import Clip
from miniatures.sound import CD_HZ, encoded, m4a, mp3, tone, wav

PLACES = FOLDER, LIST, NAMES = "own/samples", "own/clips.csv", "own/names.csv"
LEAVES = {
    "kick": "kick_drum",
    "snare": "snare_drum",
    "808": "tr808_kick_drum",
    "open hat": "open_hi_hat",
    "closed hat": "closed_hi_hat",
}
FILES = (
    "kick/kick 1.wav", "kick/more/kick 2.flac", "kick/more/kick 3.WAV", "snare/snare_01.mp3",
    "snare/snare_02.ogg", "808/808 deep.wav", "808/808 short.m4a", "open hat/oh.flac",
    "open hat/oh (2).ogg", "closed hat/ch.wav",
)  # fmt: skip
PLAYERS = ("ann", "bob")
LICENSE = "CC0 1.0"
HIT_S = 0.5


def make(places: Path) -> list[Clip]:
    """Write the folder, the names and the list."""
    clips = [_clip(number, path) for number, path in enumerate(FILES)]
    for number, clip in enumerate(clips):
        write(places / FOLDER / clip.path, _content(clip, number))
    write(places / FOLDER / "about these.txt", b"Not a recording.\n")
    write(places / NAMES, csv_text("name,leaf", list(LEAVES.items())))
    rows = [(clip.path, clip.labels[0], clip.group, clip.license) for clip in clips]
    write(places / LIST, csv_text("file,what,who,terms", rows))
    return clips


def _clip(number: int, path: str) -> Clip:
    player = PLAYERS[number % len(PLAYERS)]
    return Clip("own", path, (path.partition("/")[0],), group=player, license=LICENSE)


def _content(clip: Clip, take: int) -> bytes:
    name, suffix = clip.labels[0], Path(clip.path).suffix.lower()
    if suffix == ".m4a":
        return m4a(name, HIT_S)
    if suffix == ".mp3":
        return mp3(name, HIT_S, take)
    if suffix == ".wav":
        return wav(name, HIT_S, take=take)
    return encoded(tone(name, HIT_S, take=take), CD_HZ, suffix[1:].upper())
