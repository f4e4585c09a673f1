"""Which effects a mix gets: drawn one by one, in the order in which a recording meets them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from timbre.features.bands import BAND_NAMES
from timbre.features.effects.compressor import Compressor
from timbre.features.effects.effect import Effect
from timbre.features.effects.equalizer import Equalizer
from timbre.features.effects.low_pass import LowPass
from timbre.features.effects.room import Room

EFFECTS: dict[str, type[Effect]] = {
    "room": Room,
    "equalizer": Equalizer,
    "compressor": Compressor,
    "low_pass": LowPass,
}
ROOM_SHARE, EQUALIZER_SHARE, COMPRESSOR_SHARE, LOW_PASS_SHARE = 0.4, 0.3, 0.3, 0.1  # of all mixes
DECAY_S, WET_DB, GAP_S, DULLNESS = (0.1, 0.9), (-24.0, -6.0), (0.002, 0.02), (1, 6)
GAIN_DB = 5.0  # at most, up or down
THRESHOLD_DB, RATIO = (-30.0, -12.0), (1.5, 4.0)
ATTACK_S, RELEASE_S = (0.002, 0.03), (0.05, 0.4)
CUTOFF_HZ = (5_000.0, 14_000.0)
# Of a single source: there are a few recordings an instrument, so each is made to sound like more of them.
SOURCE_ROOM_SHARE, SOURCE_EQUALIZER_SHARE, SOURCE_LOW_PASS_SHARE = 0.3, 0.6, 0.1
SOURCE_GAIN_DB = 9.0


def _draw_room(rng: np.random.Generator) -> Effect:
    return Room(
        decay_s=rng.uniform(*DECAY_S),
        wet_db=rng.uniform(*WET_DB),
        gap_s=rng.uniform(*GAP_S),
        dullness=int(rng.integers(*DULLNESS)),
        seed=int(rng.integers(2**31)),
    )


def _draw_equalizer(rng: np.random.Generator, gain_db: float = GAIN_DB) -> Effect:
    return Equalizer(tuple(rng.uniform(-gain_db, gain_db, len(BAND_NAMES)).tolist()))


def _draw_source_equalizer(rng: np.random.Generator) -> Effect:
    return _draw_equalizer(rng, SOURCE_GAIN_DB)


def _draw_compressor(rng: np.random.Generator) -> Effect:
    return Compressor(
        threshold_db=rng.uniform(*THRESHOLD_DB),
        ratio=rng.uniform(*RATIO),
        attack_s=rng.uniform(*ATTACK_S),
        release_s=rng.uniform(*RELEASE_S),
    )


def _draw_low_pass(rng: np.random.Generator) -> Effect:
    return LowPass(cutoff_hz=float(np.exp(rng.uniform(*np.log(CUTOFF_HZ)))))


_CHAIN = (
    (ROOM_SHARE, _draw_room),
    (EQUALIZER_SHARE, _draw_equalizer),
    (COMPRESSOR_SHARE, _draw_compressor),
    (LOW_PASS_SHARE, _draw_low_pass),
)
_SOURCE_CHAIN = (
    (SOURCE_EQUALIZER_SHARE, _draw_source_equalizer),
    (SOURCE_ROOM_SHARE, _draw_room),
    (SOURCE_LOW_PASS_SHARE, _draw_low_pass),
)


def draw_effects(rng: np.random.Generator) -> tuple[Effect, ...]:
    """The effects of one mix; often none."""
    return tuple(draw(rng) for share, draw in _CHAIN if rng.random() < share)


def draw_source_effects(rng: np.random.Generator) -> tuple[Effect, ...]:
    """The effects of one source before it is mixed with others; often none."""
    return tuple(draw(rng) for share, draw in _SOURCE_CHAIN if rng.random() < share)


def effect_as_dict(effect: Effect) -> dict[str, Any]:
    """Plain values for a line of the manifest, the effect's name first."""
    name = next(name for name, kind in EFFECTS.items() if isinstance(effect, kind))
    return {"effect": name, **asdict(effect)}


def effect_of_dict(values: Mapping[str, Any]) -> Effect:
    """The effect that `effect_as_dict` wrote."""
    parameters = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name != "effect"
    }
    return EFFECTS[values["effect"]](**parameters)
