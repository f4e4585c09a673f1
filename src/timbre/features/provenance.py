"""Where a folder's content came from: a line for every step that wrote into it."""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from timbre import __version__
from timbre.files import write_json
from timbre.paths import PROJECT_ROOT

PROVENANCE_FILE = "provenance.json"


def write_provenance(folder: Path, step: str, facts: dict[str, Any]) -> None:
    """Record a step in `folder/provenance.json`; a step that is run again replaces its record."""
    path = folder / PROVENANCE_FILE
    steps = _read(path)
    when = datetime.now(UTC).isoformat(timespec="seconds")
    steps[step] = {"when": when, "version": __version__, "commit": git_commit(), **facts}
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
    """The commit of the checkout, or None outside one."""
    command = ["git", "-C", str(PROJECT_ROOT), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
