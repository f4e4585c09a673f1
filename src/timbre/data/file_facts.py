"""What is true of each file of sound: length, digest, and whether anything can be heard in it.

Every file is decoded whole once. The findings are a log of one line a file, appended as they come,
so that an interrupted run goes on and a later one looks only at files that are new or changed.
"""

import json
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tqdm import tqdm

from timbre.data.disk import full_disk_told, write_errors_told
from timbre.data.parallel import spread
from timbre.data.waveform import measure
from timbre.errors import TimbreError
from timbre.files import file_sha256

FACTS_FILE = "facts.jsonl"
SILENT_PEAK = 1e-4  # -80 dB of full scale
MISSING, EMPTY, SILENT, UNREADABLE = "missing", "empty", "silent", "unreadable"
BAD_NAME = "its name is not UTF-8"


@dataclass(frozen=True)
class FileFacts:
    """Findings about one file.

    Attributes
    ----------
    size_bytes, mtime_ns
        By which a file that changed is known.
    problem
        One of this module's words, empty for a good file.
    """

    path: str
    size_bytes: int = 0
    mtime_ns: int = 0
    duration_s: float = 0.0
    sha256: str = ""
    problem: str = ""


def examined(
    paths: Iterable[Path], log: Path | None = None, scheduler: str | None = None, title: str = "checking"
) -> dict[str, FileFacts]:
    """The facts of every path, by path; what the log holds of unchanged files is not found out again.

    Parameters
    ----------
    scheduler
        As for `timbre.data.parallel.spread`.
    title
        What the progress bar says.

    Raises
    ------
    TimbreError
        `disk_full` or `file_unreadable` where the log cannot be written.
    """
    wanted = dict.fromkeys(map(str, paths))
    logged = {facts.path: facts for facts in _read_log(log) if facts.path in wanted} if log else {}
    known = {path: facts for path, facts in logged.items() if _is_current(facts)}
    facts_of = {path: known[path] for path in wanted if path in known}
    missing = [path for path in wanted if path not in known]
    progress = tqdm(spread(examine, missing, scheduler=scheduler), title, len(missing), unit="file")
    for facts in _logged(progress, log) if log and missing else progress:
        facts_of[facts.path] = facts
    return facts_of


def examine(path: str) -> FileFacts:
    """Decode a file and compute its digest; never raises for what is wrong with the file."""
    file = Path(path)
    try:
        path.encode()
        status = file.stat()
    except UnicodeEncodeError:
        return FileFacts(path, problem=BAD_NAME)
    except (OSError, ValueError):  # ValueError: a path with a zero byte
        return FileFacts(path, problem=MISSING)
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for
        return FileFacts(path, problem=UNREADABLE)
    seen = FileFacts(path, status.st_size, status.st_mtime_ns)
    try:
        heard, sha256 = measure(file), file_sha256(file)
    except (OSError, TimbreError):
        return replace(seen, problem=UNREADABLE if seen.size_bytes else EMPTY)
    problem = "" if heard.peak > SILENT_PEAK else SILENT if heard.duration_s else EMPTY
    return replace(seen, duration_s=heard.duration_s, sha256=sha256, problem=problem)


def _is_current(facts: FileFacts) -> bool:
    if facts.problem == UNREADABLE:  # perhaps by its permissions, which leave its time as it was
        return False
    try:
        status = Path(facts.path).stat()
    except OSError:
        return False
    return (status.st_size, status.st_mtime_ns) == (facts.size_bytes, facts.mtime_ns)


def _read_log(log: Path) -> Iterator[FileFacts]:
    if not log.exists():
        return
    with log.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                yield FileFacts(**json.loads(line))
            except (json.JSONDecodeError, TypeError):
                continue  # a line that an interruption cut short


def _logged(findings: Iterable[FileFacts], log: Path) -> Iterator[FileFacts]:
    with write_errors_told(log.parent):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
    with full_disk_told(log), log.open("a", encoding="utf-8") as file:
        file.write("\n")  # ends a line that an interruption cut short
        for facts in findings:
            file.write(json.dumps(asdict(facts)) + "\n")
            file.flush()
            yield facts
