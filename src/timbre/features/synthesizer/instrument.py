"""What all instruments of the synthesizer have in common: held notes, envelopes, a chain of effects."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from timbre.features.effects.effect import Effect
from timbre.features.note_events import NoteEvent
from timbre.features.synthesizer.wavetable import RATE_HZ, Wave

PEAK = 0.6  # of a phrase, full scale is 1
_RUMBLE_HZ = 10.0  # what is lower is taken away: some patches have a mean that is not 0


@dataclass(frozen=True)
class Held:
    """A note as an instrument plays it.

    Attributes
    ----------
    hz
        Its fundamental; `before_hz` is that of the note before it.
    strength
        Above 0 to 1, from the velocity.
    n_held, n
        Samples until the key is let go, and until all is silent or the phrase over.
    """

    hz: float
    before_hz: float
    strength: float
    n_held: int
    n: int

    @property
    def times_s(self) -> Wave:
        """Of each sample, from the note's beginning."""
        return np.arange(self.n, dtype=np.float32) / np.float32(RATE_HZ)


@dataclass(frozen=True)
class Envelope:
    """Rise, fall to a share of the peak that is kept while the key is held, and fall to nothing."""

    attack_s: float
    decay_s: float
    sustain: float
    release_s: float

    def __call__(self, held: Held) -> Wave:
        times_s = held.times_s
        falling = np.exp(-np.maximum(times_s - self.attack_s, 0.0) / self.decay_s)
        level = np.minimum(times_s / self.attack_s, 1.0) * (self.sustain + (1.0 - self.sustain) * falling)
        left = 1.0 - np.maximum(times_s - held.n_held / RATE_HZ, 0.0) / self.release_s
        return np.asarray(level * np.maximum(left, 0.0) ** 2, dtype=np.float32)


@dataclass(frozen=True, kw_only=True)
class Instrument(ABC):
    """An instrument with its settings; only noise and the phases of its oscillators are left to chance.

    Attributes
    ----------
    release_s
        How long a note sounds on at most.
    cents
        What the whole is out of tune.
    effects
        What all notes together go through.
    """

    release_s: float
    cents: float = 0.0
    effects: tuple[Effect, ...] = ()

    @abstractmethod
    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        """One note, `(held.n,)`."""

    def play(self, events: Sequence[NoteEvent], n_samples: int, rng: np.random.Generator) -> Wave:
        """`(n_samples,)` with its peak at `PEAK`."""
        waveform = np.zeros(n_samples, dtype=np.float32)
        for before, event in zip([events[0], *events], events, strict=False):
            start = int(event.start_s * RATE_HZ)
            if start < n_samples:
                held = self._held(event, before, n_samples - start)
                waveform[start : start + held.n] += self.note(held, rng)
        for effect in self.effects:
            waveform = effect(waveform)
        return _finished(waveform)

    def _held(self, event: NoteEvent, before: NoteEvent, n_left: int) -> Held:
        n_held = int(event.duration_s * RATE_HZ)
        n = min(n_left, n_held + int(self.release_s * RATE_HZ))
        return Held(self.hz(event.note), self.hz(before.note), event.velocity / 127, n_held, n)

    def hz(self, note: float) -> float:
        """Fundamental of a MIDI note."""
        return float(440.0 * 2.0 ** ((note - 69 + self.cents / 100) / 12))


def _finished(waveform: Wave) -> Wave:
    spectrum = rfft(waveform)
    frequencies_hz = np.linspace(0.0, RATE_HZ / 2, len(spectrum))
    heard = irfft(spectrum * (frequencies_hz**2 / (frequencies_hz**2 + _RUMBLE_HZ**2)), len(waveform))
    return np.asarray(heard * (PEAK / max(float(np.abs(heard).max()), 1e-9)), dtype=np.float32)


def turns_of(hz: float, held: Held, first: float = 0.0) -> NDArray[np.float64]:
    """Phase of an oscillator at a steady frequency, in turns; `first` is where it begins."""
    return np.asarray(first + hz / RATE_HZ * np.arange(held.n))


def fading(held: Held, fall_s: float) -> Wave:
    """From 1 down, to a share of 1/e in `fall_s`."""
    return np.asarray(np.exp(held.times_s * np.float32(-1.0 / fall_s)))


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Between both, every octave as likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
