"""VocalSet: twenty singers, wav of 44.1 kHz mono, everything is a voice.

`VocalSet/FULL/<female1..9|male1..11>/<exercise>/<technique>/<singer>_<exercise>_<technique>_<vowel>.wav`.
Names are not all of that form: some lack the singer, one names another singer than its folder, one
folder is misspelt. The folder is right.
"""

from pathlib import Path

from miniatures.archives import write, zipped
from miniatures.clip import Clip
from miniatures.sound import wav

PLACE = "zenodo/1193957/VocalSet.zip"
LICENSE = "CC BY 4.0"
SINGERS = tuple(f"female{n}" for n in range(1, 10)) + tuple(f"male{n}" for n in range(1, 12))
EXERCISES = (
    ("arpeggios", "belt"), ("arpeggios", "breathy"), ("arpeggios", "fast_forte"), ("arpeggios", "fast_piano"),
    ("arpeggios", "lip_trill"), ("arpeggios", "slow_forte"), ("arpeggios", "slow_piano"),
    ("arpeggios", "straight"), ("arpeggios", "vibrato"), ("excerpts", "spoken"), ("excerpts", "straight"),
    ("long_tones", "forte"), ("long_tones", "inhaled"), ("long_tones", "messa"), ("long_tones", "pp"),
    ("long_tones", "trill"), ("long_tones", "trillo"), ("scales", "straight"), ("scales", "vibrato"),
    ("scales", "vocal_fry"),
)  # fmt: skip
ODD = (
    "female2/arpeggios/vibrado/f2_arpeggios_vibrato_a.wav",
    "female2/scales/straight/f2_scales_straight_u(1).wav",
    "male8/excerpts/vibrato/m9_caro_vibrato.wav",
    "male10/excerpts/vibrato/caro_vibrato.wav",
)


def make(places: Path) -> list[Clip]:
    """Write the one archive."""
    clips = [_clip(path) for path in (*_regular(), *ODD)]
    files = {clip.path: wav(f"voice of {clip.group}", 1, take=take) for take, clip in enumerate(clips)}
    files["VocalSet/readme-anon.txt"] = b"About this data set.\n"
    write(places / PLACE, zipped(files))
    return clips


def _regular() -> list[str]:
    paths = []
    for singer, (exercise, technique) in zip(SINGERS, EXERCISES, strict=True):
        short = singer.replace("female", "f").replace("male", "m")
        paths.append(f"{singer}/{exercise}/{technique}/{short}_{exercise}_{technique}_a.wav")
    return paths


def _clip(path: str) -> Clip:
    singer = path.partition("/")[0]
    return Clip("vocalset", f"VocalSet/FULL/{path}", ("voice",), group=singer, license=LICENSE)
