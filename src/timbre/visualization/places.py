"""Where a report finds what it tells of; read without drawing anything."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Folders of a checkpoint, its run, and what it learned from; only the checkpoint must be there."""

    model: Path
    run_dir: Path
    windows_dir: Path
    table_dir: Path
    decoded_dir: Path
