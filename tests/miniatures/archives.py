"""Archives with the same bytes at every making: no times, no owners."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

# Of a Mac's own notes beside a file, which some of the real archives carry: not what their suffix says.
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(40)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of these paths and contents."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for path, content in files.items():
            target.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A tar.gz of these paths and contents."""
    archive = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=archive, mode="wb", mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w") as target,
    ):
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            target.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def csv_text(header: str, rows: list[tuple[object, ...]]) -> bytes:
    """A CSV file; cells with a comma or a quote are quoted."""
    lines = [header, *(",".join(_cell(str(value)) for value in row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders on its way."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _cell(value: str) -> str:
    quoted = value.replace('"', '""')
    return f'"{quoted}"' if "," in value or '"' in value else value
