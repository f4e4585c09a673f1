"""What a data set is: where its files are, its licence, what its labels mean, how it is read."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from timbre.data.clips import Clip, Meaning
from timbre.errors import TimbreError

# What readers stumble over in JSON, arrays and folders that are not what their data set publishes.
_NOT_AS_PUBLISHED = (KeyError, TypeError, ValueError, AttributeError, EOFError, BadZipFile, OSError)


@dataclass(frozen=True)
class Remote:
    """A file on its host.

    Attributes
    ----------
    address
        `zenodo:<record>/<file>`, `kaggle:<owner>/<data set>`, or an `https://` address.
    size_bytes
        About: what a dry run says, which asks no host; a download goes by the size that the host states.
    md5
        Hex digest, only where it is known for certain; Zenodo states its own in the record.
    """

    address: str
    size_bytes: int
    md5: str | None = None

    @property
    def file_name(self) -> str:
        """Name of the file on this disk."""
        name = self.address.rsplit("/", 1)[-1]
        return f"{name}.zip" if self.address.startswith("kaggle:") else name


@dataclass(frozen=True)
class DataSet:
    """What a module of `timbre.data.datasets` says, in the order in which it says it."""

    name: str
    title: str
    home: str
    remotes: tuple[Remote, ...]
    license: str
    citation: str
    n_clips: int | None
    classes: Mapping[str, Meaning]
    read: Callable[[Path], Iterator[Clip]]

    def clips(self, folder: Path) -> Iterator[Clip]:
        """The clips in the data set's folder, their groups apart from those of any other data set.

        Raises
        ------
        TimbreError
            `unknown_label`, `bad_table`, or `file_unreadable` where a list of the clips is missing.
        """
        try:
            for clip in self.read(folder):
                yield replace(clip, dataset=self.name, group=f"{self.name}/{clip.group}")
        except _NOT_AS_PUBLISHED as error:
            message = f"What is in {folder} does not have the form of {self.title}: {error!r}."
            raise TimbreError("bad_table", message, "Download the data set again.") from error


def meaning_of(label: str, classes: Mapping[str, Meaning], file: Path) -> Meaning:
    """What a label means; `file` is where it stands.

    Raises
    ------
    TimbreError
        With the label and the file, when there is no entry for it.
    """
    try:
        return classes[label]
    except KeyError:
        raise TimbreError(
            "unknown_label", f"The label {label!r} in {file} is not mapped to an instrument."
        ) from None


def existing(path: Path) -> Path:
    """The path of a file or folder without which a data set cannot be read.

    Raises
    ------
    TimbreError
        When it is not there.
    """
    if not path.exists():
        raise TimbreError("file_unreadable", f"{path} is missing.", "Download the data set again.")
    return path


def read_json(path: Path) -> Any:
    """What a JSON file of a data set holds.

    Raises
    ------
    TimbreError
        When it is not there or no JSON.
    """
    try:
        return json.loads(existing(path).read_text(encoding="utf-8"))
    except ValueError:
        raise TimbreError("bad_table", f"{path} is not JSON.") from None
