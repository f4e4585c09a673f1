"""An organ of tonewheels with drawbars, as jazz, gospel and rock know it."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from timbre.features.effects.amplifier import Amplifier
from timbre.features.effects.effect import Effect
from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.effects.rotary import Rotary
from timbre.features.synthesizer.instrument import Envelope, Held, Instrument, fading, turns_of
from timbre.features.synthesizer.wavetable import Wave, read, table_of

# Harmonics of the 16' pipe's fundamental: 16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1 1/3', 1'.
DRAWBARS = (1, 3, 2, 4, 6, 8, 10, 12, 16)
TOP_WHEEL_HZ = 6_000.0  # there is none above: one an octave lower sounds instead
_STEP_DB = 3.0  # between two of a drawbar's positions, 0 (silent) to 8
# Where players set them: jazz, full, gospel, ballad, flutes, whistle, clarinet, rock ...
_REGISTRATIONS = (
    (8, 8, 8, 0, 0, 0, 0, 0, 0),
    (8, 8, 8, 8, 8, 8, 8, 8, 8),
    (8, 8, 8, 8, 0, 0, 0, 0, 8),
    (8, 0, 8, 8, 0, 8, 0, 0, 0),
    (0, 0, 8, 6, 4, 3, 2, 1, 0),
    (8, 0, 0, 0, 0, 0, 0, 0, 8),
    (0, 0, 8, 0, 7, 0, 5, 0, 0),
    (6, 8, 8, 6, 0, 0, 0, 0, 0),
    (0, 0, 8, 8, 8, 8, 4, 4, 4),
    (8, 3, 8, 0, 0, 0, 0, 0, 2),
)
_REGISTRATION_SHARE = 0.6  # of the patches; the others have their drawbars anywhere
_CONTACT = Envelope(attack_s=0.003, decay_s=1.0, sustain=1.0, release_s=0.02)
_CLICK_S = 0.003
_PERCUSSION_SHARE, _SCANNER_SHARE, _ROTARY_SHARE, _DRIVEN_SHARE = 0.2, 0.4, 0.7, 0.15


@dataclass(frozen=True, kw_only=True)
class TonewheelOrgan(Instrument):
    """A sine for every drawbar, let in by a contact that clicks.

    Attributes
    ----------
    levels
        Amplitude of each of `DRAWBARS`.
    click
        Loudness of the contact.
    percussion, percussion_s, percussion_harmonic
        Amplitude, decay and number (of the 8') of a harmonic that is only heard as a note begins.
    """

    levels: tuple[float, ...]
    click: float
    percussion: float
    percussion_s: float
    percussion_harmonic: int

    @classmethod
    def drawn(cls, rng: np.random.Generator, *, is_percussive: bool = False, is_driven: bool = False) -> Self:
        """With drawbars of its own; with percussion or overdrive by chance, or for certain."""
        is_percussive |= rng.random() < _PERCUSSION_SHARE
        is_driven |= rng.random() < _DRIVEN_SHARE
        return cls(
            release_s=_CONTACT.release_s,
            cents=rng.uniform(-4.0, 4.0),
            effects=(*_scanner(rng), *_overdrive(rng, is_driven), *_rotary(rng)),
            levels=_drawn_levels(rng),
            click=rng.uniform(0.0, 0.3),
            percussion=rng.uniform(0.5, 1.5) if is_percussive else 0.0,
            percussion_s=rng.uniform(0.08, 0.4),
            percussion_harmonic=int(rng.integers(2, 4)),
        )

    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        lowest_hz = held.hz / 2
        amplitudes = np.zeros(max(DRAWBARS))
        for harmonic, level in zip(DRAWBARS, self.levels, strict=True):
            amplitudes[_folded(harmonic, lowest_hz) - 1] += level
        sound = read(table_of(amplitudes), turns_of(lowest_hz, held, rng.random()))
        if self.percussion:
            struck = np.sin(2 * np.pi * turns_of(held.hz * self.percussion_harmonic, held))
            sound += self.percussion * struck.astype(np.float32) * fading(held, self.percussion_s)
        sound += self.click * rng.standard_normal(held.n, dtype=np.float32) * fading(held, _CLICK_S)
        return sound * _CONTACT(held)


def _folded(harmonic: int, lowest_hz: float) -> int:
    """The harmonic that sounds where this one would need a wheel above the top one."""
    while harmonic * lowest_hz > TOP_WHEEL_HZ and harmonic % 2 == 0:
        harmonic //= 2
    return harmonic


def _drawn_levels(rng: np.random.Generator) -> tuple[float, ...]:
    """Amplitudes of the drawbars, their power 1 together."""
    if rng.random() < _REGISTRATION_SHARE:
        usual = np.array(_REGISTRATIONS[int(rng.integers(len(_REGISTRATIONS)))])
        positions = np.where(usual > 0, np.clip(usual + rng.integers(-2, 3, len(usual)), 1, 8), 0)
    else:
        positions = rng.integers(0, 9, len(DRAWBARS)) * (rng.random(len(DRAWBARS)) < 0.6)
        positions[2] = max(positions[2], 4)  # the 8' is what makes it the note that is written
    levels = np.where(positions > 0, 10 ** ((positions - 8) * _STEP_DB / 20), 0.0)
    return tuple((levels / np.sqrt(np.sum(levels**2))).tolist())


def _scanner(rng: np.random.Generator) -> tuple[Effect, ...]:
    """The organ's own vibrato or chorus, or neither."""
    if rng.random() >= _SCANNER_SHARE:
        return ()
    rate_hz, wet = rng.uniform(6.4, 7.2), float(rng.choice([1.0, 0.5]))
    scanner = Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=0.0003,
        swing_s=swing_s(rng.uniform(5.0, 20.0), rate_hz),
        wet=wet,
        tremolo_db=0.0,
    )
    return (scanner,)


def _overdrive(rng: np.random.Generator, is_driven: bool) -> tuple[Effect, ...]:
    if not is_driven:
        return ()
    amplifier = Amplifier(
        drive_db=rng.uniform(3.0, 20.0),
        bias=rng.uniform(0.0, 0.4),
        low_hz=50.0,
        high_hz=rng.uniform(4_500.0, 7_500.0),
        presence_hz=2_000.0,
        presence_db=3.0,
    )
    return (amplifier,)


def _rotary(rng: np.random.Generator) -> tuple[Effect, ...]:
    """A loudspeaker that turns slowly or fast, or none."""
    if rng.random() >= _ROTARY_SHARE:
        return ()
    return (Rotary.drawn(rng),)
