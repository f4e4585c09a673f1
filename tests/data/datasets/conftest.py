"""Data sets of a few files; a reader looks at names and tables and never opens a recording."""

from collections.abc import Callable
from pathlib import Path

import pytest

from timbre.data.clips import Clip
from timbre.data.datasets import DATA_SETS


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """`write("folder/table.csv", "a,b", ...)`: a text file of these lines, empty without any."""

    def make(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return make


@pytest.fixture
def clips_of(tmp_path) -> Callable[[str], dict[str, Clip]]:
    """The clips that a data set's reader finds in `tmp_path`, by file name."""

    def read(name: str) -> dict[str, Clip]:
        clips = list(DATA_SETS[name].clips(tmp_path))
        by_name = {Path(clip.path).name: clip for clip in clips}
        assert len(by_name) == len(clips)
        return by_name

    return read
