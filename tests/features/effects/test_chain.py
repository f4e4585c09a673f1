import json
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest

import timbre.features.effects as effects_package
from timbre.features.effects import chain
from timbre.features.effects.chain import (
    EFFECTS,
    draw_effects,
    draw_source_effects,
    effect_as_dict,
    effect_of_dict,
)
from timbre.features.effects.echo import Echo
from timbre.features.effects.effect import Effect, Filter
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


def has_effect(leaf: str, kind: str) -> list[bool]:
    return [any(isinstance(effect, EFFECTS[kind]) for effect in effects) for effects in drawn_for(leaf)]


@pytest.mark.parametrize(
    ("leaf", "kind", "share"),
    [
        ("electric_guitar", "amplifier", chain.AMPLIFIED["electric_guitar"]),
        ("electric_guitar", "modulation", chain.CHORUSED["electric_guitar"]),
        ("violin", "modulation", chain.VIBRATO_SHARE),
        ("voice", "modulation", chain.VIBRATO_SHARE),
        ("flute", "modulation", chain.VIBRATO_SHARE),
        ("trombone", "modulation", chain.VIBRATO_SHARE),
        ("organ", "rotary", chain.TURNED["organ"]),
        ("snare_drum", "equalizer", chain.SOURCE_EQUALIZER_SHARE),
    ],
)
def test_a_source_gets_the_effects_of_its_instrument(leaf, kind, share):
    assert np.mean(has_effect(leaf, kind)) == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [
        ("violin", "amplifier"),
        ("violin", "rotary"),
        ("snare_drum", "modulation"),
        ("piano", "modulation"),
        ("choir", "modulation"),
        ("string_ensemble", "modulation"),
    ],
)
def test_a_source_never_gets_what_its_instrument_has_not(leaf, kind):
    assert not any(has_effect(leaf, kind))


def test_every_instrument_with_effects_of_its_own_is_one():
    named = {*chain.AMPLIFIED, *chain.CHORUSED, *chain.TURNED, *chain.SECTIONS}
    assert named <= BY_ID.keys()


def test_every_effect_can_be_written_down():
    for module in iter_modules(effects_package.__path__, effects_package.__name__ + "."):
        import_module(module.name)
    kinds = [*Effect.__subclasses__(), *Filter.__subclasses__()]
    assert {kind for kind in kinds if kind is not Filter} == set(EFFECTS.values())


def test_an_echo_alone_is_no_playing():
    assert {name for name, kind in EFFECTS.items() if kind.echoes} == {"room", "echo"}


def test_some_rooms_are_halls():
    rooms = [effect for effects in DRAWN for effect in effects if isinstance(effect, EFFECTS["room"])]
    halls = [room.decay_s > chain.DECAY_S[1] for room in rooms]
    assert np.mean(halls) == pytest.approx(chain.HALL_SHARE, abs=0.1)


def test_an_effect_that_was_written_down_sounds_the_same():
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    for effects in [*DRAWN[:40], *drawn_for("organ")[:40], (Echo(0.1, 0.5, 0.4),)]:
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
