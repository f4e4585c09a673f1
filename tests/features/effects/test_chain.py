import json

import numpy as np
import pytest

from timbre.features.effects import chain
from timbre.features.effects.chain import (
    EFFECTS,
    draw_effects,
    draw_source_effects,
    effect_as_dict,
    effect_of_dict,
)
from timbre.taxonomy import BY_ID

DRAWN = [draw_effects(np.random.default_rng(seed)) for seed in range(400)]


def test_every_effect_is_drawn_as_often_as_it_should():
    for kind, share in [
        ("room", chain.ROOM_SHARE),
        ("equalizer", chain.EQUALIZER_SHARE),
        ("compressor", chain.COMPRESSOR_SHARE),
        ("low_pass", chain.LOW_PASS_SHARE),
    ]:
        has = [any(isinstance(effect, EFFECTS[kind]) for effect in effects) for effects in DRAWN]
        assert np.mean(has) == pytest.approx(share, abs=0.08)


def drawn_for(leaf: str) -> list[tuple]:
    return [draw_source_effects(leaf, np.random.default_rng(seed)) for seed in range(400)]


@pytest.mark.parametrize(
    ("leaf", "kind", "share"),
    [
        ("electric_guitar", "amplifier", chain.AMPLIFIED["electric_guitar"]),
        ("electric_guitar", "modulation", chain.CHORUSED["electric_guitar"]),
        ("violin", "modulation", chain.VIBRATO_SHARE),
        ("violin", "amplifier", 0.0),
        ("snare_drum", "modulation", 0.0),
        ("snare_drum", "equalizer", chain.SOURCE_EQUALIZER_SHARE),
    ],
)
def test_a_source_gets_the_effects_of_its_instrument(leaf, kind, share):
    has = [any(isinstance(effect, EFFECTS[kind]) for effect in effects) for effects in drawn_for(leaf)]
    assert np.mean(has) == pytest.approx(share, abs=0.08)


def test_every_instrument_with_effects_of_its_own_is_one():
    assert {*chain.AMPLIFIED, *chain.CHORUSED} <= BY_ID.keys()


def test_some_rooms_are_halls():
    rooms = [effect for effects in DRAWN for effect in effects if isinstance(effect, EFFECTS["room"])]
    halls = [room.decay_s > chain.DECAY_S[1] for room in rooms]
    assert np.mean(halls) == pytest.approx(chain.HALL_SHARE, abs=0.1)


def test_an_effect_that_was_written_down_sounds_the_same():
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    for effects in [*DRAWN[:40], *drawn_for("organ")[:40]]:
        for effect in effects:
            again = effect_of_dict(json.loads(json.dumps(effect_as_dict(effect))))
            assert again == effect
            np.testing.assert_array_equal(again(noise), effect(noise))


def test_effects_keep_length_and_type():
    noise = np.random.default_rng(1).standard_normal(9_999).astype(np.float32)
    for effects in [*DRAWN[:40], *drawn_for("electric_guitar")[:40]]:
        for effect in effects:
            out = effect(noise)
            assert out.shape == noise.shape
            assert out.dtype == np.float32
            assert np.isfinite(out).all()
