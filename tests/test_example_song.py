"""The example song: its MIDI file, its truth and its sound agree with each other."""

import json
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from timbre.data.example_song import loudness, midi, notation
from timbre.data.example_song.score import DURATION_S, parts
from timbre.paths import STATIC_DIR
from timbre.taxonomy import BY_ID

OUT_DIR = STATIC_DIR / "example"
MAX_BYTES = 1_000_000
ENTRIES_S = {
    "piano": 0, "double_bass": 10, "drum_kit": 15, "flute": 20, "string_ensemble": 30,
    "acoustic_guitar": 35, "trumpet": 40, "choir": 45,
}  # fmt: skip


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((OUT_DIR / "truth.json").read_text())
    return found


@pytest.fixture(scope="module")
def song() -> loudness.Stereo:
    waveform: loudness.Stereo
    waveform, rate_hz = soundfile.read(OUT_DIR / "song.mp3")
    assert rate_hz == loudness.SAMPLE_RATE_HZ
    return waveform


def held_s() -> dict[str, NDArray[np.float64]]:
    """Seconds of held notes in each second, by mido's own clock: `{label: (DURATION_S,)}`."""
    file = mido.MidiFile(OUT_DIR / "song.mid")
    names = {next(m.channel for m in t if not m.is_meta): t.name for t in file.tracks[1:]}
    keys: dict[str, set[int]] = {name: set() for name in names.values()}
    held = {name: np.zeros(DURATION_S * 1000, dtype=bool) for name in keys}
    now_s = 0.0
    for message in file:
        before, now_s = now_s, now_s + message.time
        for name in (name for name, down in keys.items() if down):
            held[name][round(before * 1000) : round(now_s * 1000)] = True
        if message.type == "note_on":
            keys[names[message.channel]].add(message.note)
        elif message.type == "note_off":
            keys[names[message.channel]].discard(message.note)
    return {name: ms.reshape(DURATION_S, 1000).mean(axis=1) for name, ms in held.items()}


def test_the_score_makes_this_midi_file_every_time(tmp_path: Path) -> None:
    midi.write_midi(tmp_path / "again.mid", parts())
    assert (tmp_path / "again.mid").read_bytes() == (OUT_DIR / "song.mid").read_bytes()


def test_times_agree_with_midos_own_clock_across_tempo_changes() -> None:
    ours = sorted(e.time_s for events in midi.read_tracks(OUT_DIR / "song.mid").values() for e in events)
    now_s, theirs = 0.0, []
    for message in mido.MidiFile(OUT_DIR / "song.mid"):
        now_s += message.time
        theirs += [] if message.is_meta else [now_s]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_every_label_is_of_the_taxonomy(truth: dict[str, Any]) -> None:
    used = {name for s in truth["segments"] for key in ("present", "faint") for name in s[key]}
    pieces = {name for s in truth["segments"] for key in ("kit_present", "kit_faint") for name in s[key]}
    assert used == set(truth["instruments"])
    assert pieces == set(truth["kit_pieces"])
    assert used | pieces <= set(BY_ID)


def test_segments_cover_the_song(truth: dict[str, Any]) -> None:
    assert [(s["index"], s["start_s"], s["end_s"]) for s in truth["segments"]] == [
        (i, i, i + 1) for i in range(DURATION_S)
    ]
    assert truth["duration_s"] == DURATION_S


def test_instruments_enter_one_after_the_other(truth: dict[str, Any]) -> None:
    segments = truth["segments"]
    entries_s = {
        name: next(s["index"] for s in segments if name in s["present"]) for name in truth["instruments"]
    }
    assert entries_s == ENTRIES_S
    assert truth["segments"][37]["present"] == ["acoustic_guitar"]
    assert truth["segments"][-1]["present"] == ["piano"]


def test_truth_agrees_with_the_notes(truth: dict[str, Any]) -> None:
    for name, seconds in held_s().items():
        for segment, share in zip(truth["segments"], seconds, strict=True):
            where = f"{name} at {segment['start_s']} s"
            if name in segment["present"]:
                assert share > 0, f"{where}: present, but no note is held"
            elif name not in segment["faint"]:
                assert share < 0.1, f"{where}: absent, but it plays"


def test_the_sound_is_as_long_as_the_truth_and_small(song: loudness.Stereo) -> None:
    assert len(song) == DURATION_S * loudness.SAMPLE_RATE_HZ
    assert (OUT_DIR / "song.mp3").stat().st_size <= MAX_BYTES


def test_the_sound_is_as_loud_as_songs_are_and_never_clips(song: loudness.Stereo) -> None:
    assert song.shape[1] == 2
    assert np.abs(song).max() < 0.95
    assert loudness.integrated_loudness(song) == pytest.approx(-17.0, abs=0.5)


def test_the_sound_is_the_sum_of_what_the_truth_tells(truth: dict[str, Any], song: loudness.Stereo) -> None:
    measured = loudness.segment_loudness(song)
    levels = [
        [segment["loudness_lufs"][name] for name in segment["present"] + segment["faint"]]
        for segment in truth["segments"]
    ]
    told = [10 * np.log10(sum(10 ** (level / 10) for level in some)) for some in levels]
    np.testing.assert_allclose(measured, told, atol=1.5)


def test_loudness_of_a_sine_is_what_the_standard_says() -> None:
    time_s = np.arange(5 * loudness.SAMPLE_RATE_HZ) / loudness.SAMPLE_RATE_HZ
    left = np.sin(2 * np.pi * 997.0 * time_s)
    stereo = np.stack([left, np.zeros_like(left)], axis=1)
    assert loudness.integrated_loudness(stereo) == pytest.approx(-3.01, abs=0.02)
    half_silent = np.concatenate([stereo, np.zeros_like(stereo)])
    assert loudness.integrated_loudness(half_silent) == pytest.approx(-3.01, abs=0.2)


def test_rendering_again_agrees_with_the_truth(truth: dict[str, Any]) -> None:
    render = pytest.importorskip("timbre.data.example_song.stems", exc_type=ImportError).render
    from timbre.data.example_song.__main__ import SOUNDFONT

    if not SOUNDFONT.exists():
        pytest.skip("the soundfont is not installed")
    tracks = midi.read_tracks(OUT_DIR / "song.mid")
    differences = []
    for name in ("flute", "trumpet"):
        levels = loudness.segment_loudness(render(tracks[name], SOUNDFONT, DURATION_S))
        for segment in truth["segments"]:
            if name in segment["present"]:
                differences.append(levels[segment["index"]] - segment["loudness_lufs"][name])
    assert len(differences) > 20
    assert np.ptp(differences) < 0.3  # the same but for the song's gain


def test_pitch_names() -> None:
    assert [notation.pitch(name) for name in ("C4", "A4", "Bb3", "F#5", "C-1")] == [60, 69, 58, 78, 0]
    with pytest.raises(ValueError, match="H4"):
        notation.pitch("H4")


def test_a_key_is_never_struck_while_it_is_down() -> None:
    for part in parts():
        ends: dict[int, float] = {}
        for note in part.notes:
            assert note.start_beat >= ends.get(note.pitch, 0.0), f"{part.label}: {note}"
            ends[note.pitch] = note.start_beat + note.beats
