import json

import numpy as np
import pandas as pd
import pytest

from timbre.features import mixer as mixer_module
from timbre.features.bands import overlap
from timbre.features.ensembles import DRUM_PIECES, ENSEMBLES
from timbre.features.mix_plan import plan_of_dict
from timbre.features.mixer import GAIN_DB, Mixer, main_leaf
from timbre.features.splits import leaking_groups
from timbre.taxonomy import BY_ID

N_PLANS = 400


@pytest.fixture(scope="module")
def plans(index) -> dict[str, list]:
    return {
        split: [mixer.plan(f"{split}_{n}", n) for n in range(N_PLANS)]
        for split in ("train", "validation", "test")
        for mixer in [Mixer(index[index["split"] == split], vary_speed=split == "train")]
    }


def test_no_group_is_on_both_sides_even_after_mixing(plans, index):
    clips = index.set_index("clip_id")
    used = pd.DataFrame(
        [
            {"group": clips.loc[clip_id, "group"], "split": split}
            for split, mixes in plans.items()
            for plan in mixes
            for clip_id in (*plan.noise_clips, *(c for source in plan.sources for c in source.clips))
        ]
    )
    assert used["split"].nunique() == 3
    assert leaking_groups(used) == []


def test_a_third_are_solos_and_a_tenth_have_no_instrument(index, monkeypatch):
    monkeypatch.setattr(mixer_module, "ENSEMBLE_SHARE", 0.0)  # most ensembles have one member here
    mixer = Mixer(index[index["split"] == "train"])
    sizes = np.array([len(mixer.plan("m", n).sources) for n in range(N_PLANS)])
    assert np.mean(sizes == 0) == pytest.approx(0.10, abs=0.04)
    assert np.mean(sizes == 1) == pytest.approx(0.9 * 0.34, abs=0.08)


def test_every_gain_is_within_fifteen_decibels(plans):
    gains = [source.gain_db for plan in plans["train"] for source in plan.sources]
    assert GAIN_DB[0] <= min(gains) < -12
    assert -3 < max(gains) <= GAIN_DB[1]


def test_a_plan_says_all_of_itself(plans):
    for plan in plans["train"][:20]:
        assert plan_of_dict(json.loads(json.dumps(plan.as_dict()))) == plan


def test_the_same_seed_draws_the_same_mix(index, plans):
    again = Mixer(index[index["split"] == "train"])
    assert [again.plan(f"train_{n}", n) for n in range(10)] == plans["train"][:10]


def test_only_training_plays_clips_at_other_speeds(plans):
    assert {source.speed for plan in plans["test"] for source in plan.sources} == {1.0}
    assert len({source.speed for plan in plans["train"] for source in plan.sources}) > 10


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


def test_a_clip_is_drawn_for_the_narrowest_of_its_names():
    assert main_leaf(["closed_hi_hat", "hi_hat"]) == "closed_hi_hat"
    assert main_leaf(["kick_drum", "snare_drum", "drum_kit"]) == "drum_kit"
    assert main_leaf([]) == ""


def test_ensembles_name_leaves():
    assert set(DRUM_PIECES) | {leaf for ensemble in ENSEMBLES.values() for leaf in ensemble} <= set(BY_ID)
