"""TiMidity itself, playing a configuration that borrows its sounds from a soundfont."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from timbre.errors import TimbreError
from timbre.features.general_midi import DRUM_BANK
from timbre.features.note_events import NoteEvent
from timbre.features.pitch import note_pitch
from timbre.features.timidity import PatchSet

SOUNDFONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE_HZ = 32_000
needs_timidity = pytest.mark.skipif(
    not (shutil.which("timidity") and SOUNDFONT.exists()), reason="no TiMidity or no soundfont"
)


@pytest.fixture
def patches(tmp_path) -> PatchSet:
    config = tmp_path / "patches.cfg"
    config.write_text(
        f"# flute and kick\nbank 0\n 73\t%font {SOUNDFONT} 0 73  # a word\n\n"
        f"drumset 0\n 36 %font {SOUNDFONT} 128 0 36\n"
    )
    return PatchSet(config)


def test_it_has_what_its_configuration_names(patches):
    assert patches.has(73, 0)
    assert patches.has(0, DRUM_BANK)
    assert not patches.has(74, 0)
    assert not patches.has(73, 8)
    assert not patches.has(8, DRUM_BANK)


@needs_timidity
def test_a_note_sounds_when_and_where_it_should(patches):
    waveform = patches.render([NoteEvent(0.5, 1.0, 69, 100)], 73, 0, 3 * RATE_HZ)
    level = np.sqrt(np.mean(waveform.reshape(-1, RATE_HZ // 10) ** 2, axis=1))
    assert waveform.shape == (3 * RATE_HZ,)
    assert level[:4].max() < 0.01 * level.max()
    assert level[7:14].min() > 0.1 * level.max()
    assert level[25:].max() < 0.1 * level.max()
    assert note_pitch(waveform) == pytest.approx(69.0, abs=0.3)


@needs_timidity
def test_drums_are_struck(patches):
    waveform = patches.render([NoteEvent(0.0, 0.1, 36, 120)], 0, DRUM_BANK, RATE_HZ)
    assert np.abs(waveform).max() > 0.02
    assert np.abs(np.fft.rfft(waveform))[:200].sum() > np.abs(np.fft.rfft(waveform))[200:].sum() / 4


def test_a_missing_set_is_named(tmp_path):
    with pytest.raises(TimbreError, match=r"gone\.cfg"):
        PatchSet(tmp_path / "gone.cfg")
