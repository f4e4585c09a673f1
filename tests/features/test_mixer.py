import json

import numpy as np
import pandas as pd
import pytest

from timbre.features.bands import overlap
from timbre.features.effects import chain
from timbre.features.effects.equalizer import Equalizer
from timbre.features.effects.low_pass import LowPass
from timbre.features.effects.room import Room
from timbre.features.ensembles import Ensemble, Variant
from timbre.features.mix_plan import plan_of_dict
from timbre.features.mixer import GAIN_DB, Mixer
from timbre.features.scales import SCALES
from timbre.features.splits import leaking_groups

N_PLANS = 400


@pytest.fixture(scope="module")
def plans(index) -> dict[str, list]:
    return {
        split: [mixer.plan(f"{split}_{n}", n) for n in range(N_PLANS)]
        for split in ("train", "validation", "test")
        for mixer in [Mixer(index[index["split"] == split], vary=split == "train")]
    }


def test_no_group_is_on_both_sides_even_after_mixing(plans, index):
    clips = index.set_index("clip_id")
    used = pd.DataFrame(
        [
            {"group": clips.loc[clip_id, "group"], "split": split}
            for split, mixes in plans.items()
            for plan in mixes
            for clip_id in plan.clips
        ]
    )
    assert used["split"].nunique() == 3
    assert leaking_groups(used) == []


def test_a_third_are_solos_and_a_tenth_have_no_instrument(plans):
    sizes = np.array([len(plan.sources) for plan in plans["train"]])
    assert np.mean(sizes == 0) == pytest.approx(0.10, abs=0.04)
    assert np.mean(sizes == 1) == pytest.approx(0.9 * 0.34, abs=0.08)


def test_every_gain_is_within_fifteen_decibels(plans):
    gains = [source.gain_db for plan in plans["train"] for source in plan.sources]
    assert GAIN_DB[0] <= min(gains) < -12
    assert -3 < max(gains) <= GAIN_DB[1]


def test_a_plan_says_all_of_itself(plans):
    for plan in plans["train"][:60]:
        assert plan_of_dict(json.loads(json.dumps(plan.as_dict()))) == plan


def test_the_same_seed_draws_the_same_mix(index, plans):
    again = Mixer(index[index["split"] == "train"])
    assert [again.plan(f"train_{n}", n) for n in range(10)] == plans["train"][:10]


def test_only_training_changes_speed_and_order_of_its_clips(plans):
    test = [source for plan in plans["test"] for source in plan.sources]
    train = [source for plan in plans["train"] for source in plan.sources]
    assert {source.speed for source in test} == {1.0}
    assert {source.order for source in test} == {()}
    assert len({source.speed for source in train}) > 10
    cut = [source.order for source in train if source.order]
    assert cut
    assert all(sorted(order) == list(range(len(order))) for order in cut)


def test_only_in_training_a_source_has_effects_of_its_own(plans):
    test = [source for plan in plans["test"] for source in plan.sources]
    train = [source for plan in plans["train"] for source in plan.sources]
    assert not any(source.effects for source in test)
    for kind, share in [
        (Room, chain.SOURCE_ROOM_SHARE),
        (Equalizer, chain.SOURCE_EQUALIZER_SHARE),
        (LowPass, chain.SOURCE_LOW_PASS_SHARE),
    ]:
        has = [any(isinstance(effect, kind) for effect in source.effects) for source in train]
        assert np.mean(has) == pytest.approx(share, abs=0.08)


def test_the_notes_of_a_phrase_are_in_one_scale(plans, index):
    pitch = index.set_index("clip_id")["pitch"]
    phrases = [
        s for plan in plans["train"] for s in plan.sources if s.leaf == "cello" and s.manner == "phrase"
    ]
    assert len(phrases) > 20
    for source in phrases:
        sounding = pitch[list(source.clips)].to_numpy() + 12 * np.log2(source.speed) + source.semitones
        np.testing.assert_allclose(sounding, np.round(sounding), atol=0.01)
        degrees = {int(n) % 12 for n in np.round(sounding)}
        assert any(degrees <= {(tonic + s) % 12 for s in scale} for tonic in range(12) for scale in SCALES)
        assert np.abs(source.semitones).max() <= 1.0


def test_complementary_choice_overlaps_less_than_the_random_control(index):
    bands = index.set_index("clip_id").filter(like="band_")
    rows = index[index["split"] == "train"]

    def mean_overlap(mixer: Mixer) -> float:
        values = []
        for n in range(300):
            firsts = [bands.loc[source.clips[0]].to_numpy() for source in mixer.plan("m", n).sources]
            values += [overlap(a, b) for k, a in enumerate(firsts) for b in firsts[:k]]
        return float(np.mean(values))

    assert mean_overlap(Mixer(rows)) < mean_overlap(Mixer(rows, mixer="random"))


def test_ensembles_say_who_plays_together(index):
    duo = Ensemble("duo", 1.0, (Variant("low", {"cello": 1.0, "snare_drum": 1.0}),))
    band = Ensemble("band", 1.0, (Variant("rock", {"electric_guitar": 1.0, "voice": 1.0}),))
    mixer = Mixer(index[index["split"] == "train"], ensembles=[duo, band])
    leaves = [sorted({source.leaf for source in mixer.plan("m", n).sources}) for n in range(100)]
    assert {tuple(some) for some in leaves if len(some) > 1} == {("cello", "snare_drum")}
    assert ["flute"] in leaves  # soloists may be anybody
    assert len(mixer.skipped) == 1
    assert "band" in mixer.skipped[0]


def test_a_line_up_plays_with_as_many_as_it_says(index):
    trio = Variant("all", {"cello": 1.0, "flute": 1.0, "snare_drum": 1.0}, sources=(3, 3))
    mixer = Mixer(index, ensembles=[Ensemble("trio", 1.0, (trio,))])
    assert {len(mixer.plan(str(n), n).sources) for n in range(200)} == {0, 1, 3}


def test_without_an_instrument_there_is_only_noise(index):
    rows = index[[len(present) == 0 for present in index["present"]]]
    mixer = Mixer(rows)
    assert mixer.leaves == []
    assert all(not mixer.plan("m", n).sources for n in range(20))
