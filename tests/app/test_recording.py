import shutil

import numpy as np
import pytest
import soundfile as sf

from timbre.app.recording import Recording

RATE_HZ = 48_000
PIECE = RATE_HZ // 10


def test_what_was_written_is_there_though_nothing_was_closed(tmp_path):
    """As after a server that was killed: the file as it lies on disk at that moment."""
    tone = 0.5 * np.sin(np.arange(30 * PIECE) / 20).astype(np.float32)
    recording = Recording(tmp_path / "song" / "upload", RATE_HZ)
    for first in range(0, len(tone), PIECE):
        recording.write(tone[first : first + PIECE])
    shutil.copy(recording.path, tmp_path / "left.wav")
    heard, rate_hz = sf.read(tmp_path / "left.wav", dtype="float32")
    assert rate_hz == RATE_HZ
    np.testing.assert_allclose(heard, tone, atol=1 / 32_000)
    recording.close()
    assert len(sf.read(recording.path)[0]) == len(tone)


def test_what_is_too_loud_is_clipped_and_closing_twice_is_safe(tmp_path):
    recording = Recording(tmp_path / "upload", RATE_HZ)
    recording.write(np.array([2.0, -2.0, 0.5], np.float32))
    recording.close()
    recording.close()
    assert sf.read(recording.path)[0].tolist() == pytest.approx([1.0, -1.0, 0.5], abs=1e-4)
