"""Thousands of spoiled files, uploaded to a real server: what it makes of them, and what is left of it.

    python benchmarks/fuzz_uploads.py [--files 3000] [--seed 0] [--at-once 4]

Starts a server of its own on loopback. Each file is a real small one of a format that the service takes,
spoiled by `tests/fuzzing.py`; one that the server takes wrongly is kept in `--keep` and its name printed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fuzzing import Outcome, make_files, mutated, try_on

LIMIT_S = 120.0  # of one file, from the first request to its end
START_S = 120.0
CLEAN = "pcm.wav"
NO_LIMITS = {
    "TIMBRE_SONGS_PER_MINUTE": "0",
    "TIMBRE_REQUESTS_PER_MINUTE": "0",
}  # it all comes from one address
_MB = 1 << 20


@contextmanager
def serving(data_dir: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server on a free port, and its address."""
    given = {"TIMBRE_DATA_DIR": str(data_dir), "HOST": "127.0.0.1", "PORT": "0"} | NO_LIMITS
    log = data_dir / "log.txt"
    with log.open("w") as out:
        command = [str(Path(sys.executable).with_name("timbre")), "serve"]
        process = subprocess.Popen(command, env={**os.environ, **given}, stdout=out, stderr=out)
    try:
        yield process, address(process, log)
    finally:
        process.terminate()
        process.wait()


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it listens, once it does."""
    deadline_s = time.monotonic() + START_S
    while time.monotonic() < deadline_s and process.poll() is None:
        if found := re.search(r"http://[^\s\"]+", log.read_text()):
            return found[0]
        time.sleep(0.1)
    raise SystemExit(f"The server does not start:\n{log.read_text()}")


def family(pid: int) -> list[Path]:
    """A process and all its descendants, as folders of /proc."""
    found = [Path(f"/proc/{pid}")]
    for children in found[0].glob("task/*/children"):
        for child in children.read_text().split():
            found += family(int(child))
    return found


def resident_mb(pid: int) -> float:
    """Memory of the server and its children."""
    return (
        sum(int((one / "statm").read_text().split()[1]) for one in family(pid))
        * os.sysconf("SC_PAGE_SIZE")
        / _MB
    )


def decoders(pid: int) -> int:
    """Children of the server that are ffmpeg."""
    return sum("ffmpeg" in (one / "comm").read_text() for one in family(pid))


def difference(before: Outcome, after: Outcome) -> float:
    """The largest difference of a probability between two taggings of the same song."""
    one, other = ([row["probabilities"] for row in outcome.song["segments"]] for outcome in (before, after))
    return float(np.abs(np.array(one) - np.array(other)).max())


def report(outcomes: list[Outcome]) -> None:
    """Print how many ended in what, the slowest of each, and what must not have been."""
    print("\n| ended as | HTTP status | files | slowest, s |\n|---|--:|--:|--:|")
    ends = Counter((one.says, one.status) for one in outcomes)
    for (says, status), n in ends.most_common():
        slowest_s = max(one.seconds for one in outcomes if (one.says, one.status) == (says, status))
        print(f"| {says} | {status} | {n:,} | {slowest_s:.1f} |")
    print(f"\nTaken wrongly: {sum(bool(one.wrong) for one in outcomes)} of {len(outcomes):,}")


def run(n_files: int, seed: int, at_once: int, keep: Path) -> bool:
    """Upload them all and print what was seen; whether all was well."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (server, url):
        files = make_files()

        def one(case: tuple[str, bytes]) -> Outcome:
            outcome = try_on(url, Path(folder) / "songs", *case, LIMIT_S)
            if outcome.wrong:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / case[0].replace(" ", "_")).write_bytes(case[1])
                print(f"{outcome.name}: {outcome.wrong}", flush=True)
            return outcome

        before, cases = one((CLEAN, files[CLEAN])), mutated(files, n_files, seed)
        with ThreadPoolExecutor(at_once) as pool:
            outcomes = list(pool.map(one, islice(cases, n_files // 10)))
            before_mb = resident_mb(server.pid)
            outcomes += pool.map(one, cases)
        after, after_mb = one((CLEAN, files[CLEAN])), resident_mb(server.pid)
        report(outcomes)
        ready = requests.get(f"{url}/readyz", timeout=LIMIT_S).status_code
        left = [path for path in (Path(folder) / "songs").rglob("*") if path.is_file()]
        print(f"Memory: {before_mb:.0f} MB after a tenth of the songs, {after_mb:.0f} MB after the last")
        print(f"Decoders left: {decoders(server.pid)}; files left: {len(left)}; /readyz: {ready}")
        print(f"A clean song before and after differs by {difference(before, after):g}")
        wrong = any(outcome.wrong for outcome in (before, after, *outcomes))
        return not wrong and not left and ready == 200 and decoders(server.pid) == 0


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Upload thousands of spoiled files to a real server.")
    parser.add_argument("--files", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--at-once", type=int, default=4, help="uploads under way at a time")
    parser.add_argument("--keep", type=Path, default=Path("spoiled"), help="folder for files taken wrongly")
    arguments = parser.parse_args()
    if not run(arguments.files, arguments.seed, arguments.at_once, arguments.keep):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
