import numpy as np
import pytest
import soundfile as sf

from timbre.audio.front_end import FRONT_END
from timbre.data.waveform import measure, read_waveform
from timbre.errors import TimbreError

RATE_HZ = 22_050
DURATION_S = 13.0  # more than one block


@pytest.fixture(scope="module")
def tone(tmp_path_factory):
    """Stereo: 0.6 and 0.2 of full scale, so 0.4 in mono."""
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    wave = np.sin(2 * np.pi * 441 * np.arange(int(DURATION_S * RATE_HZ)) / RATE_HZ)
    sf.write(path, np.stack([0.6 * wave, 0.2 * wave], 1), RATE_HZ)
    return path


def test_mono_at_its_own_rate(tone):
    waveform, rate_hz = read_waveform(tone)
    both, _ = sf.read(tone, dtype="float32")
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(waveform, both.mean(axis=1), atol=1e-6)
    first, _ = read_waveform(tone, longest_s=1.5)
    np.testing.assert_array_equal(first, waveform[: int(1.5 * RATE_HZ)])


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.ogg", "a.opus", "a.m4a", "a.webm"])
def test_every_format_has_its_length_and_level(tone, encode, name):
    heard = measure(encode(tone, name, "-af pan=mono|c0=0.5*c0+0.5*c1"))
    assert heard.duration_s == pytest.approx(DURATION_S, abs=0.06)  # an encoder's padding
    assert heard.peak == pytest.approx(0.4, abs=0.05)


def test_what_soundfile_cannot_read_comes_at_the_front_ends_rate(tone, encode):
    waveform, rate_hz = read_waveform(encode(tone, "a.m4a"), longest_s=1.0)
    assert rate_hz == FRONT_END.sample_rate_hz
    assert len(waveform) == rate_hz


@pytest.mark.parametrize("name", ["empty", "text", "image", "random", "no_sound"])
def test_what_is_no_sound_is_refused(bad_files, name):
    with pytest.raises(TimbreError):
        measure(bad_files[name])
