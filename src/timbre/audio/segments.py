"""The seconds of a song, each with the sound around it that a model may look at.

Segment i covers the seconds i to i + 1; the last one ends with the song. Its *window* is
`context_s` of log-mel centred on i + 0.5 s; where that reaches over the start or the end of the
song, the song is reflected there. Segments that come together come as a *stretch*, whose log-mel holds
the windows of all of them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END, FrontEnd
from timbre.audio.log_mel import LogMel, LogMelStream, Waveform

SEGMENT_S = 1
PEAKS_PER_SEGMENT = 20


@dataclass(frozen=True)
class Segment:
    """One second of song.

    Attributes
    ----------
    log_mel
        `(n_mels, n_frames)` of this second alone, at most `front_end.frames_per_s` frames.
    window
        `(n_mels, context_s * frames_per_s)`, what the model hears; a view of its stretch's log-mel.
    peaks
        Greatest absolute sample of each twentieth of a second, in [0, 1]; fewer in the last segment.
    """

    index: int
    start_s: float
    end_s: float
    log_mel: LogMel
    window: LogMel
    peaks: NDArray[np.float32]


@dataclass(frozen=True)
class Stretch:
    """Consecutive segments, perhaps none.

    Attributes
    ----------
    log_mel
        `(n_mels, n_frames)` from the first frame of the first window to the last of the last one, and
        `n_margin` frames more on either side.
    """

    segments: list[Segment]
    log_mel: LogMel
    n_margin: int
    n_segment: int  # frames

    def __len__(self) -> int:
        return len(self.segments)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.segments)

    def part(self, start: int, n: int) -> LogMel:
        """Of at most `n` segments from number `start` on, their windows with the margins."""
        n_others = len(self) - min(n, len(self) - start)
        first = start * self.n_segment
        return self.log_mel[:, first : self.log_mel.shape[1] - (n_others - start) * self.n_segment]


def reflected(first: int, n: int, length: int) -> NDArray[np.intp]:
    """Indices `first` to `first + n` into a sequence of `length`, reflected about both its ends."""
    period = max(1, 2 * (length - 1))
    wrapped = np.arange(first, first + n) % period
    return np.minimum(wrapped, period - wrapped) % max(1, length)


class Segmenter:
    """Cuts a waveform that arrives in pieces: `push` each piece, then `finish` once.

    Parameters
    ----------
    context_s
        Length of a window.
    margin_s
        What a stretch has besides on either side: a segment waits until that is there too.
    """

    def __init__(self, context_s: float, margin_s: float = 0, front_end: FrontEnd = FRONT_END):
        self._front_end = front_end
        self._n_context = round(context_s * front_end.frames_per_s)
        self._n_margin = round(margin_s * front_end.frames_per_s)
        self._n_segment = SEGMENT_S * front_end.frames_per_s
        # The reflection at the end of the song reaches back at most a window with its margins and a segment.
        self._n_kept = 2 * (self._n_context + 2 * self._n_margin + self._n_segment)
        self._log_mel = LogMelStream(front_end)
        self._frames: LogMel = np.empty((front_end.n_mels, 0), dtype=np.float32)
        self._first_frame = 0  # the number of the frame in column 0 of _frames
        self._waveform: Waveform = np.empty(0, dtype=np.float32)  # from the start of the next segment
        self._waiting: list[Waveform] = []  # behind it; many small pieces are dearer than a long one
        self._n_samples = 0
        self._index = 0

    def push(self, waveform: Waveform, multiple_of: int = 1) -> Stretch:
        """The segments that these samples complete, in a `multiple_of` so many; often none."""
        self._n_samples += len(waveform)
        self._waiting.append(waveform)
        n_frames = self._log_mel.n_complete(self._n_samples)
        left = n_frames - self._window_start(self._index) - self._n_context - self._n_margin
        n_ready = max(0, left // self._n_segment + 1) // multiple_of * multiple_of
        if n_ready == 0:
            return self._cut(0, 0.0)
        self._add_frames(self._log_mel.push(self._gather()))
        stretch = self._cut(n_ready, float(self._index + n_ready) * SEGMENT_S)
        self._forget()
        return stretch

    def finish(self) -> Stretch:
        """The last segments, once the song has ended; none when it was empty."""
        if self._n_samples == 0:
            return self._cut(0, 0.0)
        self._add_frames(self._log_mel.push(self._gather()))
        self._add_frames(self._log_mel.finish())
        duration_s = self._n_samples / self._front_end.sample_rate_hz
        return self._cut(math.ceil(duration_s / SEGMENT_S) - self._index, duration_s)

    def _window_start(self, index: int) -> int:
        return index * self._n_segment + (self._n_segment - self._n_context) // 2

    def _gather(self) -> Waveform:
        """What waited, as one piece, which is also put behind what the next segment has."""
        new = np.concatenate([*self._waiting, np.empty(0, np.float32)])
        self._waiting = []
        self._waveform = np.concatenate([self._waveform, new])
        return new

    def _add_frames(self, frames: LogMel) -> None:
        self._frames = np.concatenate([self._frames, frames], axis=1)

    def _forget(self) -> None:
        surplus = max(0, self._window_start(self._index) - self._n_kept) - self._first_frame
        if surplus > 0:
            self._frames = self._frames[:, surplus:]
            self._first_frame += surplus

    def _cut(self, n: int, end_s: float) -> Stretch:
        """The next `n` segments, the last of which ends at `end_s`."""
        if n == 0:
            return Stretch([], self._frames[:, :0], self._n_margin, self._n_segment)
        log_mel, waveform = self._around(n), self._waveform
        segments = []
        for number in range(n):
            start_s = float(self._index * SEGMENT_S)
            segment_end_s = min(end_s, start_s + SEGMENT_S)
            n_samples = round((segment_end_s - start_s) * self._front_end.sample_rate_hz)
            window = log_mel[:, self._n_margin + number * self._n_segment :][:, : self._n_context]
            own = self._index * self._n_segment - self._first_frame
            peaks = self._peaks(waveform[:n_samples])
            # A copy: who keeps the second's frames does not keep all the others.
            log_mel_of_it = self._frames[:, own : own + self._n_segment].copy()
            segments.append(Segment(self._index, start_s, segment_end_s, log_mel_of_it, window, peaks))
            waveform = waveform[n_samples:]
            self._index += 1
        self._waveform = waveform.copy()  # without what it was cut from
        return Stretch(segments, log_mel, self._n_margin, self._n_segment)

    def _around(self, n: int) -> LogMel:
        """The windows of the next `n` segments and the margins around them."""
        first = self._window_start(self._index) - self._n_margin
        length = (n - 1) * self._n_segment + self._n_context + 2 * self._n_margin
        n_frames = self._first_frame + self._frames.shape[1]
        if first >= 0 and first + length <= n_frames:
            return self._frames[:, first - self._first_frame : first + length - self._first_frame]
        return self._frames[:, reflected(first, length, n_frames) - self._first_frame]

    def _peaks(self, waveform: Waveform) -> NDArray[np.float32]:
        step = self._front_end.sample_rate_hz * SEGMENT_S // PEAKS_PER_SEGMENT
        starts = np.arange(0, len(waveform), step)
        return np.maximum.reduceat(np.abs(waveform), starts) if len(starts) else np.empty(0, np.float32)
