"""How much of each second the seconds beside it should say: the table in docs/evaluation.md.

    python benchmarks/steadiness.py [--model FOLDER] [--songs N]

Songs are played by the held-out patch set (Debian's freepats and timidity). No default model has
learned from it; since the fourth it has a say in their epoch, calibration and thresholds.
"""

import argparse
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from held_out_songs import PRESENT, RATE_HZ, UNKNOWN, Band
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.models.metrics import (
    average_precision,
    class_average_precisions,
    label_ranking_average_precision,
)
from timbre.models.neighbours import Neighbours
from timbre.models.tagged_segment import TaggedSegment
from timbre.models.tagger import Tagger
from timbre.paths import DEFAULT_MODEL_DIR

SHARES = (0.0, 0.15, 0.25, 1 / 3)
MIN_POSITIVES = 20  # seconds, of a label that counts in the mean
MIN_PASSAGE_S = 4
Arrays = NDArray[Any]


def alone(tagger: Tagger, waveform: NDArray[np.float32], folder: Path) -> list[TaggedSegment]:
    """What the network says of each second by itself."""
    path = folder / "song.wav"
    sf.write(path, waveform, RATE_HZ, subtype="FLOAT")
    return list(tagger.tag(path))


def steadied(segments: list[TaggedSegment], share: float) -> Arrays:
    neighbours = Neighbours(share)
    out = [*neighbours.push(segments), *neighbours.finish()]
    return np.stack([segment.probabilities for segment in out])


def passages(truth: Arrays, named: Arrays) -> dict[str, float]:
    """Counts over all stretches of `MIN_PASSAGE_S` and more in which a label sounds."""
    found: dict[str, float] = {"seconds": 0, "named": 0, "changes": 0, "entries": 0, "met": 0}
    for label in range(truth.shape[1]):
        sounds = np.concatenate([[False], truth[:, label] == PRESENT, [False]])
        for start, end in np.flatnonzero(sounds[1:] != sounds[:-1]).reshape(-1, 2):
            if end - start < MIN_PASSAGE_S:
                continue
            told = named[start:end, label]
            found["seconds"] += end - start
            found["named"] += told.sum()
            found["changes"] += (told[1:] != told[:-1]).sum()
            if start and truth[start - 1, label] == 0:
                found["entries"] += 1
                found["met"] += told[:2].any()
    return found


def line(share: float, truths: list[Arrays], songs: list[Arrays], thresholds: Arrays) -> str:
    truth, scores = np.concatenate(truths), np.concatenate(songs)
    known, present = truth != UNKNOWN, truth == PRESENT
    often = present.sum(axis=0) >= MIN_POSITIVES
    by_label = class_average_precisions(present[:, often], scores[:, often], known[:, often])
    some = known[:, often]
    micro = average_precision(present[:, often][some], scores[:, often][some])
    named = scores[known] >= np.broadcast_to(thresholds, scores.shape)[known]
    hits = (named & present[known]).sum()
    f1 = 2 * hits / (named.sum() + present[known].sum())
    counts = [passages(t, s >= thresholds) for t, s in zip(truths, songs, strict=True)]
    total = {key: sum(count[key] for count in counts) for key in counts[0]}
    lrap = label_ranking_average_precision(present, scores, known)
    return (
        f"| {share:.2f} | {np.nanmean(by_label):.3f} | {lrap:.3f} | {micro:.3f} | {f1:.3f} "
        f"| {total['named'] / total['seconds']:.0%} | {60 * total['changes'] / total['seconds']:.1f} "
        f"| {total['met']} of {total['entries']} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL_DIR)
    parser.add_argument("--songs", type=int, default=60)
    args = parser.parse_args()
    tagger = Tagger(args.model)
    tagger.config = dataclasses.replace(tagger.config, neighbour_share=0.0)
    band, truths, told = Band(tagger.labels), [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in tqdm(range(args.songs), "playing and tagging"):
            waveform, truth = band.song(number)
            truths.append(truth)
            told.append(alone(tagger, waveform, Path(folder)))
    print("| share | mAP | LRAP | micro AP | F1 | named | changes a minute | entries named within 1 s |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for share in SHARES:
        print(line(share, truths, [steadied(segments, share) for segments in told], tagger.thresholds))


if __name__ == "__main__":
    main()
