"""Time and memory of `timbre mix` and `timbre spectrograms` as the number of mixes grows.

    python benchmarks/data_scale.py [--mixes 1000 10000 100000] [--table FOLDER] [--folder FOLDER]

Every run is the command itself, in a process of its own. Without `--table` it mixes a small collection
that is made first. A window takes 77 KB of disk; each number of mixes is removed before the next.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from collection import make_collection


@dataclass(frozen=True)
class Cost:
    """What a command and the processes that it started took; memory is that of the largest of them."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def run(*arguments: object) -> Cost:
    """Run `timbre` with these arguments; its output goes nowhere, its errors to the terminal."""
    timbre = Path(sys.executable).with_name("timbre")
    started = time.perf_counter()
    process = subprocess.Popen(
        [timbre, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(said)
    wall_s = time.perf_counter() - started
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def measure(n_mixes: int, table: Path, folder: Path) -> dict[str, Cost]:
    """Both commands for so many training mixes; clips are decoded before."""
    where = ("--table", table, "--decoded", folder / "decoded", "--windows", folder / "windows")
    counts = ("--train", n_mixes, "--validation", 0, "--test", 0)
    costs = {"mix": run("mix", *counts, *where), "spectrograms": run("spectrograms", *where)}
    shutil.rmtree(folder / "windows")
    return costs


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="How time and memory grow with the number of mixes.")
    parser.add_argument("--mixes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--table", type=Path, help="folder of a metadata table; else one is made")
    parser.add_argument("--folder", type=Path, help="where to work, a new folder there; else a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        if arguments.table is None:
            make_collection(folder / "table")
        table = arguments.table or folder / "table"
        measure(1, table, folder)  # decodes the clips
        print("| mixes | step | wall s | CPU s | CPU ms a mix | peak MB of a process |")
        print("|--:|---|--:|--:|--:|--:|", flush=True)
        for n_mixes in arguments.mixes:
            for step, cost in measure(n_mixes, table, folder).items():
                cells = (
                    f"{n_mixes:,}",
                    step,
                    f"{cost.wall_s:.1f}",
                    f"{cost.cpu_s:.1f}",
                    f"{1000 * cost.cpu_s / n_mixes:.1f}",
                    f"{cost.peak_bytes / 1e6:.0f}",
                )
                print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
