"""Electric pianos: tines and reeds that a hammer strikes, and the digital ones that followed."""

import numpy as np

from timbre.features.effects.amplifier import Amplifier
from timbre.features.effects.effect import Effect
from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.synthesizer.frequency_modulation import FrequencyModulation, Pair
from timbre.features.synthesizer.instrument import log_uniform

_TREMOLO_SHARE, _CHORUS_SHARE, _DRIVEN_SHARE = 0.35, 0.3, 0.2


def drawn_struck(rng: np.random.Generator) -> FrequencyModulation:
    """Tines (a round tone, a short bell) or reeds (a harder one) before a pickup."""
    is_reed = rng.random() < 0.4
    decay_s = log_uniform(rng, 0.5, 1.2) if is_reed else log_uniform(rng, 1.0, 3.0)
    body = Pair(
        carrier=1.0,
        modulator=float(rng.choice([1.0, 2.0])) if is_reed else 1.0,
        index=rng.uniform(0.6, 1.8) if is_reed else rng.uniform(0.2, 1.3),
        index_s=decay_s * rng.uniform(0.3, 0.8),
        index_left=rng.uniform(0.1, 0.4),
        level=1.0,
        decay_s=decay_s,
    )
    bell = Pair(
        carrier=rng.uniform(5.5, 8.5),  # a tine's next mode, which is no harmonic
        modulator=1.0,
        index=rng.uniform(0.0, 0.4),
        index_s=0.1,
        index_left=0.0,
        level=rng.uniform(0.02, 0.1 if is_reed else 0.25),
        decay_s=log_uniform(rng, 0.03, 0.25),
    )
    return _piano((body, bell), rng, thump=rng.uniform(0.0, 0.15))


def drawn_digital(rng: np.random.Generator) -> FrequencyModulation:
    """Pairs of sine operators: a soft body, twice and slightly out of tune, and a bell far above it."""
    detune_cents, decay_s = rng.uniform(1.0, 5.0), log_uniform(rng, 0.8, 3.0)
    bodies = tuple(
        Pair(
            carrier=1.0,
            modulator=1.0,
            index=rng.uniform(0.3, 1.6),
            index_s=decay_s * rng.uniform(0.2, 0.8),
            index_left=0.15,
            level=0.6,
            decay_s=decay_s,
            cents=cents,
        )
        for cents in (-detune_cents, detune_cents)
    )
    bell = Pair(
        carrier=1.0,
        modulator=float(rng.choice([7.0, 9.0, 12.0, 14.0, 15.0])),
        index=rng.uniform(0.1, 0.8),
        index_s=log_uniform(rng, 0.05, 0.4),
        index_left=rng.uniform(0.0, 0.03),
        level=rng.uniform(0.2, 0.7),
        decay_s=decay_s * rng.uniform(0.3, 1.0),
    )
    return _piano((*bodies, bell), rng, thump=0.0)


def _piano(pairs: tuple[Pair, ...], rng: np.random.Generator, thump: float) -> FrequencyModulation:
    return FrequencyModulation(
        release_s=log_uniform(rng, 0.06, 0.35),
        cents=rng.uniform(-4.0, 4.0),
        effects=_pedals(rng),
        pairs=pairs,
        thump=thump,
        sense=rng.uniform(0.5, 0.9),
    )


def _pedals(rng: np.random.Generator) -> tuple[Effect, ...]:
    """Overdrive, chorus and tremolo, each by chance."""
    rate_hz = log_uniform(rng, 0.3, 3.0)
    overdrive = Amplifier(
        drive_db=rng.uniform(0.0, 12.0),
        bias=rng.uniform(0.0, 0.5),
        low_hz=60.0,
        high_hz=rng.uniform(4_000.0, 7_000.0),
        presence_hz=2_500.0,
        presence_db=2.0,
    )
    chorus = Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=0.006,
        swing_s=swing_s(rng.uniform(4.0, 15.0), rate_hz),
        wet=0.5,
        tremolo_db=0.0,
    )
    tremolo = Modulation(
        rate_hz=log_uniform(rng, 2.5, 8.0),
        phase=rng.random(),
        delay_s=0.0,
        swing_s=0.0,
        wet=1.0,
        tremolo_db=rng.uniform(2.0, 12.0),
    )
    is_on = rng.random(3) < (_DRIVEN_SHARE, _CHORUS_SHARE, _TREMOLO_SHARE)
    return tuple(effect for effect, on in zip((overdrive, chorus, tremolo), is_on, strict=True) if on)
