"""What an archive holds, zip and tar alike: its members with safe relative paths, or an error.

Checked by hand and not by `tarfile`'s filters, which early releases of Python 3.11 lack.
"""

import errno
import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

from timbre.errors import TimbreError

ZIP_SUFFIX = ".zip"
TAR_SUFFIXES = (".tar.gz", ".tgz", ".tar")
MAX_HEADER_BYTES = 1 << 24  # of one member of a tar; tarfile reads it into memory whole
_READ_BYTES = 1 << 20
_UTF8_NAME, _ENCRYPTED = 0x800, 0x1  # flags of a zip's member
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LITTER = ("__MACOSX", ".DS_Store")  # what macOS adds to every archive
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError,
    NotImplementedError, NotADirectoryError, IsADirectoryError, FileExistsError,
    ValueError, IndexError, struct.error,  # headers that make no sense
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A file of an archive; `size_bytes` is what its header says."""

    path: PurePosixPath
    size_bytes: int
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """By its name."""
    return stem_of(path) != path.name


def stem_of(archive: Path) -> str:
    """Its name without the suffix that makes it an archive."""
    for suffix in (ZIP_SUFFIX, *TAR_SUFFIXES):
        stem = archive.name[: -len(suffix)]
        if archive.name.lower().endswith(suffix) and stem.strip("."):  # `...zip` would unpack into `..`
            return stem
    return archive.name


@contextmanager
def broken_archive_told(archive: Path) -> Iterator[None]:
    """Turns what the readers of archives raise into `bad_archive`, naming it."""
    try:
        yield
    except _BROKEN:
        raise TimbreError("bad_archive", f"{archive.name} is broken.") from None
    except OSError as error:
        if error.errno != errno.EINVAL:  # a header that points before the beginning
            raise
        raise TimbreError("bad_archive", f"{archive.name} is broken.") from None


def members(archive: Path) -> Iterator[Member]:
    """The files of an archive, each to be read before the next is asked for.

    Raises
    ------
    TimbreError
        `unsafe_archive` for a path that leads out, a link or a device; `bad_archive` when encrypted.
    """
    if archive.name.lower().endswith(ZIP_SUFFIX):
        return _zip_members(archive)
    return _tar_members(archive)


def declared_bytes(archive: Path) -> int | None:
    """What the archive says that its files take; None for a tar, which says it only bit by bit."""
    if not archive.name.lower().endswith(ZIP_SUFFIX):
        return None
    with zipfile.ZipFile(archive) as file:
        return sum(info.file_size for info in file.infolist())


def _zip_members(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            path = _safe_path(_zip_name(info), archive)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if info.flag_bits & _ENCRYPTED:
                message = f"{archive.name} is encrypted."
                raise TimbreError("bad_archive", message, "Ask the data set's owners for an open one.")
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise unsafe(archive, f"its {path} is a link or a device")
            if not info.is_dir() and path.parts and not _is_litter(path):
                yield Member(path, info.file_size, partial(file.open, info))


def _tar_members(archive: Path) -> Iterator[Member]:
    with _tar_stream(archive) as packed:
        stream = _Granted(packed, archive)
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as file:
            yield from _members_of_tar(file, stream, archive)
        while stream.read(_READ_BYTES):  # gzip compares its checksum only at the very end
            pass


class _Granted:
    """A tar as a stream of no more than the members that were announced, each with its headers."""

    def __init__(self, stream: IO[bytes], archive: Path):
        self._stream, self._archive = stream, archive
        self._left_bytes = MAX_HEADER_BYTES

    def grant(self, size_bytes: int) -> None:
        """A member of this size may follow."""
        self._left_bytes = size_bytes + MAX_HEADER_BYTES

    def read(self, n_bytes: int) -> bytes:
        """As a file does it."""
        block = self._stream.read(n_bytes)
        self._left_bytes -= len(block)
        if self._left_bytes < 0:
            raise unsafe(self._archive, "it holds more than its headers announce")
        return block


def _members_of_tar(file: tarfile.TarFile, stream: _Granted, archive: Path) -> Iterator[Member]:
    for info in file:
        stream.grant(info.size)
        path = _safe_path(_tar_name(info.name), archive)
        if not (info.isreg() or info.isdir()):
            raise unsafe(archive, f"its {path} is a link or a device")
        if info.isreg() and path.parts and not _is_litter(path):
            yield Member(path, info.size, partial(_extracted, file, info))


def _tar_stream(archive: Path) -> IO[bytes]:
    is_plain = archive.name.lower().endswith(".tar")
    return archive.open("rb") if is_plain else cast(IO[bytes], gzip.open(archive))


def _extracted(file: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    extracted = file.extractfile(info)
    assert extracted is not None  # it is a regular file
    return extracted


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A name without the UTF-8 flag was read as code page 437, but most who leave it out mean UTF-8."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    return _decoded(info.filename.encode("cp437"), "cp437")


def _tar_name(name: str) -> str:
    return _decoded(name.encode("utf-8", "surrogateescape"), "latin-1")


def _decoded(name: bytes, other: str) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode(other)


def _safe_path(name: str, archive: Path) -> PurePosixPath:
    name = name.replace("\\", "/")
    path = PurePosixPath(name)
    has_drive = path.parts[:1] and path.parts[0].endswith(":")
    if path.is_absolute() or has_drive or ".." in path.parts or _CONTROL.search(name):
        raise unsafe(archive, f"it would write to {name!r}")
    return path


def _is_litter(path: PurePosixPath) -> bool:
    return any(part in _LITTER or part.startswith("._") for part in path.parts)


def unsafe(archive: Path, why: str) -> TimbreError:
    """The error for an archive that is not what a data set looks like."""
    return TimbreError("unsafe_archive", f"{archive.name} is not unpacked: {why}.")
