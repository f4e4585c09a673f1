"""Corrections as recordings to learn from: a zip that `timbre data add-folder` reads once unpacked.

Each piece of the song that something was said of is a clip: what is missing there is known to sound,
what is wrong is known not to, and all else stays unknown.
"""

import csv
import io
import secrets
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from timbre.app.corrections import Piece
from timbre.audio.decode import DecodeLimits, Decoder
from timbre.audio.encode import write_flac
from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import Waveform
from timbre.errors import TimbreError
from timbre.files import file_sha256

LIST_FILE = "corrections.csv"
_COLUMNS = ("path", "label", "absent", "group", "kind", "model")
_KIND = "mix"  # music of several sources, of which only the corrected ones are known
_DIGEST_DIGITS = 16
_README = """\
Clips of a song in which somebody corrected what Timbre heard. {list_file} says of each clip which
instruments sound in it (label) and which do not (absent); of all others nothing is known.
To learn from them, beside your other recordings:

timbre data add-folder {folder} --name corrections --csv {folder}/{list_file} \\
  --absent-column absent --group-column group --kind-column kind

The clips are as free as the song they were cut from.
"""
_at_work = threading.Lock()  # to decode a song takes a processor for seconds


def write_archive(song: Path, pieces: Sequence[Piece], model: str, limits: DecodeLimits) -> IO[bytes]:
    """The zip of these pieces of the song, as a file without a name that is gone when it is closed.

    The folder in it and the group of its clips are named by the song's digest: the same recording is the
    same group, whoever uploaded it.

    Raises
    ------
    TimbreError
        `queue_full` while another one is written, `not_found` when the song is deleted meanwhile.
    """
    if not _at_work.acquire(blocking=False):
        raise TimbreError("queue_full", "Another song is being cut into clips.")
    try:
        archive = tempfile.TemporaryFile(dir=song.parent)  # noqa: SIM115  # handed to whoever sends it
        try:
            _write(archive, song, pieces, model, limits)
        except BaseException:
            archive.close()
            raise
    except FileNotFoundError:
        raise TimbreError("not_found") from None
    finally:
        _at_work.release()
    archive.seek(0)
    return archive


def _write(archive: IO[bytes], song: Path, pieces: Sequence[Piece], model: str, limits: DecodeLimits) -> None:
    group = file_sha256(song)[:_DIGEST_DIGITS]
    folder = f"timbre-corrections-{group}"
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(_COLUMNS)
    clip = song.with_name(f"{secrets.token_hex(8)}.flac")
    # Flac does not get smaller by another compression.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
        for piece, waveform in zip(pieces, _cut(song, pieces, limits), strict=False):
            path = f"{group}/{piece.start_s:08.2f}-{piece.end_s:08.2f}.flac"
            try:
                write_flac(waveform, clip, limits)
                zipped.write(clip, f"{folder}/{path}")
            finally:
                clip.unlink(missing_ok=True)
            writer.writerow([path, ";".join(piece.present), ";".join(piece.absent), group, _KIND, model])
        zipped.writestr(f"{folder}/{LIST_FILE}", rows.getvalue())
        zipped.writestr(f"{folder}/README.txt", _README.format(folder=folder, list_file=LIST_FILE))


def _cut(song: Path, pieces: Iterable[Piece], limits: DecodeLimits) -> Iterator[Waveform]:
    """The waveform of each piece; the song is decoded once, and not beyond the last of them."""
    with Decoder(song, limits=limits) as decoder:
        arriving = iter(decoder)
        held = np.empty(0, dtype=np.float32)
        held_from = 0  # the number of the first sample in `held`
        for piece in pieces:
            first, after = (round(t * FRONT_END.sample_rate_hz) for t in (piece.start_s, piece.end_s))
            while held_from + len(held) < after and (more := next(arriving, None)) is not None:
                forgotten = min(len(held), max(0, first - held_from))
                held = np.concatenate([held[forgotten:], more])
                held_from += forgotten
            yield held[max(0, first - held_from) : after - held_from]
