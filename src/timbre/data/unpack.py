"""Archives into a folder: nothing outside it, nothing beyond a limit, and all of it or nothing.

An archive is unpacked beside its place and moved when it is complete. Archives within it are unpacked
where they lie, into a folder of their own name.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from timbre.data.archive_members import (
    Member,
    broken_archive_told,
    declared_bytes,
    is_archive,
    members,
    stem_of,
    unsafe,
)
from timbre.data.disk import full_disk_told, readable_bytes, require_room
from timbre.data.progress import Progress, no_progress
from timbre.data.raw_folder import RESERVED

MAX_FILES = 2_000_000
MAX_RATIO = 50  # of unpacked to packed bytes; recorded sound stays below 10
SMALL_BYTES = 1 << 30  # no bomb, whatever its ratio
MAX_DEPTH = 3  # an archive, the archives in it, and those in them
_BLOCK_BYTES = 1 << 20


@dataclass
class Unpacked:
    """What has come out of an archive so far, and what may."""

    max_bytes: int
    n_files: int = 0
    size_bytes: int = 0
    progress: Progress = no_progress
    total_bytes: int | None = None

    def count(self, archive: Path, n_bytes: int, n_files: int = 0) -> None:
        """Add what was written."""
        self.n_files += n_files
        self.size_bytes += n_bytes
        self.check(archive)
        self.progress(self.size_bytes, self.total_bytes)

    def check(self, archive: Path, more_bytes: int = 0) -> None:
        """Whether this, and `more_bytes` that headers announce, may be.

        Raises
        ------
        TimbreError
            `unsafe_archive` when it is more than any data set of this size holds.
        """
        if self.n_files > MAX_FILES:
            raise unsafe(archive, f"it holds more than {MAX_FILES:,} files")
        if self.size_bytes + more_bytes > self.max_bytes:
            raise unsafe(archive, f"it would grow to more than {readable_bytes(self.max_bytes)}")


def unpack(archive: Path, folder: Path, progress: Progress = no_progress) -> Unpacked:
    """Unpack a zip, tar or tar.gz into `folder`, over what an earlier attempt may have left there.

    Raises
    ------
    TimbreError
        `unsafe_archive`, `bad_archive`, `disk_full`; then nothing of it is in `folder`.
    """
    max_bytes = max(SMALL_BYTES, MAX_RATIO * archive.stat().st_size)
    unpacked = Unpacked(max_bytes, progress=progress)
    temporary = temporary_of(archive)
    discard_leftovers(archive)
    try:
        _extract(archive, temporary, unpacked)
        _unpack_inner(temporary, unpacked, depth=2)
        for name in RESERVED:
            if (temporary / name).exists():
                raise unsafe(archive, f"it holds {name}, a name kept for something else")
        _move_content(temporary, folder)
    finally:
        discard_leftovers(archive)
    return unpacked


def temporary_of(archive: Path) -> Path:
    """Folder beside an archive in which it is unpacked."""
    return archive.with_name(f"{archive.name}.unpacked")


def discard_leftovers(archive: Path) -> None:
    """Give back the room that a process took which was killed while it unpacked."""
    shutil.rmtree(temporary_of(archive), ignore_errors=True)


def _extract(archive: Path, folder: Path, unpacked: Unpacked) -> None:
    with broken_archive_told(archive):
        folder.mkdir(parents=True, exist_ok=True)
        declared = declared_bytes(archive)
        if declared is not None:
            unpacked.total_bytes = unpacked.size_bytes + declared
            unpacked.check(archive, declared)
            require_room(folder, declared)
        for member in members(archive):
            unpacked.check(archive, member.size_bytes)
            _write(archive, member, folder, unpacked)


def _write(archive: Path, member: Member, folder: Path, unpacked: Unpacked) -> None:
    target = folder / member.path
    target.parent.mkdir(parents=True, exist_ok=True)
    unpacked.count(archive, 0, n_files=1)
    with full_disk_told(target), member.open() as source, target.open("wb") as file:
        while block := source.read(_BLOCK_BYTES):
            unpacked.count(archive, len(block))
            file.write(block)


def _unpack_inner(folder: Path, unpacked: Unpacked, depth: int) -> None:
    for archive in sorted(path for path in folder.rglob("*") if path.is_file() and is_archive(path)):
        if depth > MAX_DEPTH:
            raise unsafe(archive, f"it lies in {MAX_DEPTH} other archives, one in the other")
        inner = archive.with_name(stem_of(archive))
        _extract(archive, inner, unpacked)
        archive.unlink()
        _unpack_inner(inner, unpacked, depth + 1)


def _move_content(source: Path, folder: Path) -> None:
    """Every file of `source` to its place below `folder`; whole folders at once where they are new."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()):
        target = folder / path.name
        if path.is_dir() and target.is_dir():
            _move_content(path, target)
        else:
            os.replace(path, target)
