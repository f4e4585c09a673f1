"""CPU time of a mix, drawn and rendered to its log-mel window, beside the naive way.

    python benchmarks/mixing_speed.py [--rounds 5] [--mixes 100]

The naive way loads two whole files with librosa for every mix, adds them and lets librosa make the mel
spectrogram, once of all of it and once of the three seconds that a window has. All take turns on one
core, round after round, on a collection that is made first; the ratio is taken within a round.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
from collection import make_collection
from threadpoolctl import threadpool_limits

from timbre.audio.front_end import FRONT_END
from timbre.features.material import Material, decode_table
from timbre.features.mix_audio import N_SAMPLES, MixRenderer
from timbre.features.mix_plan import MixPlan, SourcePlan
from timbre.features.mixer import Mixer
from timbre.taxonomy import INSTRUMENTS

SCALE_MIXES, SCALE_CORES = 30_000, 2

Work = Callable[[int], None]  # makes the mix of this number


def timbre_way(index: pd.DataFrame, decoded: Path) -> Work:
    """As `timbre mix` and `timbre spectrograms` do it, one to five sources, effects and truth included."""
    mixer, renderer = Mixer(index), renderer_of(index, decoded)

    def make(number: int) -> None:
        renderer.window(mixer.plan("mix", number))

    return make


def plain_way(index: pd.DataFrame, decoded: Path) -> Work:
    """Timbre, but with no more in a mix than the naive way puts there: two clips at their loudness."""
    renderer, ids = renderer_of(index, decoded), index["clip_id"].tolist()

    def make(number: int) -> None:
        rng = np.random.default_rng(number)
        chosen = [ids[k] for k in rng.choice(len(ids), 2, replace=False)]
        sources = [SourcePlan("piano", (clip,), "crop", 0.0, 1.0, 1.0, seed=number) for clip in chosen]
        renderer.window(MixPlan("mix", tuple(sources)))

    return make


def renderer_of(index: pd.DataFrame, decoded: Path) -> MixRenderer:
    """A renderer with all labels."""
    return MixRenderer(Material(index, decoded), tuple(instrument.id for instrument in INSTRUMENTS))


def naive_way(table: pd.DataFrame, *, whole: bool) -> Work:
    """Two sources, no effects, and the label of each whether it can be heard or not."""
    paths = [Path(root) / path for root, path in zip(table["root"], table["path"], strict=True)]

    def make(number: int) -> None:
        rng = np.random.default_rng(number)
        chosen = [paths[k] for k in rng.choice(len(paths), 2, replace=False)]
        sounds = [librosa.load(path, sr=FRONT_END.sample_rate_hz)[0] for path in chosen]
        longest = max(map(len, sounds))
        mix = sum(np.pad(sound, (0, longest - len(sound))) for sound in sounds)
        power = librosa.feature.melspectrogram(
            y=mix if whole else librosa.util.fix_length(mix, size=N_SAMPLES),
            sr=FRONT_END.sample_rate_hz,
            n_fft=FRONT_END.n_fft,
            hop_length=FRONT_END.hop_length,
            n_mels=FRONT_END.n_mels,
        )
        librosa.power_to_db(power)

    return make


def cpu_s(work: Work, numbers: range) -> float:
    """CPU time of making these mixes."""
    before = time.process_time()
    for number in numbers:
        work(number)
    return time.process_time() - before


def measure(ways: dict[str, Work], n_rounds: int, n_mixes: int) -> dict[str, list[float]]:
    """CPU seconds a mix of every way in every round; a round before them is not counted."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for round_number in range(n_rounds + 1):
        numbers = range(round_number * n_mixes, (round_number + 1) * n_mixes)
        for name, work in ways.items():
            times[name].append(cpu_s(work, numbers) / n_mixes)
    return {name: values[1:] for name, values in times.items()}


def report(times: dict[str, list[float]]) -> None:
    """Print a table: medians over the rounds, ratios with their range."""
    print(f"| way | CPU ms a mix | {SCALE_MIXES:,} on {SCALE_CORES} cores, min | CPU, Timbre = 1 (range) |")
    print("|---|--:|--:|--:|")
    for name, theirs in times.items():
        ratios = [their / our for their, our in zip(theirs, times["Timbre"], strict=True)]
        middle_s = statistics.median(theirs)
        minutes = middle_s * SCALE_MIXES / SCALE_CORES / 60
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        print(f"| {name} | {1000 * middle_s:.1f} | {minutes:.1f} | {spread} |")


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Compare the speed of mixing with the naive way.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mixes", type=int, default=100, help="a round")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with threadpool_limits(1), tempfile.TemporaryDirectory() as name:
        table = make_collection(Path(name) / "table")
        before = time.process_time()
        index = decode_table(table, Path(name) / "decoded")
        decoding_ms = 1000 * (time.process_time() - before) / len(table)
        ways = {
            "Timbre": timbre_way(index, Path(name) / "decoded"),
            "Timbre, two plain sources": plain_way(index, Path(name) / "decoded"),
            "naive": naive_way(table, whole=True),
            "naive, three seconds of it": naive_way(table, whole=False),
        }
        times = measure(ways, arguments.rounds, arguments.mixes)
    seconds = table["duration_s"].mean()
    print(f"{len(table)} clips of {seconds:.1f} s; {arguments.rounds} rounds of {arguments.mixes} in turn\n")
    report(times)
    print(f"\nTimbre decodes every clip once: {decoding_ms:.1f} CPU ms a clip, not in the table above.")


if __name__ == "__main__":
    main()
