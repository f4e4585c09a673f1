"""FSDKaggle2018: 41 classes of Freesound clips, wav of 44.1 kHz mono, one label each.

Three archives, each with a folder of its own name: `FSDKaggle2018.audio_train/<8 hex digits>.wav`,
`FSDKaggle2018.audio_test/...`, `FSDKaggle2018.meta/...`. Licence by clip: `Creative Commons 0` or
`Attribution`. The list of training clips says whether a person checked the label; that of the test
clips whether it counted for the public or the private score.
"""

from pathlib import Path
from zlib import crc32

from miniatures.archives import csv_text, write, zipped
from miniatures.clip import Clip
from miniatures.sound import wav

RECORD = "2552860"
CLASSES = (
    "Acoustic_guitar", "Applause", "Bark", "Bass_drum", "Burping_or_eructation", "Bus", "Cello", "Chime",
    "Clarinet", "Computer_keyboard", "Cough", "Cowbell", "Double_bass", "Drawer_open_or_close",
    "Electric_piano", "Fart", "Finger_snapping", "Fireworks", "Flute", "Glockenspiel", "Gong",
    "Gunshot_or_gunfire", "Harmonica", "Hi-hat", "Keys_jangling", "Knock", "Laughter", "Meow",
    "Microwave_oven", "Oboe", "Saxophone", "Scissors", "Shatter", "Snare_drum", "Squeak", "Tambourine",
    "Tearing", "Telephone", "Trumpet", "Violin_or_fiddle", "Writing",
)  # fmt: skip
LICENSES = ("Creative Commons 0", "Attribution")
TAKES = {"train": 3, "test": 1}
META = "FSDKaggle2018.meta"


def make(places: Path) -> list[Clip]:
    """Write the three archives of the record."""
    clips = {part: _clips(part) for part in TAKES}
    audio = {part: {clip.path: _wav(clip, take) for take, clip in enumerate(clips[part])} for part in clips}
    for part, files in audio.items():
        write(places / "zenodo" / RECORD / f"FSDKaggle2018.audio_{part}.zip", zipped(files))
    write(places / "zenodo" / RECORD / f"{META}.zip", zipped(_lists(clips)))
    return clips["train"] + clips["test"]


def _clips(part: str) -> list[Clip]:
    return [_clip(part, label, take) for label in CLASSES for take in range(TAKES[part])]


def _clip(part: str, label: str, take: int) -> Clip:
    """Uploaders are not published: a sound on Freesound is the most that clips are known to share."""
    sound = crc32(f"{part} {label} {take}".encode())
    path = f"FSDKaggle2018.audio_{part}/{sound:08x}.wav"
    license_name = LICENSES[take % len(LICENSES)]
    return Clip("fsdkaggle2018", path, (label,), split=part, group=str(sound % 10**6), license=license_name)


def _wav(clip: Clip, take: int) -> bytes:
    """No test clip is as long as a training clip, so that no two files are the same."""
    shortest_s = 0.35 if clip.split == "test" else 0.3
    return wav(clip.labels[0], shortest_s + 0.1 * (take % 5), take=take)


def _lists(clips: dict[str, list[Clip]]) -> dict[str, bytes]:
    checked, usage = ("0", "1"), ("Public", "Private")
    return {
        f"{META}/train_post_competition.csv": _list("manually_verified", checked, clips["train"]),
        f"{META}/test_post_competition_scoring_clips.csv": _list("usage", usage, clips["test"]),
        f"{META}/README.md": b"About this data set.\n",
    }


def _list(third: str, values: tuple[str, str], clips: list[Clip]) -> bytes:
    rows = [
        (Path(clip.path).name, clip.labels[0], values[number % 2], clip.group, clip.license)
        for number, clip in enumerate(clips)
    ]
    return csv_text(f"fname,label,{third},freesound_id,license", rows)
