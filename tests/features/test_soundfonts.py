from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from timbre.errors import TimbreError
from timbre.features import soundfonts
from timbre.features.soundfonts import SOUNDFONTS, SoundFont, Voice, render_soundfont

SMALLEST = next(font for font in SOUNDFONTS if font.name == "timgm6mb")


def has_fluidsynth() -> bool:
    try:
        import fluidsynth  # noqa: F401
    except (ImportError, OSError):
        return False
    return SMALLEST.path.exists()


needs_fluidsynth = pytest.mark.skipif(not has_fluidsynth(), reason="no FluidSynth or no soundfont")


def test_every_voice_has_a_name_of_its_own():
    names = [voice.name for voice in soundfonts.voices()]
    assert len(names) == len(set(names))


def test_exactly_one_soundfont_is_held_out():
    assert [font.name for font in SOUNDFONTS if font.held_out] == ["freepats"]
    assert all(font.license for font in SOUNDFONTS)


@needs_fluidsynth
def test_phrases_are_rendered_once_and_labelled(tmp_path, monkeypatch):
    flute = next(voice for voice in soundfonts.voices() if voice.leaf == "flute")
    hats = Voice("closed_hi_hat", 0)
    monkeypatch.setattr(soundfonts, "voices", lambda: [flute, hats])
    rows = render_soundfont(SMALLEST, tmp_path, n_phrases=4)
    assert rows["present"].tolist()[0] == ["flute"]
    assert rows["present"].tolist()[-1] == ["closed_hi_hat", "hi_hat"]
    assert rows["group"].nunique() == 2
    paths = sorted(tmp_path.rglob("*.flac"))
    assert len(paths) == len(rows)
    waveform, rate_hz = sf.read(paths[0])
    assert (len(waveform), rate_hz) == (6 * 32_000, 32_000)
    assert 0.01 < np.abs(waveform).max() <= 1.0
    written = {path: path.stat().st_mtime_ns for path in paths}
    again = render_soundfont(SMALLEST, tmp_path, n_phrases=4)
    assert {path: path.stat().st_mtime_ns for path in paths} == written
    assert again["sha256"].tolist() == rows["sha256"].tolist()
    monkeypatch.setattr(soundfonts, "RENDERING", soundfonts.RENDERING + 1)
    render_soundfont(SMALLEST, tmp_path, n_phrases=4)
    assert all(path.stat().st_mtime_ns != before for path, before in written.items())


def test_a_missing_soundfont_is_named_with_its_package(tmp_path):
    with pytest.raises(TimbreError, match=r"gone\.sf2") as raised:
        render_soundfont(SoundFont("gone", Path("gone.sf2"), "MIT", "gone-soundfont"), tmp_path, 1)
    assert "gone-soundfont" in raised.value.hint
    assert list(tmp_path.iterdir()) == []
