"""A subtractive synthesizer: oscillators, a low-pass that opens and closes, envelopes, vibrato and glide."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from timbre.features.synthesizer.instrument import Envelope, Held, Instrument
from timbre.features.synthesizer.wavetable import (
    RATE_HZ,
    Wave,
    cutoff_row,
    filtered_tables,
    low_pass_gain,
    read_filtered,
)

_MIDDLE_HZ = 262.0  # where a filter that follows the keys is as open as it says


@dataclass(frozen=True)
class Oscillator:
    """One of `wavetable.WAVES`, or a pulse (`wave` is `pulse`) that is `width` of its period long.

    Attributes
    ----------
    ratio
        Its frequency as a multiple of the note's.
    swing, swing_hz
        How far the width of a pulse swings to both sides, and how often a second.
    """

    wave: str
    ratio: float
    level: float
    width: float = 0.5
    swing: float = 0.0
    swing_hz: float = 0.0

    def sound(self, turns: NDArray[np.float64], rows: Wave, tables: Wave) -> Wave:
        """Behind the filter, where its phase is `turns`."""
        if self.wave != "pulse":
            return read_filtered(tables, turns, rows)
        # A pulse is a saw less another one that is late by its width.
        angle = 2 * np.pi * self.swing_hz / RATE_HZ * np.arange(len(turns))
        late = self.width + self.swing * np.sin(angle)
        return read_filtered(tables, turns, rows) - read_filtered(tables, turns - late, rows)


@dataclass(frozen=True)
class MovingLowPass:
    """The filter: cutoff of the middle C, and what moves it, in octaves.

    Attributes
    ----------
    tracking
        Share of an octave that it opens for an octave on the keys.
    envelope, envelope_octaves
        What opens it with every note.
    sweep_octaves, sweep_hz
        What opens and closes it to both sides all the time.
    """

    cutoff_hz: float
    poles: int
    resonance: float
    tracking: float
    envelope: Envelope
    envelope_octaves: float
    sweep_octaves: float = 0.0
    sweep_hz: float = 1.0

    def rows(self, held: Held, phase: float) -> Wave:
        """How open it is, for `read_filtered`; `phase` is where the sweep begins, in turns."""
        sweep = np.sin(2 * np.pi * (self.sweep_hz * held.times_s + phase))
        octaves = self.tracking * np.log2(held.hz / _MIDDLE_HZ) + self.sweep_octaves * sweep
        octaves += self.envelope_octaves * self.envelope(held) * (0.5 + 0.5 * held.strength)
        return cutoff_row(self.cutoff_hz * 2.0**octaves)


@dataclass(frozen=True, kw_only=True)
class Subtractive(Instrument):
    """Oscillators in unison behind one filter.

    Attributes
    ----------
    unison, spread_cents
        How often each oscillator sounds, and how far the outermost are from the note.
    noise
        Amplitude of noise behind the filter where it rests.
    vibrato_cents, vibrato_hz, vibrato_s
        To both sides, how often a second, and how long until it is there in full.
    glide_s
        How fast a note comes from the one before it; 0: at once.
    sense
        How much softer a key is heard that is struck softly.
    """

    oscillators: tuple[Oscillator, ...]
    low_pass: MovingLowPass
    envelope: Envelope
    unison: int = 1
    spread_cents: float = 0.0
    noise: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_hz: float = 5.0
    vibrato_s: float = 0.5
    glide_s: float = 0.0
    sense: float = 0.5

    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        turns, rows = np.cumsum(self._bent_hz(held)) / RATE_HZ, self.low_pass.rows(held, rng.random())
        highest_hz = max(held.hz, held.before_hz) if self.glide_s else held.hz
        filtering = (self.low_pass.poles, self.low_pass.resonance)
        sound = np.zeros(held.n, dtype=np.float32)
        for one in self.oscillators:
            wave = "saw" if one.wave == "pulse" else one.wave
            tables = filtered_tables(wave, highest_hz * one.ratio, *filtering)
            level = one.level / np.sqrt(self.unison)
            for cents in self._unison_cents():
                ratio = one.ratio * 2 ** (cents / 1_200)
                sound += level * one.sound(ratio * turns + rng.random(), rows, tables)
        if self.noise:
            sound += self.noise * self._hiss(held.n, rng)
        return sound * self.envelope(held) * np.float32(1.0 - self.sense + self.sense * held.strength)

    def _hiss(self, n: int, rng: np.random.Generator) -> Wave:
        spectrum = rfft(rng.standard_normal(n, dtype=np.float32))
        relative = np.linspace(0.0, RATE_HZ / 2 / self.low_pass.cutoff_hz, len(spectrum))
        gain = low_pass_gain(relative, self.low_pass.poles, self.low_pass.resonance)
        return np.asarray(irfft(spectrum * gain, n), dtype=np.float32)

    def _unison_cents(self) -> NDArray[np.float64]:
        return np.linspace(-1.0, 1.0, self.unison) * self.spread_cents if self.unison > 1 else np.zeros(1)

    def _bent_hz(self, held: Held) -> NDArray[np.float64]:
        times_s = held.times_s.astype(np.float64)
        depth = self.vibrato_cents / 1_200 * np.minimum(times_s / self.vibrato_s, 1.0)
        octaves = depth * np.sin(2 * np.pi * self.vibrato_hz * times_s)
        if self.glide_s:
            octaves += np.log2(held.before_hz / held.hz) * np.exp(-times_s / self.glide_s)
        return held.hz * 2.0**octaves
