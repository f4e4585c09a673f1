from dataclasses import replace

import librosa
import numpy as np
import pytest

from timbre.features.effects.chain import draw_effects
from timbre.features.effects.equalizer import Equalizer
from timbre.features.effects.room import Room
from timbre.features.material import Material
from timbre.features.mix_audio import N_FRAMES, N_SAMPLES, SOURCE_RMS, MixRenderer
from timbre.features.mix_plan import MixPlan, NoisePlan, SourcePlan

LABELS = ("cello", "flute", "snare_drum", "drum_kit")
RATE_HZ = 32_000


@pytest.fixture(scope="module")
def renderer(index, decoded) -> MixRenderer:
    return MixRenderer(Material(index, decoded), LABELS)


@pytest.fixture(scope="module")
def ids(index) -> dict[str, list[str]]:
    names = [present[0] if len(present) else "noise" for present in index["present"]]
    return {
        leaf: [clip for clip, name in zip(index["clip_id"], names, strict=True) if name == leaf]
        for leaf in (*LABELS, "noise")
    }


def source(leaf: str, clips: list[str], manner: str = "crop", gain_db: float = 0.0) -> SourcePlan:
    return SourcePlan(leaf, tuple(clips), manner, gain_db, beat_s=0.4, speed=1.0, seed=5)


def level_db(waveform: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(waveform.astype(np.float64) ** 2))))


def test_a_window_is_the_log_mel_that_the_front_end_makes(renderer, ids):
    log_mel, _, _ = renderer.window(MixPlan("m", (source("flute", ids["flute"][:1]),)))
    assert log_mel.shape == (128, N_FRAMES)
    # A flute of the fixture has its fundamental at 900 to 1,200 Hz.
    centres_hz = librosa.mel_frequencies(130, fmin=0, fmax=16_000)[1:-1]
    assert 850 < centres_hz[int(log_mel.mean(axis=1).argmax())] < 1_250


def test_the_same_plan_is_the_same_window(renderer, ids):
    plan = MixPlan(
        "m",
        (source("cello", ids["cello"][:4], "phrase"),),
        NoisePlan(tuple(ids["noise"][:1]), 3.0, 20.0, seed=9),
        draw_effects(np.random.default_rng(1)),
    )
    assert plan.effects
    for first, second in zip(renderer.window(plan), renderer.window(plan), strict=True):
        np.testing.assert_array_equal(first, second)


def test_sources_are_as_loud_as_the_plan_says(renderer, ids):
    flute = source("flute", ids["flute"][:1])
    loud, _, _ = renderer.waveform(MixPlan("m", (flute,)))
    assert level_db(loud) == pytest.approx(-20.0, abs=0.1)  # the level of the mix
    pair = (flute, replace(source("cello", ids["cello"][:1]), gain_db=-12.0))
    waves = [renderer._source(one) for one in pair]
    assert level_db(waves[0]) == pytest.approx(20 * np.log10(SOURCE_RMS), abs=1.0)
    assert level_db(waves[1]) - level_db(waves[0]) == pytest.approx(-12.0, abs=1.0)


def test_a_source_has_its_effects_before_its_loudness(renderer, ids):
    plain = source("flute", ids["flute"][:1])
    rising = Equalizer(tuple(np.linspace(-20.0, 20.0, 7)))
    wave = renderer._source(plain)
    brighter = renderer._source(replace(plain, effects=(rising,)))
    assert level_db(brighter) == pytest.approx(level_db(wave), abs=1.0)
    spectrum, brighter_spectrum = np.abs(np.fft.rfft(wave)), np.abs(np.fft.rfft(brighter))
    bins_hz = np.fft.rfftfreq(len(wave), 1 / RATE_HZ)
    loud = spectrum > 0.01 * spectrum.max()
    gain_db = 20 * np.log10(brighter_spectrum[loud] / spectrum[loud])
    expected_db = rising.gain_db(bins_hz[loud])
    np.testing.assert_allclose(gain_db - gain_db[0], expected_db - expected_db[0], atol=1.0)


def test_the_echo_of_a_source_is_heard_and_is_no_playing(renderer, ids):
    room = Room(decay_s=0.9, wet_db=-6.0, gap_s=0.005, dullness=2, seed=1)
    plain = MixPlan("m", (source("snare_drum", ids["snare_drum"][:1], "beat"),))
    echoing = replace(plain, sources=(replace(plain.sources[0], effects=(room,)),))
    dry, *truth = renderer.waveform(plain)
    wet, *truth_of_echoing = renderer.waveform(echoing)
    np.testing.assert_array_equal(truth, truth_of_echoing)
    quiet = np.abs(dry) < 1e-4 * np.abs(dry).max()
    assert quiet.mean() > 0.05
    assert level_db(wet[quiet]) > level_db(dry[quiet]) + 20.0


def test_a_short_crop_sounds_to_its_end(renderer, ids):
    cello = renderer._source(source("cello", ids["cello"][:1]))  # 1.2 s of 3
    thirds = [level_db(part) for part in np.split(cello, 3)]
    assert max(thirds) - min(thirds) < 3.0


def test_a_faster_source_is_higher(renderer, ids):
    def peak_hz(speed: float) -> float:
        wave = renderer._source(replace(source("flute", ids["flute"][:1]), speed=speed))
        assert wave.shape == (N_SAMPLES,)
        return float(np.abs(np.fft.rfft(wave)).argmax() * RATE_HZ / N_SAMPLES)

    assert peak_hz(1.2) / peak_hz(1.0) == pytest.approx(1.2, rel=0.01)


def test_the_noise_lies_at_its_snr_below_the_sources(renderer, ids):
    flute = source("flute", ids["flute"][:1])
    alone = renderer._source(flute)
    for clips, slope_db in ((ids["noise"][:2], None), ([], 6.0), (ids["noise"][:1], 0.0)):
        noise = renderer._noise(NoisePlan(tuple(clips), slope_db, 24.0, seed=3), alone)
        assert level_db(alone) - level_db(noise) == pytest.approx(24.0, abs=0.1)


def test_effects_are_on_the_mix(renderer, ids):
    plan = MixPlan("m", (source("flute", ids["flute"][:1]), source("cello", ids["cello"][:4], "phrase")))
    plain, _, _ = renderer.waveform(plan)
    bright, _, _ = renderer.waveform(replace(plan, effects=(Equalizer((-12, -12, 0, 0, 0, 0, 0)),)))

    def low_share(waveform: np.ndarray) -> float:
        power = np.abs(np.fft.rfft(waveform)) ** 2
        return float(power[: int(200 * N_SAMPLES / RATE_HZ)].sum() / power.sum())

    assert low_share(bright) < 0.5 * low_share(plain)


def test_silence_is_silent(renderer):
    assert (renderer.window(MixPlan("silence"))[0] == -100.0).all()
