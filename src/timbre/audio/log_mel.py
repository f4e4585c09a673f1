"""Log-mel spectrogram of a whole waveform, or of one that is still arriving.

Frames are centred with reflection at both ends, as librosa does with `center=True,
pad_mode="reflect"`: frame k looks at samples `k * hop - n_fft / 2` to `k * hop + n_fft / 2`, and n
samples give `1 + n // hop` frames. Both forms give the same numbers.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END, FrontEnd

Waveform = NDArray[np.float32]
LogMel = NDArray[np.float32]

# Slaney's scale (Auditory Toolbox, 1998): linear below 1 kHz, logarithmic above.
_HZ_PER_MEL = 200.0 / 3.0
_LOG_FROM_HZ = 1_000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0

_FRAMES_AT_ONCE = 64  # what stays in a core's cache
_BANDS_OF_BLOCK = 16


def hz_to_mel(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney mels of frequencies in Hz."""
    logarithmic = _LOG_FROM_MEL + np.log(np.maximum(frequency_hz, 1e-9) / _LOG_FROM_HZ) / _LOG_STEP
    return np.where(frequency_hz < _LOG_FROM_HZ, frequency_hz / _HZ_PER_MEL, logarithmic)


def mel_to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequencies in Hz of Slaney mels."""
    logarithmic = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mels - _LOG_FROM_MEL))
    return np.where(mels < _LOG_FROM_MEL, mels * _HZ_PER_MEL, logarithmic)


@cache
def mel_filters(front_end: FrontEnd = FRONT_END) -> NDArray[np.float32]:
    """Triangular filters of equal area (Slaney's normalization), `(n_mels, n_freqs)`."""
    lowest, highest = hz_to_mel(np.array([front_end.f_min_hz, front_end.f_max_hz]))
    edges_hz = mel_to_hz(np.linspace(lowest, highest, front_end.n_mels + 2))
    bins_hz = np.fft.rfftfreq(front_end.n_fft, 1.0 / front_end.sample_rate_hz)
    ramps = edges_hz[:, None] - bins_hz[None, :]
    widths_hz = np.diff(edges_hz)
    rising = -ramps[:-2] / widths_hz[:-1, None]
    falling = ramps[2:] / widths_hz[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    areas = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    return np.asarray(triangles * areas[:, None], dtype=np.float32)


@cache
def filter_blocks(front_end: FrontEnd = FRONT_END) -> tuple[tuple[slice, slice, NDArray[np.float32]], ...]:
    """`mel_filters` in blocks: some bands, the frequencies that they look at, and the filters for these."""
    filters = mel_filters(front_end)
    blocks = []
    for start in range(0, front_end.n_mels, _BANDS_OF_BLOCK):
        bands = slice(start, start + _BANDS_OF_BLOCK)
        looked_at = np.flatnonzero(filters[bands].any(axis=0))
        first, last = (int(looked_at[0]), int(looked_at[-1])) if len(looked_at) else (0, 0)
        blocks.append((bands, slice(first, last + 1), np.ascontiguousarray(filters[bands, first : last + 1])))
    return tuple(blocks)


@cache
def _window(front_end: FrontEnd) -> NDArray[np.float64]:
    """Periodic Hann window, as an FFT wants it; in double, so that a pure tone leaks as it should."""
    return np.hanning(front_end.n_fft + 1)[:-1]


class _Workspace:
    """Where blocks of frames are computed, always in the same memory.

    New arrays for each block go back to the system and are asked for again, and their pages cost as much as
    the arithmetic. A frame has its row by its number, and blocks are filtered whole, also where fewer frames
    are new: elsewhere in a matrix product, or in one of another size, it may be added up in another order,
    and its last digits would depend on the frames that came with it.
    """

    def __init__(self, front_end: FrontEnd):
        self._front_end = front_end
        n_freqs = front_end.n_freqs
        self._frames = np.empty((_FRAMES_AT_ONCE, front_end.n_fft))
        self._spectrum = np.empty((_FRAMES_AT_ONCE, n_freqs), dtype=np.complex128)
        self._squares = np.empty((2, _FRAMES_AT_ONCE, n_freqs))
        self._power = np.zeros((_FRAMES_AT_ONCE, n_freqs), dtype=np.float32)
        self._mel = np.empty((front_end.n_mels, _FRAMES_AT_ONCE), dtype=np.float32)

    def log_mel(self, padded: Waveform, n_frames: int, first: int) -> LogMel:
        """Log-mel of `n_frames` frames from number `first` on, which starts at `padded[0]`."""
        every = np.lib.stride_tricks.sliding_window_view(padded, self._front_end.n_fft)
        frames = every[:: self._front_end.hop_length][:n_frames]
        out = np.empty((self._front_end.n_mels, n_frames), dtype=np.float32)
        done = 0
        while done < n_frames:
            row = (first + done) % _FRAMES_AT_ONCE
            some = frames[done : done + _FRAMES_AT_ONCE - row]
            rows = slice(row, row + len(some))
            self._take_powers(some, rows)
            for bands, columns, filters in filter_blocks(self._front_end):
                np.matmul(filters, self._power[:, columns].T, out=self._mel[bands])
            out[:, done : done + len(some)] = self._mel[:, rows]
            done += len(some)
        return _to_db(out, self._front_end.power_floor)

    def _take_powers(self, frames: Waveform, rows: slice) -> None:
        """Put the power spectra of frames into these rows."""
        n = len(frames)
        real, imaginary = self._squares[:, :n]
        np.multiply(frames, _window(self._front_end), out=self._frames[:n])
        spectrum = np.fft.rfft(self._frames[:n], axis=1, out=self._spectrum[:n])
        np.square(spectrum.real, out=real)
        np.square(spectrum.imag, out=imaginary)
        np.add(real, imaginary, out=self._power[rows])


def _to_db(power: NDArray[np.float32], power_floor: float) -> NDArray[np.float32]:
    """Decibels in the place of power, none below the floor's, whatever a machine's logarithm rounds it to."""
    np.log10(np.maximum(power, power_floor / 2.0, out=power), out=power)
    return np.maximum(np.multiply(power, 10.0, out=power), 10.0 * np.log10(power_floor), out=power)


def log_mel(waveform: Waveform, front_end: FrontEnd = FRONT_END) -> LogMel:
    """Log-mel of a whole waveform.

    Parameters
    ----------
    waveform
        `(n_samples,)` float32 at `front_end.sample_rate_hz`, nominally within [-1, 1].

    Returns
    -------
    log_mel
        `(n_mels, 1 + n_samples // hop_length)` float32 in dB, power, from -100 upwards.

    Raises
    ------
    ValueError
        When the waveform is empty.
    """
    stream = LogMelStream(front_end)
    return np.concatenate([stream.push(waveform), stream.finish()], axis=1)


class LogMelStream:
    """Log-mel of a waveform that arrives in pieces: `push` each piece, then `finish` once."""

    def __init__(self, front_end: FrontEnd = FRONT_END):
        self.front_end = front_end
        self._half = front_end.n_fft // 2
        self._workspace = _Workspace(front_end)
        self._started = False
        # Before the start: the samples so far. After it: from the first sample of the next frame.
        self._pending = np.empty(0, dtype=np.float32)
        self._n_samples = 0
        self._n_frames = 0

    def n_complete(self, n_samples: int) -> int:
        """How many frames the first `n_samples` of a waveform complete."""
        if n_samples <= self._half:  # too few to be reflected
            return 0
        return max(0, 1 + (self._half + n_samples - self.front_end.n_fft) // self.front_end.hop_length)

    def push(self, waveform: Waveform) -> LogMel:
        """Frames that these samples complete, `(n_mels, n_new_frames)`; often none."""
        self._n_samples += len(waveform)
        self._pending = np.concatenate([self._pending, waveform.astype(np.float32, copy=False)])
        if not self._started and self._n_samples > self._half:
            self._begin()
        return self._take(self.n_complete(self._n_samples) - self._n_frames)

    def finish(self) -> LogMel:
        """The last frames, whose end is made by reflection.

        Raises
        ------
        ValueError
            When no sample was ever pushed.
        """
        if self._n_samples == 0:
            raise ValueError("an empty waveform has no log-mel")
        if not self._started:
            self._begin()
        n_left = 1 + self._n_samples // self.front_end.hop_length - self._n_frames
        # The reflection may need samples before the pending ones only if the song is very short,
        # and then nothing was taken yet, so all of them are here.
        tail = _reflect(self._pending, self._half)
        self._pending = np.concatenate([self._pending, tail])
        return self._take(n_left)

    def _begin(self) -> None:
        head = _reflect(self._pending[::-1], self._half)[::-1]
        self._pending = np.concatenate([head, self._pending])
        self._started = True

    def _take(self, n_frames: int) -> LogMel:
        if n_frames == 0:
            return np.empty((self.front_end.n_mels, 0), dtype=np.float32)
        frames = self._workspace.log_mel(self._pending, n_frames, self._n_frames)
        rest = self._pending[n_frames * self.front_end.hop_length :]
        self._pending = rest.copy()  # without what it was cut from
        self._n_frames += n_frames
        return frames


def _reflect(samples: Waveform, n: int) -> Waveform:
    """The `n` samples that continue `samples` by reflection about its last one."""
    if len(samples) > n:
        return samples[-2 : -n - 2 : -1]
    return np.pad(samples, (0, n), mode="reflect" if len(samples) > 1 else "edge")[len(samples) :]
