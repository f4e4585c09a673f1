"""OpenMIC-2018: excerpts of music of 10 s, ogg; of every excerpt a few of 20 instruments are known.

One tar below `openmic-2018/`: `audio/<first three digits>/<sample key>.ogg`, where a sample key is the
track's number in six digits and the start in milliseconds; `openmic-2018.npz` with X, Y_true (0..1,
0.5 where nobody was asked), Y_mask and sample_key, an array of Python strings; the same labels as a
CSV; `class-map.json`; two lists of sample keys without a header; a table of the tracks with artist
and licence. Every track has its own licence, the annotations are CC BY 4.0.
"""

import io
import json
from pathlib import Path

import numpy as np

from miniatures.archives import csv_text, tarred, write
from miniatures.clip import Clip
from miniatures.sound import CD_HZ, encoded, tone

PLACE = "zenodo/1432913/openmic-2018-v1.0.0.tgz"
CLASSES = (
    "accordion", "banjo", "bass", "cello", "clarinet", "cymbals", "drums", "flute", "guitar",
    "mallet_percussion", "mandolin", "organ", "piano", "saxophone", "synthesizer", "trombone",
    "trumpet", "ukulele", "violin", "voice",
)  # fmt: skip
N_CLIPS, CLIP_S = 24, 10
LICENSES = (
    ("Attribution 4.0 International", "http://creativecommons.org/licenses/by/4.0/"),
    (
        "Attribution-NonCommercial-NoDerivatives (aka Music Sharing) 3.0 International",
        "http://creativecommons.org/licenses/by-nc-nd/3.0/",
    ),
    ("CC0 1.0 Universal", "http://creativecommons.org/publicdomain/zero/1.0/"),
)
PARTITIONS = ("train", "train", "train", "test")
VOTES = "sample_key,instrument,relevance,num_responses"
METADATA = (
    "track_id,album_id,album_title,artist_id,artist_name,license_title,license_url,tags,track_genres,"
    "track_title,sample_key,start_time"
)


def make(places: Path) -> list[Clip]:
    """Write the one archive."""
    clips = [_clip(number) for number in range(N_CLIPS)]
    files = {f"audio/{_key(n)[:3]}/{_key(n)}.ogg": _ogg(clip, n) for n, clip in enumerate(clips)}
    files |= _annotations(clips) | {"license-cc-by.txt": b"CC BY 4.0\n", "acknowledgement.md": b"Thanks.\n"}
    write(places / PLACE, tarred({f"openmic-2018/{path}": content for path, content in files.items()}))
    return clips


def _key(number: int) -> str:
    return f"{46 + 5 * number:06d}_{3840 * (1 + number % 4)}"


def _artist(number: int) -> int:
    """Two neighbours in the list have one artist, and stand in the same partition."""
    return 100 + number // 2


def _partition(number: int) -> str:
    return PARTITIONS[_artist(number) % 4]


def _relevances(number: int) -> dict[str, float]:
    """What the listeners said: of one class certainly, of one not, of a third divided, the rest unasked."""
    sounding, silent, divided = (CLASSES[(number * 3 + step) % len(CLASSES)] for step in (0, 7, 11))
    return {sounding: 1.0, silent: 0.17105, divided: 0.5 if number % 2 else 0.49}


def _clip(number: int) -> Clip:
    relevances = _relevances(number)
    key = _key(number)
    return Clip(
        "openmic2018",
        f"openmic-2018/audio/{key[:3]}/{key}.ogg",
        tuple(name for name in CLASSES if relevances.get(name, 0) >= 0.5),
        absent=tuple(name for name in CLASSES if relevances.get(name, 1) < 0.5),
        split=_partition(number),
        group=str(_artist(number)),
        license=LICENSES[_artist(number) % 3][0],
    )


def _ogg(clip: Clip, number: int) -> bytes:
    return encoded(tone("+".join(clip.labels), CLIP_S, take=number), CD_HZ, "OGG")


def _annotations(clips: list[Clip]) -> dict[str, bytes]:
    keys = [_key(number) for number in range(len(clips))]
    lists = {
        f"partitions/split01_{part}.csv": "".join(
            f"{key}\n" for key, clip in zip(keys, clips, strict=True) if clip.split == part
        ).encode()
        for part in ("train", "test")
    }
    votes = [
        (key, name, relevance, 3)
        for number, key in enumerate(keys)
        for name, relevance in sorted(_relevances(number).items())
    ]
    return lists | {
        "openmic-2018.npz": _npz(keys),
        "openmic-2018-aggregated-labels.csv": csv_text(VOTES, votes),
        "openmic-2018-metadata.csv": csv_text(METADATA, [_track(n) for n in range(len(clips))]),
        "class-map.json": json.dumps({name: i for i, name in enumerate(CLASSES)}, indent=4).encode(),
    }


def _npz(keys: list[str]) -> bytes:
    truth = np.full((len(keys), len(CLASSES)), 0.5)
    mask = np.zeros(truth.shape, bool)
    for number in range(len(keys)):
        for name, relevance in _relevances(number).items():
            truth[number, CLASSES.index(name)] = relevance
            mask[number, CLASSES.index(name)] = True
    features = np.zeros((len(keys), 10, 128), np.int64)
    file = io.BytesIO()
    strings = np.array(keys, dtype=object)
    np.savez_compressed(file, X=features, Y_true=truth, Y_mask=mask, sample_key=strings)
    return file.getvalue()


def _track(number: int) -> tuple[object, ...]:
    artist = _artist(number)
    genres = "[{'genre_id': '45', 'genre_title': 'Loud-Rock', 'genre_url': ''}]"
    key = _key(number)
    return (
        int(key[:6]), f"{number}.0", "mp3, vol. 1", artist, f"Artist {artist}", *LICENSES[artist % 3],
        "[]", genres, f"Track {number}", key, int(key.partition("_")[2]) / 1000,
    )  # fmt: skip
