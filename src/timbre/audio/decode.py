"""Any file, or a stream that is still arriving, to mono float32 pieces of waveform.

The ffmpeg child that does the work is trusted with nothing: it may open only the containers of
`container.DEMUXERS` and decode only sound (`container.DECODERS`: the pictures in a file are never
looked at), it reads its standard input alone, and it has limits on samples, time and memory. Limits are
held against what was decoded, never against what a header says.

Files and streams take the same way (bytes into the child's standard input), so the command line
and the server hear the same samples.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self

import numpy as np

from timbre.audio.container import DECODERS, DEMUXERS, HEAD_BYTES, mp4_streams, ogg_is_complete, sniff
from timbre.audio.ffmpeg import Child, ChildLimits
from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import Waveform
from timbre.audio.mp3 import TAGGED_FRAME_BYTES, Mp3Header, mp3_header, without_id3
from timbre.audio.mp4 import index_in_front, no_index
from timbre.errors import TimbreError

SHORTEST_S = 0.1
# A stranger's file, wherever ffmpeg is given one, and what of it may come out.
UNTRUSTED_INPUT = (
    *("-protocol_whitelist", "pipe", "-format_whitelist", DEMUXERS, "-codec_whitelist", DECODERS),
    *("-i", "pipe:0"),
)
SOUND_ALONE = ("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1")
PIECE_BYTES = 1 << 16  # also how far into an mp4 the order of its boxes is looked for
_READ_BYTES = 1 << 20
_SAMPLE_BYTES = 4
# Left to itself, ffmpeg adds channels 3 dB louder where the codec counts in floats than where in integers.
_MEAN_OF_CHANNELS = "aresample=rematrix_maxval=1"
# A frame of a codec by itself is a few kilobytes, and to hand it over costs more than to decode it; ffmpeg's
# buffer holds a quarter of a second.
_IN_BLOCKS = ("-flush_packets", "0")
_TAIL_BYTES = 1 << 16
_TRUNCATED_S = 0.5  # lacking more than this of what its index promises, a song was cut off
_OUT_OF_ORDER = (
    "This file has its index at its end, and a pipe cannot be read from there.",
    "Give the file itself.",
)
_PADDING_SAMPLES = 2 * 1152  # an MP3 encoder adds less than two frames
# ffmpeg's own lines are told from a song's metadata by how they begin.
_CUT_OFF = re.compile(r"^(\[|pipe:|file:).*(partial file|ended prematurely|corrupt)", re.MULTILINE)
# A song's metadata stand among them, as long as it likes: none of these may try one place again and again.
_DURATION = re.compile(r"^  Duration: (\d{1,6}):(\d\d):(\d\d\.\d{1,6})", re.MULTILINE)
_TELLS_BIT_RATE = re.compile(r"^Input #0, (?:wav|aac|mp3),", re.MULTILINE)
_AUDIO_STREAM = re.compile(r"^ +Stream #0:\d[^\n]*?: Audio: ([^\n]*)\n", re.MULTILINE)  # a whole line
_CODEC = re.compile(r"\w+")
_BIT_RATE = re.compile(r"(\d{1,9}) kb/s")


@dataclass(frozen=True)
class DecodeLimits(ChildLimits):
    """What one decoding may use."""

    max_duration_s: float = 3 * 3600.0


@dataclass(frozen=True)
class RawFormat:
    """Samples without a container, as a microphone sends them: mono, little-endian."""

    sample_rate_hz: int
    codec: str = "f32le"  # or "s16le"


def needs_seeking(head: bytes) -> bool:
    """Whether the file that begins so can only be decoded whole: an mp4 with its index at the end.

    Raises
    ------
    TimbreError
        As `container.sniff`.
    """
    return sniff(head[:HEAD_BYTES]) == "mp4" and mp4_streams(head) is not True


def read_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece, in an order in which they can be decoded as they come.

    Raises
    ------
    TimbreError
        `file_unreadable`; `not_audio` for an mp4 without an index.
    """
    try:
        with path.open("rb") as file:
            piece = file.read(PIECE_BYTES)
            if piece[4:8] == b"ftyp" and mp4_streams(piece) is not True:
                if not file.seekable():
                    raise TimbreError("file_unreadable", *_OUT_OF_ORDER)
                yield from index_in_front(file, path.stat().st_size, PIECE_BYTES)
                return
            while piece:
                yield piece
                piece = file.read(PIECE_BYTES)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise TimbreError("file_unreadable", f"The file cannot be read: {reason}.") from None


class Decoder:
    """One decoding: iterate over it, once, for the waveform in pieces of any length.

    Parameters
    ----------
    source
        A path, the bytes of a file, or an iterable of pieces of them that may block while more is on its way.
    size_bytes
        The size of the whole, if known, for `duration_estimate_s`.
    raw
        The source has no container, only samples of this form.

    Attributes
    ----------
    n_samples
        Samples given out so far, at the front end's rate.
    truncated
        After the last piece: whether the file ended before its music did.

    Raises
    ------
    TimbreError
        While iterating: `file_unreadable`, `empty_file`, `not_audio`, `no_audio_stream`,
        `too_long`, `too_short`, `decoder_crashed`.
    """

    def __init__(
        self,
        source: str | Path | bytes | Iterable[bytes],
        *,
        limits: DecodeLimits | None = None,
        size_bytes: int | None = None,
        raw: RawFormat | None = None,
    ):
        self.n_samples = 0
        self.truncated = False
        self.limits = limits or DecodeLimits()
        self._path: Path | None = None
        if isinstance(source, str | Path):
            self._path = Path(source)
            source = read_pieces(self._path)
        elif isinstance(source, bytes):
            source = [source]
        self._pieces = iter(source)
        self._size_bytes = size_bytes or (
            self._path.stat().st_size if self._path and self._path.is_file() else None
        )
        self._raw = raw
        self._head, self._frame, self._tail = b"", b"", b""
        self._mp3: Mp3Header | None = None
        self._held: Waveform = np.empty(0, dtype=np.float32)  # padding, if nothing follows
        self._child: Child | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the decoding, whatever it is doing. Safe to call twice and from another thread."""
        self._closed = True
        if self._child:
            self._child.close()

    @property
    def duration_s(self) -> float:
        """Seconds decoded so far."""
        return self.n_samples / FRONT_END.sample_rate_hz

    @property
    def duration_estimate_s(self) -> float | None:
        """Seconds that the file is said to have; None while nothing says it."""
        if self._mp3 and self._mp3.duration_s:
            return self._mp3.duration_s
        return self._declared_duration_s() or self._duration_by_bit_rate_s()

    @property
    def codec(self) -> str | None:
        """Ffmpeg's name of the audio stream's codec, once it is known: `mp3`, `pcm_s16le` ..."""
        found = _CODEC.match(self._audio_stream())
        return found[0] if found else None

    def __iter__(self) -> Iterator[Waveform]:
        try:
            self._child = child = self._start()
            if self._closed:
                child.close()
            rest = b""
            while piece := child.read(_READ_BYTES):
                piece = rest + piece
                whole = len(piece) // _SAMPLE_BYTES * _SAMPLE_BYTES
                rest = piece[whole:]
                waveform = self._cut_padding(np.frombuffer(piece[:whole], dtype="<f4"))
                if len(waveform):
                    self.n_samples += len(waveform)
                    self._check_length()
                    yield _sane(waveform)
            self._conclude(child)
        finally:
            self._closed = True
            if self._child:
                self._child.release()

    def _start(self) -> Child:
        first = self._read_head()
        arguments = [*self._input(), *SOUND_ALONE]
        arguments += ["-af", _MEAN_OF_CHANNELS, "-ac", "1"]
        arguments += () if self._raw else _IN_BLOCKS  # what a microphone sends is waited for
        arguments += ["-ar", str(FRONT_END.sample_rate_hz), "-f", "f32le", "pipe:1"]
        return Child(arguments, self._watched(first), self.limits)

    def _input(self) -> list[str]:
        if self._raw is None:
            sniff(self._head[:HEAD_BYTES])
            return [*UNTRUSTED_INPUT]
        samples = ["-f", self._raw.codec, "-ar", str(self._raw.sample_rate_hz), "-ac", "1"]
        return [*samples, "-i", "pipe:0"]

    def _read_head(self) -> list[bytes]:
        """The first pieces, until the container can be told."""
        first = []
        for piece in self._pieces:
            first.append(piece)
            self._head += piece
            wanted = PIECE_BYTES if self._head[4:8] == b"ftyp" else HEAD_BYTES
            if len(self._head) >= wanted:
                break
        return first

    def _watched(self, first: list[bytes]) -> Iterator[bytes]:
        """What ffmpeg gets, with a look at what the end of the song will be judged by."""
        pieces = chain(first, self._pieces)
        for piece in pieces if self._raw else without_id3(pieces):
            if len(self._frame) < TAGGED_FRAME_BYTES:
                self._frame += piece[:TAGGED_FRAME_BYTES]
                self._mp3 = mp3_header(self._frame)
            self._tail = (self._tail + piece)[-_TAIL_BYTES:]
            yield piece

    def _stderr(self) -> str:
        return self._child.stderr if self._child else ""

    def _audio_stream(self) -> str:
        """What ffmpeg says of the stream, its codec first; empty as long as it has said nothing."""
        found = _AUDIO_STREAM.search(self._stderr())
        return found[1] if found else ""

    def _declared_duration_s(self) -> float | None:
        found = _DURATION.search(self._stderr())
        if not found or "Estimating duration from bitrate" in self._stderr():
            return None
        hours, minutes, seconds = found.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)

    def _duration_by_bit_rate_s(self) -> float | None:
        if not self._size_bytes or not _TELLS_BIT_RATE.search(self._stderr()):
            return None
        found = _BIT_RATE.search(self._audio_stream())
        return self._size_bytes * 8 / (int(found[1]) * 1_000) if found and int(found[1]) else None

    def _cut_padding(self, waveform: Waveform) -> Waveform:
        """Without what an MP3 encoder added at the end, which ffmpeg cannot know of a pipe."""
        if not self._mp3 or not self._mp3.duration_s:
            return waveform
        waveform = np.concatenate([self._held, waveform])
        promised = math.ceil(self._mp3.duration_s * FRONT_END.sample_rate_hz)
        surplus = self.n_samples + len(waveform) - promised
        # Far beyond what its tag says: the tag lies, and the music counts.
        is_padding = 0 < surplus <= _PADDING_SAMPLES
        kept = max(0, len(waveform) - surplus) if is_padding else len(waveform)
        self._held = waveform[kept:]
        return waveform[:kept]

    def _check_length(self) -> None:
        if self.duration_s > self.limits.max_duration_s:
            minutes = self.limits.max_duration_s / 60
            raise TimbreError("too_long", f"The recording is longer than {minutes:g} minutes.")

    def _conclude(self, child: Child) -> None:
        """After the last sample: was that all of it?"""
        status = child.wait()
        if self._closed:
            return
        if status < 0:
            raise TimbreError("decoder_crashed")
        if self.n_samples == 0:
            raise self._why_nothing(status)
        if self.duration_s < SHORTEST_S:
            raise TimbreError("too_short")
        self.truncated = status != 0 or self._looks_truncated()

    def _why_nothing(self, status: int) -> TimbreError:
        if "matches no streams" in self._stderr():
            return TimbreError("no_audio_stream")
        if "moov atom not found" in self._stderr():
            return no_index()
        return TimbreError("too_short" if status == 0 else "not_audio")

    def _looks_truncated(self) -> bool:
        if self._raw:
            return False
        if _CUT_OFF.search(self._stderr()):
            return True
        if self._head[:4] == b"OggS" and not ogg_is_complete(self._tail):
            return True
        promised_s = self._mp3.duration_s if self._mp3 else self._declared_duration_s()
        return promised_s is not None and promised_s - self.duration_s > _TRUNCATED_S


def _sane(waveform: Waveform) -> Waveform:
    """Finite and within [-1, 1], as a loudspeaker would hear it."""
    finite = np.nan_to_num(waveform, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(finite, -1.0, 1.0, out=finite)
