from dataclasses import replace

import librosa
import numpy as np
import pytest

from timbre.features.material import Material
from timbre.features.mix_audio import N_FRAMES, N_SAMPLES, MixRenderer
from timbre.features.mix_plan import MixPlan, SourcePlan

LABELS = ("cello", "flute", "snare_drum", "drum_kit")


@pytest.fixture(scope="module")
def renderer(index, decoded) -> MixRenderer:
    return MixRenderer(Material(index, decoded), LABELS)


@pytest.fixture(scope="module")
def ids(index) -> dict[str, list[str]]:
    return {
        leaf: [i for i, present in zip(index["clip_id"], index["present"], strict=True) if leaf in present]
        for leaf in LABELS
    }


def source(leaf: str, clips: list[str], manner: str = "crop", gain_db: float = 0.0) -> SourcePlan:
    return SourcePlan(leaf, tuple(clips), manner, gain_db, beat_s=0.4, speed=1.0, seed=5)


def truth(renderer: MixRenderer, plan: MixPlan) -> dict[str, bool | None]:
    _, targets, known = renderer.window(plan)
    return {label: bool(t) if k else None for label, t, k in zip(LABELS, targets, known, strict=True)}


def test_a_window_is_the_log_mel_that_the_front_end_makes(renderer, ids):
    plan = MixPlan("m", 1, (source("flute", ids["flute"][:1]),))
    log_mel, _, _ = renderer.window(plan)
    assert log_mel.shape == (128, N_FRAMES)
    # A flute of the fixture has its fundamental at 900 to 1,200 Hz.
    centres_hz = librosa.mel_frequencies(130, fmin=0, fmax=16_000)[1:-1]
    assert 850 < centres_hz[int(log_mel.mean(axis=1).argmax())] < 1_250


def test_the_same_plan_is_the_same_window(renderer, ids):
    plan = MixPlan("m", 7, (source("cello", ids["cello"][:4], "phrase"),), room=True, coloured_noise=True)
    for first, second in zip(renderer.window(plan), renderer.window(plan), strict=True):
        np.testing.assert_array_equal(first, second)


def test_what_is_heard_is_present_and_the_rest_absent(renderer, ids):
    plan = MixPlan("m", 1, (source("flute", ids["flute"][:1]), source("cello", ids["cello"][:5], "phrase")))
    assert truth(renderer, plan) == {"cello": True, "flute": True, "snare_drum": False, "drum_kit": False}


def test_a_drowned_source_keeps_no_label(renderer, ids):
    flute = source("flute", ids["flute"][:1])
    drowned = replace(
        source("flute", ids["flute"][1:2]), gain_db=-60.0, leaf="cello", clips=tuple(ids["cello"][:1])
    )
    assert truth(renderer, MixPlan("m", 1, (flute, drowned)))["cello"] is False


def test_noise_and_silence_hold_no_label(renderer, index):
    noise = [i for i, present in zip(index["clip_id"], index["present"], strict=True) if not len(present)]
    for plan in (MixPlan("m", 1, noise_clips=tuple(noise[:2]), noise_gain_db=0.0), MixPlan("silence", 2)):
        log_mel, targets, known = renderer.window(plan)
        assert np.isfinite(log_mel).all()
        assert not targets.any()
        assert known.all()
    assert (renderer.window(MixPlan("silence", 2))[0] == -100.0).all()


def test_a_sound_outside_the_segment_is_left_unknown(renderer, ids, monkeypatch):
    early = np.zeros(N_SAMPLES, np.float32)
    early[:16_000] = 0.1 * np.sin(np.arange(16_000) / 5)
    monkeypatch.setattr(renderer, "_source", lambda plan: early)
    assert truth(renderer, MixPlan("m", 1, (source("flute", ids["flute"][:1]),)))["flute"] is None


def test_pieces_of_a_kit_played_together_are_a_kit(renderer, ids):
    snare = source("snare_drum", ids["snare_drum"][:1], "beat")
    kick = replace(snare, leaf="kick_drum", clips=tuple(ids["cello"][:1]))  # any low sound will do
    assert truth(renderer, MixPlan("m", 1, (snare,)))["drum_kit"] is False
    assert truth(renderer, MixPlan("m", 1, (snare, kick)))["drum_kit"] is True
