"""A pipe organ: ranks of principals, flutes, strings, reeds and mixtures, without the church around it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from timbre.features.effects.effect import Effect
from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.synthesizer.instrument import Envelope, Held, Instrument, log_uniform, turns_of
from timbre.features.synthesizer.wavetable import RATE_HZ, Wave, n_harmonics, read, table_of

MAX_RANKS = 7
_TREMULANT_SHARE, _CELESTE_SHARE = 0.15, 0.2
_SMALLEST_PIPE_HZ = 8_000.0  # where a rank's would be smaller, one an octave lower sounds
_TOUCH_CENTS = 2.0  # how far one pipe is from where it was tuned
_MIDDLE_HZ = 262.0  # where a pipe speaks as fast as its rank says; longer ones are slower
_RELEASE_S = 0.12


@dataclass(frozen=True)
class Family:
    """A way to build pipes; pairs are from and to.

    Attributes
    ----------
    slope
        Amplitudes fall with this power of the harmonic's number.
    even
        Even harmonics against odd ones: hardly any in a pipe that is closed above.
    attack_s
        How long a pipe takes to speak.
    chiff
        Loudness of the wind that is heard before.
    bell_hz
        Where the resonator of a reed is loudest.
    pitches
        Which ranks are built, as harmonics of the 8': one pipe a note, or several (a mixture).
    """

    slope: tuple[float, float]
    even: tuple[float, float]
    attack_s: tuple[float, float]
    chiff: float
    bell_hz: tuple[float, float] | None = None
    pitches: tuple[tuple[float, ...], ...] = ((0.5,), (1,), (1,), (2,))


FAMILIES = {
    "principal": Family(
        (1.2, 2.0), (0.7, 1.0), (0.02, 0.06), 0.1, pitches=((1,), (1,), (2,), (2,), (3,), (4,))
    ),
    "flute": Family(
        (2.2, 3.5), (0.6, 1.0), (0.03, 0.08), 0.25, pitches=((0.5,), (1,), (1,), (2,), (3,), (4,))
    ),
    "stopped": Family((1.8, 3.0), (0.0, 0.15), (0.03, 0.08), 0.3),
    "string": Family((0.5, 1.1), (0.8, 1.0), (0.05, 0.12), 0.03),
    "reed": Family((0.3, 0.9), (0.7, 1.0), (0.015, 0.04), 0.02, (600.0, 2_500.0)),
    "mixture": Family((1.2, 2.0), (0.7, 1.0), (0.02, 0.05), 0.05, pitches=((4, 6, 8), (6, 8), (3, 4, 6))),
}
_SHARES = (0.35, 0.2, 0.15, 0.1, 0.1, 0.1)  # of the families


@dataclass(frozen=True)
class Rank:
    """A row of like pipes, one or several for every key; the words are `Family`'s.

    Attributes
    ----------
    bright_hz
        Above, harmonics fall by another 12 dB an octave.
    """

    slope: float
    even: float
    attack_s: float
    chiff: float
    bell_hz: float
    bright_hz: float
    pitches: tuple[float, ...]
    level: float
    cents: float

    def amplitudes(self, hz: float) -> NDArray[np.float64]:
        """Of the harmonics of a pipe that speaks at `hz`, their power 1 together."""
        number = np.arange(1, n_harmonics(hz) + 1)
        amplitudes = number**-self.slope * np.where(number % 2, 1.0, self.even)
        amplitudes /= 1.0 + (hz * number / self.bright_hz) ** 2
        if self.bell_hz:
            amplitudes *= 0.2 + np.exp(-(np.log2(hz * number / self.bell_hz) ** 2))
        return np.asarray(amplitudes / np.sqrt(np.sum(amplitudes**2)))


@dataclass(frozen=True, kw_only=True)
class PipeOrgan(Instrument):
    """All `ranks` that are drawn sound with every key."""

    ranks: tuple[Rank, ...]

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """With stops of its own, one of them an 8'."""
        n = int(rng.integers(1, MAX_RANKS))
        kinds = rng.choice(list(FAMILIES), n, p=_SHARES).tolist()
        ranks = [_drawn_rank(FAMILIES[kind], rng) for kind in kinds]
        return cls(
            release_s=_RELEASE_S,
            cents=rng.uniform(-5.0, 5.0),
            effects=_tremulant(rng),
            ranks=(_drawn_rank(FAMILIES["principal" if n > 1 else "flute"], rng, (1,)), *ranks),
        )

    def note(self, held: Held, rng: np.random.Generator) -> Wave:
        sound = np.zeros(held.n, dtype=np.float32)
        for rank in self.ranks:
            attack_s = rank.attack_s * max(1.0, (_MIDDLE_HZ / held.hz) ** 0.5)
            speech = Envelope(attack_s, decay_s=1.0, sustain=1.0, release_s=_RELEASE_S)(held)
            for pitch in rank.pitches:
                hz = _tuned_hz(held.hz * pitch, rank.cents + rng.normal(0.0, _TOUCH_CENTS))
                pipe = read(table_of(rank.amplitudes(hz)), turns_of(hz, held, rng.random()))
                sound += rank.level * speech * pipe
            wind = _wind(held, attack_s, rng)
            sound[: len(wind)] += rank.level * rank.chiff * wind
        return sound


def _tuned_hz(hz: float, cents: float) -> float:
    while hz > _SMALLEST_PIPE_HZ:
        hz /= 2
    return float(hz * 2 ** (cents / 1_200))


def _wind(held: Held, attack_s: float, rng: np.random.Generator) -> Wave:
    """Noise around the third harmonic that swells and goes while the pipe begins to speak."""
    n = min(held.n, int(2 * attack_s * RATE_HZ))
    period, samples = RATE_HZ / held.hz, np.arange(n)
    knots = np.arange(0, n + period, period)  # as wide a band as the note is high
    slow = np.interp(samples, knots, rng.standard_normal(len(knots)))
    swell = np.sin(np.pi * samples / n)
    return np.asarray(slow * swell * np.sin(2 * np.pi * 3 * held.hz / RATE_HZ * samples), dtype=np.float32)


def _drawn_rank(family: Family, rng: np.random.Generator, pitches: tuple[float, ...] = ()) -> Rank:
    """Of any of the family's pitches, or of these."""
    is_celeste = rng.random() < _CELESTE_SHARE
    return Rank(
        slope=rng.uniform(*family.slope),
        even=rng.uniform(*family.even),
        attack_s=rng.uniform(*family.attack_s),
        chiff=rng.uniform(0.0, family.chiff),
        bell_hz=log_uniform(rng, *family.bell_hz) if family.bell_hz else 0.0,
        bright_hz=log_uniform(rng, 2_000.0, 8_000.0),
        pitches=pitches or family.pitches[int(rng.integers(len(family.pitches)))],
        level=rng.uniform(0.4, 1.0),
        cents=rng.uniform(4.0, 9.0) if is_celeste and not pitches else 0.0,
    )


def _tremulant(rng: np.random.Generator) -> tuple[Effect, ...]:
    """What shakes the wind, or nothing."""
    if rng.random() >= _TREMULANT_SHARE:
        return ()
    rate_hz = rng.uniform(4.5, 6.5)
    tremulant = Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=0.0,
        swing_s=swing_s(rng.uniform(3.0, 10.0), rate_hz),
        wet=1.0,
        tremolo_db=rng.uniform(1.0, 4.0),
    )
    return (tremulant,)
