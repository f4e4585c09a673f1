import librosa
import numpy as np
import pytest

from timbre.features.pitch import FRAME, HIGHEST_HZ, HOP, LOWEST_HZ, note_pitch, yin_hz

RATE_HZ = 32_000


def note(midi: float, duration_s: float = 1.0, partials: int = 8) -> np.ndarray:
    time_s = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    frequency_hz = 440.0 * 2 ** ((midi - 69) / 12)
    heard = [k for k in range(1, partials + 1) if k * frequency_hz < RATE_HZ / 2]
    waves = [np.sin(2 * np.pi * frequency_hz * k * time_s) / k for k in heard]
    return (0.2 * np.sum(waves, axis=0)).astype(np.float32)


@pytest.mark.parametrize("midi", [28.0, 40.3, 55.0, 69.0, 76.7, 90.0])
def test_the_note_is_found_with_its_fraction(midi):
    assert note_pitch(note(midi)) == pytest.approx(midi, abs=0.1)


def test_a_dying_note_with_noise_keeps_its_pitch():
    sound = note(57.0, 3.0) * np.exp(-2 * np.linspace(0, 3, 3 * RATE_HZ)).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal(len(sound)).astype(np.float32)
    assert note_pitch(sound + 0.002 * noise) == pytest.approx(57.0, abs=0.1)


def test_the_loudest_second_speaks():
    quiet_then_loud = np.concatenate([0.01 * note(40.0, 2.0), note(64.0, 1.2)])
    assert note_pitch(quiet_then_loud) == pytest.approx(64.0, abs=0.1)


def test_noise_glides_and_blips_have_none():
    rng = np.random.default_rng(1)
    assert np.isnan(note_pitch(rng.standard_normal(RATE_HZ).astype(np.float32)))
    glide_hz = np.geomspace(200, 800, RATE_HZ)
    assert np.isnan(note_pitch(np.sin(2 * np.pi * np.cumsum(glide_hz) / RATE_HZ).astype(np.float32)))
    assert np.isnan(note_pitch(note(60.0, 0.05)))
    assert np.isnan(note_pitch(np.zeros(0, np.float32)))
    assert np.isnan(note_pitch(np.zeros(RATE_HZ, np.float32)))
    stroke = np.concatenate([note(60.0, 0.1), np.zeros(RATE_HZ // 2, np.float32), 0.01 * note(60.0, 0.01)])
    assert np.isnan(note_pitch(stroke))
    assert np.isnan(note_pitch(note(21.5, 1.0, 12)))  # below the lowest


def test_frames_have_the_pitch_that_librosa_finds():
    rng = np.random.default_rng(2)
    sounds = [note(midi, 0.5, partials) for midi, partials in [(35.5, 12), (50.2, 3), (71.0, 6), (84.9, 2)]]
    sound = np.concatenate(sounds) + 0.001 * rng.standard_normal(2 * RATE_HZ).astype(np.float32)
    expected = librosa.yin(
        sound, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, sr=RATE_HZ, frame_length=FRAME, hop_length=HOP, center=False
    )
    found = yin_hz(np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP])
    cents = 1_200 * np.abs(np.log2(found / expected))
    assert len(found) == len(expected)
    assert np.mean(cents < 5) > 0.9  # not where two notes meet
    assert np.median(cents) < 1
