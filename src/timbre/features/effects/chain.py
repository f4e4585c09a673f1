"""Which effects a mix gets: drawn one by one, in the order in which a recording meets them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from timbre.features.bands import BAND_NAMES
from timbre.features.effects.amplifier import Amplifier
from timbre.features.effects.compressor import Compressor
from timbre.features.effects.echo import Echo
from timbre.features.effects.effect import Effect
from timbre.features.effects.equalizer import Equalizer
from timbre.features.effects.low_pass import LowPass
from timbre.features.effects.modulation import Modulation, swing_s
from timbre.features.effects.room import Room
from timbre.features.effects.rotary import Rotary
from timbre.features.effects.swell import Swell
from timbre.taxonomy import BY_ID

EFFECTS: dict[str, type[Effect]] = {
    "swell": Swell,
    "amplifier": Amplifier,
    "modulation": Modulation,
    "rotary": Rotary,
    "echo": Echo,
    "room": Room,
    "equalizer": Equalizer,
    "compressor": Compressor,
    "low_pass": LowPass,
}
ROOM_SHARE, EQUALIZER_SHARE, COMPRESSOR_SHARE, LOW_PASS_SHARE = 0.4, 0.3, 0.3, 0.1  # of all mixes
DECAY_S, WET_DB, GAP_S, DULLNESS = (0.1, 0.9), (-24.0, -6.0), (0.002, 0.02), (1, 6)
HALL_SHARE = 0.25  # of the rooms: concert halls and churches
HALL_DECAY_S, HALL_WET_DB, HALL_GAP_S = (0.9, 3.0), (-15.0, 0.0), (0.01, 0.04)
GAIN_DB = 5.0  # at most, up or down
THRESHOLD_DB, RATIO = (-30.0, -12.0), (1.5, 4.0)
ATTACK_S, RELEASE_S = (0.002, 0.03), (0.05, 0.4)
CUTOFF_HZ = (5_000.0, 14_000.0)
# Of a single source: there are a few recordings an instrument, so each is made to sound like more of them.
SOURCE_ROOM_SHARE, SOURCE_EQUALIZER_SHARE, SOURCE_LOW_PASS_SHARE = 0.3, 0.6, 0.1
SOURCE_GAIN_DB = 9.0
# How often an instrument is heard through an amplifier, where it may be.
AMPLIFIED = {
    "electric_guitar": 0.5, "electric_bass": 0.3, "electric_piano": 0.25, "organ": 0.15,
    "harmonica": 0.2, "synth_lead": 0.15, "synth_bass": 0.15,
}  # fmt: skip
DRIVE_DB, BIAS, PRESENCE_HZ, PRESENCE_DB = (0.0, 36.0), (0.0, 0.5), (1_500.0, 4_000.0), (0.0, 8.0)
LOUDSPEAKER_HZ = ((40.0, 140.0), (3_500.0, 7_000.0))
# ... how often with a pedal ...
CHORUSED = {
    "electric_guitar": 0.3, "electric_piano": 0.35, "organ": 0.15, "synth_pad": 0.2, "synth_lead": 0.15,
    "electric_bass": 0.1, "acoustic_guitar": 0.05,
}  # fmt: skip
CHORUS_RATE_HZ, CHORUS_DELAY_S, CHORUS_CENTS = (0.3, 7.0), (0.001, 0.025), (3.0, 25.0)
CHORUS_WET, TREMOLO_DB = (0.0, 0.6), (0.0, 9.0)
TURNED = {"organ": 0.25}  # ... and how often through a loudspeaker that turns
VIBRATO_SHARE, VIBRATO_FAMILIES = 0.25, ("voice", "strings", "woodwinds", "brass")
SECTIONS = ("choir", "string_ensemble")  # of those families, but many players never swing as one
VIBRATO_RATE_HZ, VIBRATO_CENTS, VIBRATO_TREMOLO_DB = (4.0, 7.5), (8.0, 50.0), (0.0, 3.0)

SWELL_SHARE, SWELL_DB, N_SWELL_LEVELS = 0.3, 6.0, (3, 9)
SWELLING = ("organ", "accordion", "harmonica", "synth_pad")  # and those families


def _draw_room(rng: np.random.Generator) -> Effect:
    is_hall = rng.random() < HALL_SHARE
    return Room(
        decay_s=rng.uniform(*(HALL_DECAY_S if is_hall else DECAY_S)),
        wet_db=rng.uniform(*(HALL_WET_DB if is_hall else WET_DB)),
        gap_s=rng.uniform(*(HALL_GAP_S if is_hall else GAP_S)),
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


def _draw_swell(rng: np.random.Generator) -> Effect:
    return Swell(tuple(rng.uniform(-SWELL_DB, SWELL_DB, rng.integers(*N_SWELL_LEVELS)).tolist()))


def _draw_amplifier(rng: np.random.Generator) -> Effect:
    low_hz, high_hz = LOUDSPEAKER_HZ
    return Amplifier(
        drive_db=rng.uniform(*DRIVE_DB),
        bias=rng.uniform(*BIAS),
        low_hz=rng.uniform(*low_hz),
        high_hz=rng.uniform(*high_hz),
        presence_hz=rng.uniform(*PRESENCE_HZ),
        presence_db=rng.uniform(*PRESENCE_DB),
    )


def _draw_chorus(rng: np.random.Generator) -> Effect:
    rate_hz = float(np.exp(rng.uniform(*np.log(CHORUS_RATE_HZ))))
    return Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=rng.uniform(*CHORUS_DELAY_S),
        swing_s=swing_s(rng.uniform(*CHORUS_CENTS), rate_hz),
        wet=rng.uniform(*CHORUS_WET),
        tremolo_db=rng.uniform(*TREMOLO_DB),
    )


def _draw_vibrato(rng: np.random.Generator) -> Effect:
    rate_hz = rng.uniform(*VIBRATO_RATE_HZ)
    return Modulation(
        rate_hz=rate_hz,
        phase=rng.random(),
        delay_s=0.0,
        swing_s=swing_s(rng.uniform(*VIBRATO_CENTS), rate_hz),
        wet=1.0,
        tremolo_db=rng.uniform(*VIBRATO_TREMOLO_DB),
    )


_CHAIN = (
    (ROOM_SHARE, _draw_room),
    (EQUALIZER_SHARE, _draw_equalizer),
    (COMPRESSOR_SHARE, _draw_compressor),
    (LOW_PASS_SHARE, _draw_low_pass),
)


def _source_chain(leaf: str) -> tuple[tuple[float, Callable[[np.random.Generator], Effect]], ...]:
    """From the player to the microphone."""
    is_sustained = BY_ID[leaf].family in VIBRATO_FAMILIES
    has_vibrato = is_sustained and leaf not in SECTIONS
    return (
        (SWELL_SHARE if is_sustained or leaf in SWELLING else 0.0, _draw_swell),
        (VIBRATO_SHARE if has_vibrato else 0.0, _draw_vibrato),
        (AMPLIFIED.get(leaf, 0.0), _draw_amplifier),
        (CHORUSED.get(leaf, 0.0), _draw_chorus),
        (TURNED.get(leaf, 0.0), Rotary.drawn),
        (SOURCE_EQUALIZER_SHARE, _draw_source_equalizer),
        (SOURCE_ROOM_SHARE, _draw_room),
        (SOURCE_LOW_PASS_SHARE, _draw_low_pass),
    )


def draw_effects(rng: np.random.Generator) -> tuple[Effect, ...]:
    """The effects of one mix; often none."""
    return tuple(draw(rng) for share, draw in _CHAIN if rng.random() < share)


def draw_source_effects(leaf: str, rng: np.random.Generator) -> tuple[Effect, ...]:
    """The effects of one source, an instrument of this leaf, before it is mixed with others; often none."""
    return tuple(draw(rng) for share, draw in _source_chain(leaf) if rng.random() < share)


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
