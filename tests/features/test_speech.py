"""ffmpeg itself, speaking."""

import re

import imageio_ffmpeg
import numpy as np
import pytest
from flite import needs_flite

from timbre.audio import ffmpeg
from timbre.errors import TimbreError
from timbre.features import speech
from timbre.features.pitch import FRAME, yin_hz
from timbre.features.speech import MIN_WORDS, SPEECH_BANK, VOICES, Speech, text

RATE_HZ = 32_000
N = 6 * RATE_HZ


@pytest.fixture
def another_ffmpeg(monkeypatch):
    """Has another program called as ffmpeg."""

    def choose(path: str) -> None:
        monkeypatch.setenv("TIMBRE_FFMPEG", path)
        ffmpeg.ffmpeg_path.cache_clear()

    yield choose
    monkeypatch.undo()
    ffmpeg.ffmpeg_path.cache_clear()


def spoken(voice: str, seed: int = 0) -> np.ndarray:
    return Speech().render([], VOICES.index(voice), SPEECH_BANK, N, np.random.default_rng(seed))


@needs_flite
@pytest.mark.parametrize("voice", VOICES)
def test_every_voice_speaks_all_the_time(voice):
    waveform = spoken(voice)
    assert waveform.shape == (N,)
    assert waveform.dtype == np.float32
    assert np.abs(waveform).max() <= 1.0
    assert abs(float(waveform.mean())) < 1e-3
    seconds = np.sqrt(np.mean(waveform.reshape(6, RATE_HZ) ** 2, axis=1))
    assert seconds.min() > 0.005


@needs_flite
def test_a_seed_says_the_same_and_another_one_something_else():
    assert np.array_equal(spoken("kal", 1), spoken("kal", 1))
    assert not np.array_equal(spoken("kal", 1), spoken("kal", 2))


@needs_flite
def test_the_woman_speaks_higher_than_the_men():
    def median_hz(voice: str) -> float:
        return float(
            np.nanmedian(yin_hz(np.lib.stride_tricks.sliding_window_view(spoken(voice), FRAME)[::1_024]))
        )

    assert median_hz("slt") > 1.3 * max(median_hz("kal"), median_hz("rms"))


@needs_flite
def test_there_are_voices_of_its_own_bank_alone():
    flite = Speech()
    assert all(flite.has(number, SPEECH_BANK) for number in range(len(VOICES)))
    assert not flite.has(len(VOICES), SPEECH_BANK)
    assert not flite.has(0, 0)
    assert not flite.has(0, 128)


@needs_flite
def test_it_is_known_by_its_words_and_its_ffmpeg():
    assert re.fullmatch(r"speech \d+, ffmpeg version \S+", Speech().fingerprint())


@needs_flite
def test_what_fails_is_told_in_one_sentence_of_what_and_one_of_what_to_do(monkeypatch):
    monkeypatch.setattr(speech, "VOICES", ("nobody",))
    with pytest.raises(TimbreError, match="could not speak as nobody") as raised:
        Speech().render([], 0, SPEECH_BANK, N, np.random.default_rng(0))
    assert "TIMBRE_FFMPEG" in raised.value.hint


def test_an_ffmpeg_that_does_not_end_is_ended_and_sees_none_of_our_environment(
    another_ffmpeg, tmp_path, monkeypatch
):
    sleeper = tmp_path / "ffmpeg"
    sleeper.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setenv("HF_TOKEN", "a secret")
    monkeypatch.setattr(speech, "_SPEAKING_S", 2.0)
    another_ffmpeg(str(sleeper))
    with pytest.raises(TimbreError, match="did not end within 2 s"):
        Speech()
    seen = (tmp_path / "seen").read_text()
    assert "PATH=" in seen
    assert "a secret" not in seen


def test_texts_are_long_enough_differ_and_mean_nothing_to_ffmpeg():
    texts = [text(np.random.default_rng(seed)) for seed in range(300)]
    assert len(set(texts)) == 300
    assert min(len(one.split()) for one in texts) >= MIN_WORDS
    assert all(letter.isalnum() or letter in " ,.?!" for one in texts for letter in one)


@pytest.mark.parametrize(
    ("path", "said"),
    [(imageio_ffmpeg.get_ffmpeg_exe(), "built without Flite"), ("/nonexistent/ffmpeg", "cannot be started")],
)
def test_an_ffmpeg_that_cannot_speak_is_refused_in_one_sentence(another_ffmpeg, path, said):
    another_ffmpeg(path)
    with pytest.raises(TimbreError, match=said) as raised:
        Speech()
    assert raised.value.hint
