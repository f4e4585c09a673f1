import os

import numpy as np
import pytest
import soundfile as sf

from timbre.features.material import Material, active_rms, decode_clip, decode_table, trimmed

RATE_HZ = 32_000


def test_a_clip_is_trimmed_resampled_and_brought_to_one_peak(tmp_path):
    time_s = np.arange(44_100) / 44_100
    sound = np.concatenate([np.zeros(22_050), 0.02 * np.sin(2 * np.pi * 1_000 * time_s), np.zeros(44_100)])
    sf.write(tmp_path / "quiet.wav", np.stack([sound, sound], axis=1), 44_100)
    samples = decode_clip(tmp_path / "quiet.wav")
    assert len(samples) / RATE_HZ == pytest.approx(1.0, abs=0.03)
    assert np.abs(samples).max() / 32_768 == pytest.approx(0.9, abs=0.001)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()] == pytest.approx(1_000, abs=2)


def test_silence_leaves_nothing(tmp_path):
    sf.write(tmp_path / "silent.wav", np.zeros(1_000), RATE_HZ)
    assert len(decode_clip(tmp_path / "silent.wav")) == 0
    assert len(trimmed(np.zeros(0, np.float32))) == 0


def test_level_is_that_of_what_sounds():
    tone = np.sin(2 * np.pi * 500 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    with_rest = np.concatenate([tone, np.zeros(3 * RATE_HZ, np.float32)])
    assert active_rms(with_rest) == pytest.approx(np.sqrt(0.5), rel=0.01)


def test_every_clip_is_found_again(index, decoded, recordings):
    material = Material(index, decoded)
    for row in (0, len(index) // 2, len(index) - 1):
        expected = decode_clip(recordings / index["path"][row]).astype(np.float32) / 32_768
        np.testing.assert_array_equal(material.waveform(row), expected)
        np.testing.assert_array_equal(material.waveform(row, 100, 50), expected[100:150])


def test_decoding_again_reads_nothing(table, index, decoded):
    before = os.stat(decoded / "samples.i16").st_mtime_ns
    part = decode_table(table[table["split"] == "train"], decoded)
    assert os.stat(decoded / "samples.i16").st_mtime_ns == before
    both = index.set_index("clip_id").loc[part["clip_id"]]
    assert part["offset"].tolist() == both["offset"].tolist()
