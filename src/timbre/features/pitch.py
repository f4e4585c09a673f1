"""The pitch of a recorded note, so that notes can be made into tunes and chords."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from timbre.audio.front_end import FRONT_END

LOWEST_HZ, HIGHEST_HZ = 32.0, 4_200.0  # from below a bass's E to the top of a piano
EXCERPT_S = 1.0
FRAME = 2_048  # samples: two periods of the lowest
HOP = 1_024
PERIODIC = 0.1  # YIN's threshold: a dip as deep as this is a period
STEADY_SEMITONES = 0.4  # a frame this close to the median agrees with it
STEADY_SHARE = 0.6  # of the frames, or there is no one pitch
_BLOCK = 320
_RATE_HZ = FRONT_END.sample_rate_hz
_SHORTEST, _LONGEST = int(_RATE_HZ / HIGHEST_HZ), int(_RATE_HZ / LOWEST_HZ)  # periods in samples
NO_PITCH = float("nan")


def note_pitch(waveform: NDArray[np.float32]) -> float:
    """MIDI note number, with its fraction, of a clip that holds one note; `NO_PITCH` for others.

    By YIN (de Cheveigné and Kawahara, 2002) in the second from the loudest moment on: what is not steady
    there is no note. Octaves may be confused, which leaves the note's place in the scale right.
    """
    excerpt = _from_loudest(waveform)
    if len(excerpt) < FRAME + HOP:
        return NO_PITCH
    frames = np.lib.stride_tricks.sliding_window_view(excerpt, FRAME)[::HOP]
    notes = 69.0 + 12.0 * np.log2(yin_hz(frames) / 440.0)
    if np.isnan(notes).all():
        return NO_PITCH
    median = float(np.nanmedian(notes))
    return median if np.mean(np.abs(notes - median) < STEADY_SEMITONES) >= STEADY_SHARE else NO_PITCH


def yin_hz(frames: NDArray[np.float32]) -> NDArray[np.float64]:
    """Fundamental frequency of each frame `(n, FRAME)`, by YIN; of noise, that of its deepest dip.

    nan for silence, and where the dip is the shortest or longest period looked at: the true one lies beyond.
    """
    dips = _normalized_difference(frames.astype(np.float64))
    periods = np.array([_first_dip(one) for one in dips])
    is_inside = (periods > 0) & (periods < dips.shape[1] - 1)
    rows = np.arange(len(dips))
    before, here, after = (dips[rows, np.clip(periods + step, 0, dips.shape[1] - 1)] for step in (-1, 0, 1))
    bend = before - 2.0 * here + after  # of the parabola through the dip and its neighbours
    shift = np.divide(before - after, 2.0 * bend, out=np.zeros(len(dips)), where=bend > 0)
    found_hz = _RATE_HZ / (_SHORTEST + periods + np.clip(shift, -0.5, 0.5))
    return np.where(is_inside, found_hz, np.nan)


def _normalized_difference(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """How a frame differs from itself one period later, against all shorter ones: `(n, n_periods)`.

    The periods are `_SHORTEST` to `_LONGEST`; equation 8 of the paper.
    """
    window = FRAME - _LONGEST
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    later = energy[:, window : window + _LONGEST + 1] - energy[:, : _LONGEST + 1]
    product = rfft(frames, 2 * FRAME) * rfft(frames[:, :window], 2 * FRAME).conj()
    difference = later[:, :1] + later - 2.0 * irfft(product, 2 * FRAME)[:, : _LONGEST + 1]
    difference = np.maximum(difference[:, 1:], 0.0)  # of no shift at all it is 0
    mean = np.cumsum(difference, axis=1) / np.arange(1, _LONGEST + 1)
    normalized = np.divide(difference, mean, out=np.ones_like(difference), where=mean > 0)
    return np.asarray(normalized[:, _SHORTEST - 1 :])


def _first_dip(dips: NDArray[np.float64]) -> int:
    """The first local minimum that is deep enough, or the deepest place."""
    inner = dips[1:-1]
    is_dip = (inner < PERIODIC) & (inner < dips[:-2]) & (inner <= dips[2:])
    return int(is_dip.argmax()) + 1 if is_dip.any() else int(dips.argmin())


def _from_loudest(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """`EXCERPT_S` from the loudest block on, or the last of the clip if less follows."""
    n, wanted = len(waveform), int(EXCERPT_S * _RATE_HZ)
    if n <= wanted:
        return waveform
    power = (waveform[: n // _BLOCK * _BLOCK].reshape(-1, _BLOCK) ** 2).sum(axis=1)
    start = min(int(power.argmax()) * _BLOCK, n - wanted)
    return waveform[start : start + wanted]
