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
        f"# 40 is a flute here\ndir {SOUNDFONT.parent}\nbank 0\n 40\t%font {SOUNDFONT.name} 0 73  # word\n\n"
        f"drumset 0\n 36 %font {SOUNDFONT.name} 128 0 36\n"
    )
    return PatchSet(config)


@needs_timidity
def test_it_has_what_its_configuration_names(patches, tmp_path):
    assert patches.has(40, 0)
    assert patches.has(0, DRUM_BANK)
    assert not patches.has(73, 0)
    assert not patches.has(40, 8)
    assert not patches.has(8, DRUM_BANK)
    assert patches.files == [tmp_path / "patches.cfg", SOUNDFONT]


@needs_timidity
def test_a_note_sounds_when_and_where_it_should(patches):
    waveform = patches.render([NoteEvent(0.5, 1.0, 69, 100)], 40, 0, 3 * RATE_HZ)
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


@needs_timidity
def test_what_it_cannot_play_is_told_with_what_to_do(tmp_path):
    broken = tmp_path / "broken.cfg"
    (tmp_path / "Flute.pat").write_bytes(b"no patch")
    broken.write_text("bank 0\n 73 Flute.pat amp=100\nsource nowhere.cfg\n")
    with pytest.raises(TimbreError, match="could not play broken") as raised:
        PatchSet(broken).render([NoteEvent(0.0, 0.5, 69, 100)], 73, 0, RATE_HZ)
    assert "patches" in raised.value.hint


@needs_timidity
@pytest.mark.parametrize(("note", "program", "bank"), [(60, 73, 0), (38, 0, DRUM_BANK)])
def test_what_it_lacks_is_not_played_by_another_set(patches, note, program, bank):
    with pytest.raises(TimbreError, match="no patch"):
        patches.render([NoteEvent(0.0, 0.5, note, 100)], program, bank, RATE_HZ)


@needs_timidity
def test_patches_that_are_not_there_are_named(tmp_path):
    config = tmp_path / "patches.cfg"
    config.write_text("bank 0\n 73 Flute.pat amp=100\n")
    with pytest.raises(TimbreError, match=r"Flute\.pat"):
        PatchSet(config)


def test_without_the_program_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TimbreError, match="TiMidity is not there"):
        PatchSet(tmp_path / "patches.cfg")


def test_one_that_hangs_is_ended(tmp_path, monkeypatch):
    hanging = tmp_path / "timidity"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr("timbre.features.timidity.LONGEST_S", 0.3)
    config = tmp_path / "patches.cfg"
    config.write_text(f"dir {tmp_path}\nbank 0\n 0 timidity\n")  # any file that is there
    patches = PatchSet(config)
    with pytest.raises(TimbreError, match=r"not done after 0\.3 s"):
        patches.render([NoteEvent(0.0, 0.1, 36, 120)], 0, 0, RATE_HZ)
