"""The seconds of a song, each with the sound around it that a model may look at.

Segment i covers the seconds i to i + 1; the last one ends with the song. Its *window* is
`context_s` of log-mel centred on i + 0.5 s; where that reaches over the start or the end of the
song, the song is reflected there.
"""

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
        `(n_mels, context_s * frames_per_s)`, what the model hears.
    peaks
        Greatest absolute sample of each twentieth of a second, in [0, 1]; fewer in the last segment.
    """

    index: int
    start_s: float
    end_s: float
    log_mel: LogMel
    window: LogMel
    peaks: NDArray[np.float32]


def reflected(first: int, n: int, length: int) -> NDArray[np.intp]:
    """Indices `first` to `first + n` into a sequence of `length`, reflected about both its ends."""
    period = max(1, 2 * (length - 1))
    wrapped = np.arange(first, first + n) % period
    return np.minimum(wrapped, period - wrapped) % max(1, length)


class Segmenter:
    """Cuts a waveform that arrives in pieces: `push` each piece, then `finish` once."""

    def __init__(self, context_s: float, front_end: FrontEnd = FRONT_END):
        self._front_end = front_end
        self._n_context = round(context_s * front_end.frames_per_s)
        self._n_segment = SEGMENT_S * front_end.frames_per_s
        # The reflection at the end of the song reaches back at most a window and a segment.
        self._n_kept = 2 * self._n_context + 2 * self._n_segment
        self._log_mel = LogMelStream(front_end)
        self._frames: LogMel = np.empty((front_end.n_mels, 0), dtype=np.float32)
        self._first_frame = 0  # the number of the frame in column 0 of _frames
        self._waveform = np.empty(0, dtype=np.float32)  # from the start of the next segment
        self._n_samples = 0
        self._index = 0

    def push(self, waveform: Waveform) -> list[Segment]:
        """The segments whose windows these samples complete; often none."""
        self._n_samples += len(waveform)
        self._waveform = np.concatenate([self._waveform, waveform])
        self._add_frames(self._log_mel.push(waveform))
        segments = []
        while self._window_start(self._index) + self._n_context <= self._n_frames:
            segments.append(self._cut(self._n_frames, (self._index + 1) * float(SEGMENT_S)))
        self._forget()
        return segments

    def finish(self) -> list[Segment]:
        """The last segments, once the song has ended; none when it was empty."""
        if self._n_samples == 0:
            return []
        self._add_frames(self._log_mel.finish())
        duration_s = self._n_samples / self._front_end.sample_rate_hz
        segments = []
        while self._index * SEGMENT_S < duration_s:
            end_s = min(duration_s, (self._index + 1) * float(SEGMENT_S))
            segments.append(self._cut(self._n_frames, end_s))
        return segments

    @property
    def _n_frames(self) -> int:
        return self._first_frame + self._frames.shape[1]

    def _window_start(self, index: int) -> int:
        return index * self._n_segment + (self._n_segment - self._n_context) // 2

    def _add_frames(self, frames: LogMel) -> None:
        if frames.shape[1]:
            self._frames = np.concatenate([self._frames, frames], axis=1)

    def _forget(self) -> None:
        surplus = max(0, self._window_start(self._index) - self._n_kept) - self._first_frame
        if surplus > 0:
            self._frames = self._frames[:, surplus:]
            self._first_frame += surplus

    def _cut(self, n_frames: int, end_s: float) -> Segment:
        columns = reflected(self._window_start(self._index), self._n_context, n_frames)
        own = slice(
            self._index * self._n_segment - self._first_frame,
            (self._index + 1) * self._n_segment - self._first_frame,
        )
        n_own = round(end_s * self._front_end.sample_rate_hz) - self._index * self._front_end.sample_rate_hz
        segment = Segment(
            index=self._index,
            start_s=self._index * float(SEGMENT_S),
            end_s=end_s,
            log_mel=self._frames[:, own],
            window=self._frames[:, columns - self._first_frame],
            peaks=self._peaks(self._waveform[:n_own]),
        )
        self._waveform = self._waveform[n_own:]
        self._index += 1
        return segment

    def _peaks(self, waveform: Waveform) -> NDArray[np.float32]:
        step = self._front_end.sample_rate_hz * SEGMENT_S // PEAKS_PER_SEGMENT
        starts = np.arange(0, len(waveform), step)
        return np.maximum.reduceat(np.abs(waveform), starts) if len(starts) else np.empty(0, np.float32)
