from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from timbre.features.effects.low_pass import LowPass
from timbre.features.mix_plan import MixPlan, NoisePlan, SourcePlan
from timbre.features.mix_truth import Truth, multi_hot
from timbre.taxonomy import BY_ID

LABELS = ("cello", "flute", "snare_drum", "triangle", "drum_kit")
ROWS = {
    "cello": ["cello"],
    "flute": ["flute"],
    "snare": ["snare_drum"],
    "kick": ["kick_drum"],
    "ride": ["triangle"],
    "noise": [],
    "duet": ["cello", "flute"],
}
N = 96_000
TIME_S = np.arange(N) / 32_000


@pytest.fixture(scope="module")
def truth() -> Truth:
    absent = [sorted(set(BY_ID) - set(present)) for present in ROWS.values()]
    absent[list(ROWS).index("noise")].remove("cello")  # this noise might be taken for a cello
    return Truth(pd.DataFrame({"present": ROWS.values(), "absent": absent}), LABELS)


def source(leaf: str, clip: str, manner: str = "crop") -> SourcePlan:
    return SourcePlan(leaf, (clip,), manner, 0.0, beat_s=0.4, speed=1.0, seed=5)


def tone(frequency_hz: float, level: float = 0.1) -> np.ndarray:
    return (level * np.sin(2 * np.pi * frequency_hz * TIME_S)).astype(np.float32)


def strokes(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(N) * np.exp(-10 * (TIME_S % 0.5))
    return (0.1 * noise).astype(np.float32)


def judged(truth: Truth, plan: MixPlan, sources, noise=None) -> dict[str, bool | None]:
    rows = {clip: number for number, clip in enumerate(ROWS)}
    targets, known = truth.of(plan, sources, noise, rows)
    return {label: bool(t) if k else None for label, t, k in zip(LABELS, targets, known, strict=True)}


CELLO, FLUTE = source("cello", "cello"), source("flute", "flute")


def test_what_is_heard_is_present_and_the_rest_absent(truth):
    assert judged(truth, MixPlan("m", (CELLO, FLUTE)), [tone(200), tone(2_000)]) == {
        "cello": True, "flute": True, "snare_drum": False, "triangle": False, "drum_kit": False,
    }  # fmt: skip


def test_a_drowned_source_keeps_no_label(truth):
    drowned = judged(truth, MixPlan("m", (CELLO, FLUTE)), [tone(2_100, 1e-4), tone(2_000)])
    assert drowned["cello"] is False
    assert drowned["flute"] is True


def test_a_sound_outside_the_segment_is_left_unknown(truth):
    early = tone(440)
    early[16_000:] = 0.0
    assert judged(truth, MixPlan("m", (FLUTE,)), [early])["flute"] is None


def test_what_a_filter_takes_away_is_not_heard(truth):
    plan = MixPlan("m", (CELLO, source("triangle", "ride")))
    sources = [tone(200), tone(13_000)]
    assert judged(truth, plan, sources)["triangle"] is True
    assert judged(truth, replace(plan, effects=(LowPass(3_000.0),)), sources)["triangle"] is False


def test_of_a_phrase_of_several_clips_what_only_some_hold_is_unknown(truth):
    plan = MixPlan("m", (replace(CELLO, clips=("cello", "duet"), manner="phrase"),))
    said = judged(truth, plan, [tone(200)])
    assert said == {"cello": True, "flute": None, "snare_drum": False, "triangle": False, "drum_kit": False}


def test_noise_leaves_open_what_it_resembles(truth):
    plan = MixPlan("m", (FLUTE,), NoisePlan(("noise",), None, 30.0, seed=1))
    said = judged(truth, plan, [tone(2_000)], tone(300, 0.003))
    assert said["cello"] is None
    assert said["flute"] is True
    assert said["snare_drum"] is False


def test_pieces_of_a_kit_played_together_are_a_kit(truth):
    snare, kick = source("snare_drum", "snare", "beat"), source("kick_drum", "kick", "beat")
    assert judged(truth, MixPlan("m", (snare,)), [strokes(0)])["drum_kit"] is False
    assert judged(truth, MixPlan("m", (snare, kick)), [strokes(0), strokes(1)])["drum_kit"] is True
    # Not on the beat nobody could say whether it is one.
    loose = tuple(replace(piece, manner="phrase") for piece in (snare, kick))
    assert judged(truth, MixPlan("m", loose), [strokes(0), strokes(1)])["drum_kit"] is None


def test_multi_hot_knows_only_its_labels():
    rows = pd.Series([["cello", "sitar"], []])
    assert multi_hot(rows, LABELS).tolist() == [[True, False, False, False, False], [False] * 5]
