from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from flite import needs_flite
from fluid import needs_fluidsynth

from timbre.errors import TimbreError
from timbre.features import general_midi as gm
from timbre.features import soundfonts
from timbre.features.soundfonts import SOUNDFONTS, SoundFont, Voice, check_there, render_soundfont
from timbre.features.synthesizer import renderer
from timbre.taxonomy import BY_ID

BY_NAME = {font.name: font for font in SOUNDFONTS}
SMALLEST = BY_NAME["timgm6mb"]


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
    paths[len(paths) // 2].unlink()  # as after a run that was interrupted
    assert render_soundfont(SMALLEST, tmp_path, n_phrases=4)["sha256"].tolist() == rows["sha256"].tolist()
    monkeypatch.setattr(soundfonts, "RENDERING", soundfonts.RENDERING + 1)
    render_soundfont(SMALLEST, tmp_path, n_phrases=4)
    assert all(path.stat().st_mtime_ns != before for path, before in written.items())


@needs_flite
def test_speech_is_a_voice_alone_and_has_no_key(tmp_path, monkeypatch):
    speakers = [voice for voice in soundfonts.voices() if voice.leaf == "voice"]
    monkeypatch.setattr(soundfonts, "voices", lambda: speakers[-2:])
    rows = render_soundfont(BY_NAME["flite"], tmp_path, n_phrases=1)
    assert rows["present"].tolist() == [["voice"]] * len(rows)
    assert all({*row["absent"], "voice"} == set(BY_ID) for _, row in rows.iterrows())
    assert rows["key"].unique().tolist() == [-1]
    assert rows["group"].nunique() == 2
    assert rows["split"].unique().tolist() == ["train"]
    assert rows["sha256"].nunique() == len(rows)


@needs_fluidsynth
def test_only_what_may_be_an_808_is_left_open(tmp_path, monkeypatch):
    kicks = [Voice("kick_drum", kit) for kit in (0, gm.ELECTRONIC_KIT)]
    monkeypatch.setattr(soundfonts, "voices", lambda: kicks)
    rows = render_soundfont(SMALLEST, tmp_path, n_phrases=1).groupby("group")["absent"].first()
    assert ["tr808_kick_drum" in absent for absent in rows] == [True, False]


def test_the_synthesizer_renders_once_and_again_when_its_sound_changes(tmp_path, monkeypatch):
    drawbars = next(voice for voice in soundfonts.voices() if voice.leaf == "organ")
    monkeypatch.setattr(soundfonts, "voices", lambda: [drawbars, Voice("closed_hi_hat", 0)])
    rows = render_soundfont(BY_NAME["synthesizer"], tmp_path, n_phrases=2)
    assert rows["present"].tolist() == [["organ"]] * 5
    assert rows["key"].between(0, 11).all()
    assert rows["sha256"].nunique() == 5
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.flac")}
    again = render_soundfont(BY_NAME["synthesizer"], tmp_path, n_phrases=2)
    assert {path: path.stat().st_mtime_ns for path in written} == written
    monkeypatch.setattr(renderer, "SOURCES", renderer.SOURCES[:1])
    anew = render_soundfont(BY_NAME["synthesizer"], tmp_path, n_phrases=2)
    assert all(path.stat().st_mtime_ns != before for path, before in written.items())
    assert again["sha256"].tolist() == rows["sha256"].tolist() == anew["sha256"].tolist()


def test_a_missing_soundfont_is_named_with_its_package(tmp_path):
    with pytest.raises(TimbreError, match=r"gone\.sf2") as raised:
        render_soundfont(SoundFont("gone", Path("gone.sf2"), "MIT", "gone-soundfont"), tmp_path, 1)
    assert "gone-soundfont" in raised.value.hint
    with pytest.raises(TimbreError, match=r"gone\.sf2"):
        check_there([BY_NAME["synthesizer"], SoundFont("gone", Path("gone.sf2"), "MIT")])
    assert list(tmp_path.iterdir()) == []
