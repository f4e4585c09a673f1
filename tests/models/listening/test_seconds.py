import mido
import numpy as np
import pytest
import soundfile as sf

from timbre.models.listening.seconds import truth_of_score, truth_of_vocals
from timbre.taxonomy import OPENMIC

RATE_HZ = 16_000
FLUTE, KICK = 73, 36


def score(path, notes: list[tuple[float, float, int, int]]) -> None:
    """Notes as (start, end, channel, note); channel 0 plays the flute, 9 the drums."""
    file, track = mido.MidiFile(), mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.Message("program_change", program=FLUTE))
    messages = [(s, mido.Message("note_on", channel=c, note=n)) for s, _, c, n in notes]
    messages += [(e, mido.Message("note_off", channel=c, note=n)) for _, e, c, n in notes]
    now_s = 0.0
    for time_s, message in sorted(messages, key=lambda pair: pair[0]):
        track.append(
            message.copy(time=round((time_s - now_s) * 2 * file.ticks_per_beat))
        )  # 120 beats a minute
        now_s = time_s
    file.save(path)


@pytest.fixture
def song(tmp_path):
    """Notes at odd times and, from the twentieth second, drums; the sound comes 0.7 s later."""
    rng = np.random.default_rng(0)
    starts_s = np.cumsum(rng.uniform(0.3, 1.1, 42))
    notes = [(s, s + 0.2, 0, 72) for s in starts_s] + [(s, s + 0.05, 9, KICK) for s in starts_s if s > 20]
    score(tmp_path / "song.mid", notes)
    waveform = 1e-4 * rng.standard_normal(30 * RATE_HZ)
    for start_s, end_s, _, _ in notes:
        first, last = (int((t + 0.7) * RATE_HZ) for t in (start_s, end_s))
        waveform[first:last] += 0.3
    sf.write(tmp_path / "song.wav", waveform[: 30 * RATE_HZ], RATE_HZ)
    return tmp_path / "song.wav", starts_s


def test_the_score_is_laid_over_the_sound(song):
    path, starts_s = song
    truth, lag_s = truth_of_score(path)
    assert lag_s == pytest.approx(0.7, abs=0.05)
    flute = truth.targets[:, OPENMIC.index("flute")]
    sounds = [int(s + 0.7) for s in starts_s if 0.05 < (s + 0.7) % 1 < 0.75 and s + 0.7 < 30]
    assert flute[sounds].all()
    drums = truth.targets[:, OPENMIC.index("drums")]
    assert not drums[:20].any()
    assert drums[22:29].mean() > 0.7
    assert truth.known[:20, OPENMIC.index("cello")].all()
    # A kick drum alone says nothing of cymbals' absence, but it is none.
    assert not truth.targets[:, OPENMIC.index("cymbals")].any()


def test_a_score_of_another_song_is_not_used(song, tmp_path):
    path, _ = song
    rng = np.random.default_rng(5)
    score(path.with_suffix(".mid"), [(s, s + 0.1, 0, 60) for s in np.cumsum(rng.uniform(0.2, 2.0, 25))])
    assert truth_of_score(path) is None


def test_the_voice_alone_says_when_somebody_sings(tmp_path):
    loud, soft = (level * np.sin(2 * np.pi * 300 * np.arange(RATE_HZ) / RATE_HZ) for level in (0.3, 0.005))
    seconds = [loud, np.zeros(RATE_HZ), soft, loud * 0.3, np.zeros(RATE_HZ // 2)]
    sf.write(tmp_path / "x_vocals.wav", np.concatenate(seconds), RATE_HZ)
    truth = truth_of_vocals(tmp_path / "x_vocals.wav")
    voice = OPENMIC.index("voice")
    assert truth.targets[:, voice].tolist() == [True, False, False, True, False]
    assert truth.known[:, voice].tolist() == [True, True, False, True, True]
    assert truth.known.sum() == 4
