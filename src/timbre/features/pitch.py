"""The pitch of a recorded note, so that notes can be made into tunes and chords."""

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END

LOWEST_HZ, HIGHEST_HZ = 32.0, 4_200.0  # from below a bass's E to the top of a piano
EXCERPT_S = 1.0
FRAME = 2_048  # samples: two periods of the lowest
HOP = 1_024
STEADY_SEMITONES = 0.4  # a frame this close to the median agrees with it
STEADY_SHARE = 0.6  # of the frames, or there is no one pitch
_BLOCK = 320
_RATE_HZ = FRONT_END.sample_rate_hz
NO_PITCH = float("nan")


def note_pitch(waveform: NDArray[np.float32]) -> float:
    """MIDI note number, with its fraction, of a clip that holds one note; `NO_PITCH` for others.

    By YIN (de Cheveigné and Kawahara, 2002) in the second from the loudest moment on: what is not steady
    there is no note. Octaves may be confused, which leaves the note's place in the scale right.
    """
    import librosa  # slow to import, and only decoding needs it

    excerpt = _from_loudest(waveform)
    if len(excerpt) < FRAME:
        return NO_PITCH
    frequency_hz = librosa.yin(
        excerpt,
        fmin=LOWEST_HZ,
        fmax=HIGHEST_HZ,
        sr=_RATE_HZ,
        frame_length=FRAME,
        hop_length=HOP,
        center=False,
    )
    notes = librosa.hz_to_midi(frequency_hz)
    median = float(np.median(notes))
    agreeing = np.abs(notes - median) < STEADY_SEMITONES
    return median if len(notes) > 1 and agreeing.mean() >= STEADY_SHARE else NO_PITCH


def _from_loudest(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """`EXCERPT_S` from the loudest block on, or the last of the clip if less follows."""
    n, wanted = len(waveform), int(EXCERPT_S * _RATE_HZ)
    if n <= wanted:
        return waveform
    power = (waveform[: n // _BLOCK * _BLOCK].reshape(-1, _BLOCK) ** 2).sum(axis=1)
    start = min(int(power.argmax()) * _BLOCK, n - wanted)
    return waveform[start : start + wanted]
