"""Where a folder's content came from: a line for every step that wrote into it."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import timbre
from timbre.files import write_json

PROVENANCE_FILE = "provenance.json"
_CODE = Path(timbre.__file__).resolve().parents[2]  # the checkout, where it is one


def write_provenance(folder: Path, step: str, facts: dict[str, Any]) -> None:
    """Record a step in `folder/provenance.json`; a step that is run again replaces its record."""
    path = folder / PROVENANCE_FILE
    steps = _read(path)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    steps[step] = {"when": when, "version": timbre.__version__, "commit": git_commit(), **facts}
    write_json(path, steps)


def _read(path: Path) -> dict[str, Any]:
    """The records so far; a file that holds none is kept under another name, and begun anew."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError):
        os.replace(path, path.with_name(f"{path.name}.damaged"))
        return {}


def git_commit() -> str | None:
    """The commit of the checkout that this code runs from; None outside one.

    A repository in which the code is only installed, or that is worked in, is another one.
    """
    command = ["git", "-C", str(_CODE), "rev-parse", "--show-toplevel", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    top, _, commit = done.stdout.strip().partition("\n")
    return commit if done.returncode == 0 and Path(top) == _CODE else None
