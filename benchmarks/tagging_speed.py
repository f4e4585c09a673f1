"""Seconds of song tagged in a second of CPU time on one thread, pictures included, beside an earlier way.

    python benchmarks/tagging_speed.py [--rounds 5] [--model FOLDER] [--json FILE]

All ways take turns on one core, round after round, so that a slow moment of the machine meets each of them;
the ratio is taken within a round. A second table is from decoded audio to probabilities alone. CPU time is
this process's and that of the children it waited for (ffmpeg). Loading models and libraries is not counted: a
first round, untimed, does that.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from baseline_tagger import BaselineTagger
from numpy.typing import NDArray
from song import DURATION_S, make_song
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from timbre.audio.decode import Decoder
from timbre.audio.picture import segment_jpeg
from timbre.models.network import network_config
from timbre.models.tagger import Tagger
from timbre.paths import DEFAULT_MODEL_DIR

# As the earlier system cut a song, and as Timbre does: a third of the answers, and as many.
BASELINE_SEGMENTS_S = (3.0, 1.0)


@dataclass(frozen=True)
class Run:
    """One song tagged once."""

    cpu_s: float
    wall_s: float
    n_segments: int
    picture_bytes: int


# Tags the song once and gives the pictures of its segments, empty where none are made.
Work = Callable[[], list[bytes]]


def timbre_way(tagger: Tagger, song: Path) -> Work:
    """As the server does it."""
    return lambda: [segment_jpeg(segment.log_mel) for segment in tagger.tag(song)]


def baseline_way(tagger: BaselineTagger, song: Path) -> Work:
    """As an earlier system did it."""
    return lambda: [picture for _, picture in tagger.tag(song)]


def timbre_decoded(tagger: Tagger, pieces: list[NDArray[np.float32]]) -> Work:
    """What the decoder gave, tagged without pictures."""
    return lambda: [b"" for _ in tagger.tag_waveform(pieces)]


def baseline_decoded(tagger: BaselineTagger, pieces: list[NDArray[np.float32]]) -> Work:
    """The same song in one array, as librosa would hold it."""
    waveform = np.concatenate(pieces)
    return lambda: [b"" for _ in tagger.tag_waveform(waveform)]


def cpu_time_s() -> float:
    """CPU time of this process and of all children that have ended, user and system."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def timed(work: Work) -> Run:
    """Do it once and take the time."""
    cpu_s, wall_s = cpu_time_s(), time.perf_counter()
    pictures = work()
    used_s, took_s = cpu_time_s() - cpu_s, time.perf_counter() - wall_s
    return Run(used_s, took_s, len(pictures), sum(map(len, pictures)))


def ways(model: Path, song: Path, *, is_decoded: bool) -> dict[str, Work]:
    """The ways to compare, Timbre's first, each with its model loaded."""
    tagger = Tagger.from_pretrained(model)
    pieces = list(Decoder(song)) if is_decoded else []
    found = {"timbre": timbre_decoded(tagger, pieces) if is_decoded else timbre_way(tagger, song)}
    network = network_config(tagger.config.network)
    for segment_s in BASELINE_SEGMENTS_S:
        baseline = BaselineTagger(len(tagger.labels), network, segment_s)
        work = baseline_decoded(baseline, pieces) if is_decoded else baseline_way(baseline, song)
        found[f"baseline, {segment_s:g}-s segments"] = work
    return found


def measure(contenders: dict[str, Work], n_rounds: int) -> dict[str, list[Run]]:
    """Every contender once untimed, then `n_rounds` times in turn."""
    for work in contenders.values():
        work()
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for _ in range(n_rounds):
        for name, work in contenders.items():
            runs[name].append(timed(work))
    return runs


def report(runs: dict[str, list[Run]]) -> None:
    """Print a table: medians over the rounds, ratios with their range."""
    print("| way | segments | CPU s | wall s | song s per CPU s | CPU, Timbre = 1 (range) | pictures, KB |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, theirs in runs.items():
        ratios = [their.cpu_s / our.cpu_s for their, our in zip(theirs, runs["timbre"], strict=True)]
        cpu_s = statistics.median(run.cpu_s for run in theirs)
        cells = (
            f"{theirs[0].n_segments}",
            f"{cpu_s:.2f}",
            f"{statistics.median(run.wall_s for run in theirs):.2f}",
            f"{DURATION_S / cpu_s:.0f}",
            f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})",
            f"{theirs[0].picture_bytes / 1000:.0f}",
        )
        print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Compare the speed of tagging with an earlier way.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL_DIR)
    parser.add_argument("--json", type=Path, help="write every run here")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # children too
    torch.set_num_threads(1)
    with threadpool_limits(1), tempfile.TemporaryDirectory() as folder:
        song = make_song(Path(folder) / "song.mp3")
        runs = {
            what: measure(ways(arguments.model, song, is_decoded=is_decoded), arguments.rounds)
            for what, is_decoded in (("from file to pictures", False), ("from decoded audio", True))
        }
    python = platform.python_version()
    print(f"{DURATION_S} s of mp3, {arguments.rounds} rounds in turn, one core; Python {python}")
    for what, some in runs.items():
        print(f"\n{what}:\n")
        report(some)
    if arguments.json:
        plain = {what: {k: [vars(run) for run in v] for k, v in some.items()} for what, some in runs.items()}
        arguments.json.write_text(json.dumps(plain, indent=1))


if __name__ == "__main__":
    main()
