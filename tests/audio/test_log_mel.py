from dataclasses import replace

import librosa
import numpy as np
import pytest

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import LogMelStream, filter_blocks, hz_to_mel, log_mel, mel_filters, mel_to_hz

RNG = np.random.default_rng(0)
TIME_S = np.arange(40_000) / FRONT_END.sample_rate_hz
WAVEFORMS = {
    "noise": RNG.normal(0, 0.1, 50_001),
    "quiet": RNG.normal(0, 1e-5, 33_000),
    "sine": np.sin(2 * np.pi * 440 * TIME_S),
    "chirp": 0.5 * np.sin(2 * np.pi * 6_000 * TIME_S**2),
    "one frame": RNG.normal(0, 0.1, 700),
    "silence": np.zeros(32_000),
}


def reference(waveform: np.ndarray) -> np.ndarray:
    power = librosa.feature.melspectrogram(
        y=waveform, sr=32_000, n_fft=1024, hop_length=320, n_mels=128, fmin=0, fmax=16_000,
        power=2.0, center=True, pad_mode="reflect", htk=False, norm="slaney",
    )  # fmt: skip
    return 10 * np.log10(np.maximum(power, 1e-10))


@pytest.mark.filterwarnings("ignore:n_fft")
@pytest.mark.parametrize("name", WAVEFORMS)
def test_agrees_with_librosa_within_a_hundredth_of_a_decibel(name):
    waveform = WAVEFORMS[name].astype(np.float32)
    ours = log_mel(waveform)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, reference(waveform), atol=0.01)


def test_filters_are_librosas():
    expected = librosa.filters.mel(sr=32_000, n_fft=1024, n_mels=128, fmin=0, fmax=16_000)
    np.testing.assert_allclose(mel_filters(), expected, atol=1e-7)


def test_blocks_of_filters_are_all_of_them_and_little_more():
    whole, n_cells = np.zeros_like(mel_filters()), 0
    for bands, columns, filters in filter_blocks():
        whole[bands, columns] = filters
        assert filters[:, [0, -1]].any(axis=0).all()
        n_cells += filters.size
    np.testing.assert_array_equal(whole, mel_filters())
    assert n_cells < whole.size / 7


@pytest.mark.parametrize("changes", [{"n_fft": 1023}, {"n_mels": 5}, {"f_max_hz": 8_000.0}])
def test_other_front_ends_are_as_librosa_has_them(changes):
    front_end = replace(FRONT_END, **changes)
    waveform = WAVEFORMS["noise"].astype(np.float32)
    ours = log_mel(waveform, front_end)
    parts = {name: getattr(front_end, name) for name in ("n_fft", "hop_length", "n_mels")}
    power = librosa.feature.melspectrogram(
        y=waveform, sr=32_000, fmin=0, fmax=front_end.f_max_hz, pad_mode="reflect", **parts
    )
    n_frames = min(ours.shape[1], power.shape[1])
    np.testing.assert_allclose(ours[:, :n_frames], 10 * np.log10(power[:, :n_frames]), atol=0.01)


def test_the_mel_scale_and_its_inverse_are_librosas():
    frequencies_hz = np.geomspace(20, 16_000, 200)
    np.testing.assert_allclose(hz_to_mel(frequencies_hz), librosa.hz_to_mel(frequencies_hz))
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(frequencies_hz)), frequencies_hz)


@pytest.mark.parametrize("name", WAVEFORMS)
def test_in_pieces_it_is_the_same(name):
    waveform = WAVEFORMS[name].astype(np.float32)
    stream, pieces, start = LogMelStream(), [], 0
    while start < len(waveform):
        n = int(RNG.integers(1, 5_000))
        pieces.append(stream.push(waveform[start : start + n]))
        start += n
    pieces.append(stream.finish())
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), log_mel(waveform))


@pytest.mark.parametrize("n_samples", [1, 2, 319, 320, 512, 513, 1_024])
def test_very_short_waveforms_have_their_frames(n_samples):
    assert log_mel(np.ones(n_samples, np.float32)).shape == (128, 1 + n_samples // 320)


def test_nothing_has_no_log_mel():
    with pytest.raises(ValueError, match="empty"):
        log_mel(np.empty(0, np.float32))
