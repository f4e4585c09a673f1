import mido
import numpy as np
import pytest

from timbre.errors import TimbreError
from timbre.features.midi_truth import lag_of_sound, midi_notes, sounding

RATE_HZ = 8_000
BEAT_S = 0.5


def bars(first_s: float, n_bars: int = 12) -> list[tuple[float, float, str | None]]:
    """A pattern of four beats again and again, as most songs are."""
    starts_s = [first_s + BEAT_S * (4 * bar + beat) for bar in range(n_bars) for beat in (0, 1, 2, 2.5)]
    return [(start_s, start_s + 0.1, "flute") for start_s in starts_s]


def played(notes, lag_s: float, seconds: float = 30.0) -> np.ndarray:
    waveform = 1e-4 * np.random.default_rng(0).standard_normal(int(seconds * RATE_HZ))
    for start_s, end_s, _ in notes:
        first, last = (int((time_s + lag_s) * RATE_HZ) for time_s in (start_s, end_s))
        waveform[first:last] += 0.3
    return waveform.astype(np.float32)


@pytest.mark.parametrize("lag_s", [-14.2, -1.37, 0.0, 2.61])
def test_in_music_that_repeats_itself_the_sound_is_not_laid_a_bar_beside_its_score(lag_s):
    notes = bars(first_s=14.7)
    assert lag_of_sound(notes, played(notes, lag_s, 45.0), RATE_HZ) == pytest.approx(lag_s, abs=0.021)


def test_silence_and_an_empty_score_go_with_nothing():
    assert lag_of_sound(bars(0.0), np.zeros(RATE_HZ, np.float32), RATE_HZ) is None
    assert lag_of_sound([], played(bars(0.0), 0.0), RATE_HZ) is None


def test_a_note_counts_in_the_seconds_in_which_it_is_held():
    notes = [(0.5, 2.3, "flute"), (1.97, 2.01, "cello"), (3.2, 3.6, None)]
    leaves, hardly, foreign = sounding(notes, 5)
    assert leaves == [{"flute"}, {"flute"}, {"flute"}, set(), set()]
    assert hardly == [set(), {"cello"}, {"cello"}, set(), set()]
    assert foreign == [False, False, False, True, False]
    later, *_ = sounding(notes, 5, lag_s=1.0)
    assert later == [set(), {"flute"}, {"flute"}, {"flute"}, set()]


def test_two_drums_in_a_second_are_a_kit():
    leaves, *_ = sounding([(0.1, 0.3, "kick_drum"), (0.5, 0.7, "snare_drum"), (1.1, 1.3, "kick_drum")], 2)
    assert leaves == [{"kick_drum", "snare_drum", "drum_kit"}, {"kick_drum"}]


def test_what_plays_is_read_from_programs_and_drum_notes(tmp_path):
    file, track = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000))  # a beat a second
    track.append(mido.Message("program_change", program=73))
    track.append(mido.Message("note_on", note=72))
    track.append(mido.Message("note_on", channel=9, note=36, time=480))
    track.append(mido.Message("note_on", channel=9, note=36, velocity=0, time=48))
    track.append(mido.Message("note_off", note=72, time=432))
    track.append(mido.Message("program_change", program=127))  # a gunshot
    track.append(mido.Message("note_on", note=60))
    track.append(mido.Message("note_off", note=60, time=240))
    file.save(tmp_path / "a.mid")
    drum, flute, shot = midi_notes(tmp_path / "a.mid")
    assert (flute, shot) == (
        (0.0, pytest.approx(2.0), "flute"),
        (pytest.approx(2.0), pytest.approx(2.5), None),
    )
    assert drum[2] == "kick_drum"
    assert drum[1] - drum[0] == pytest.approx(0.25)  # it rings on


@pytest.mark.parametrize("content", [b"", b"a letter", b"MThd\x00\x00\x00\x06\x00\x01"])
def test_a_file_that_is_no_score_is_named(tmp_path, content):
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(TimbreError, match=r"a\.mid cannot be read as a MIDI file"):
        midi_notes(tmp_path / "a.mid")
