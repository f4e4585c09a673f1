import numpy as np
import pytest

from timbre.features import phrases

N = 96_000
RATE_HZ = 32_000
NOTES = [np.full(8_000, level, np.float32) for level in (0.1, 0.2, 0.3)]


def phrase(seed: int, leaf: str = "flute", notes: list[np.ndarray] = NOTES) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return phrases.note_phrase(lambda k: notes[k], len(notes), N, 0.5, leaf, rng)


def test_a_phrase_is_playing_and_the_same_for_the_same_seed():
    first = phrase(0)
    assert first.shape == (N,)
    np.testing.assert_array_equal(first, phrase(0))
    sounding = [np.mean(phrase(seed) != 0) for seed in range(30)]
    assert np.mean(sounding) > 3 * len(NOTES[0]) / N  # a single note plays for a twelfth of it


def test_strokes_are_never_chords():
    loudest = [np.abs(phrase(seed, "snare_drum")).max() for seed in range(40)]
    # At half a beat of 0.5 s, strokes of 0.25 s follow each other; only a roll lets two ring together.
    assert max(loudest) < 3 * 0.3


def test_percussion_but_mallets_is_struck_and_strings_pianos_and_mallets_ring():
    assert phrases.is_struck("snare_drum")
    assert not phrases.is_struck("marimba")
    assert [leaf for leaf in ("harp", "piano", "vibraphone", "organ", "flute") if phrases.rings(leaf)] == [
        "harp",
        "piano",
        "vibraphone",
    ]


def test_what_rings_goes_on_under_the_next_note():
    long_notes = [np.full(4 * RATE_HZ, level, np.float32) for level in (0.1, 0.1, 0.1)]
    seeds = range(120)
    blown = [np.abs(phrase(seed, "flute", long_notes)).max() for seed in seeds]
    plucked = [np.abs(phrase(seed, "harp", long_notes)).max() for seed in seeds]
    assert np.mean(np.array(plucked) > 0.45) > 0.2  # five notes and more at once
    assert np.mean(np.array(blown) > 0.45) < 0.1


def test_two_hands_play_low_and_high_notes_in_one_time():
    notes = [np.full(400, 2.0**k, np.float32) for k in range(12)]  # short enough to stand alone
    n_two = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        asked: list[int] = []

        def note(number: int, asked: list[int] = asked) -> np.ndarray:
            asked.append(number)
            return notes[number]

        out = phrases.note_phrase(note, len(notes), N, 0.5, "piano", rng)
        starts = np.flatnonzero((out[1:] != 0) & (out[:-1] == 0)) / RATE_HZ
        away = np.abs((starts - starts[0]) / 0.125 - np.round((starts - starts[0]) / 0.125))
        assert (away < 0.02).all()  # all on one grid of sixteenths
        first_high = next((place for place, one in enumerate(asked) if one >= 6), None)
        if first_high:
            n_two += max(asked[:first_high]) < 6 <= min(asked[first_high:])
    assert n_two > 20
    assert not phrases.plays_with_two_hands("flute")


def test_tunes_go_mostly_by_step():
    places: list[int] = []

    def note(number: int) -> np.ndarray:
        places.append(number)
        return NOTES[0]

    for seed in range(40):
        phrases.note_phrase(note, 10, N, 0.25, "violin", np.random.default_rng(seed))
    steps = np.abs(np.diff(places))
    assert np.mean(steps <= 2) > 0.6  # 0.28 were they drawn one by one
    assert set(places) == set(range(10))


@pytest.mark.parametrize(
    ("piece", "beats"), [("kick_drum", (0, 2)), ("snare_drum", (1, 3)), ("clap", (1, 3))]
)
def test_a_drum_has_its_place_in_the_bar(piece, beats):
    click = np.ones(10, np.float32)
    out = phrases.beat_pattern(piece, click, N, 0.5, np.random.default_rng(3))
    struck = np.flatnonzero(out)
    for beat in beats:
        assert beat * 16_000 in struck


def test_sounds_over_the_edges_are_cut_there():
    out = np.zeros(5, np.float32)
    phrases.add_at(out, np.array([1, 2, 3], np.float32), -1)
    phrases.add_at(out, np.array([4, 5, 6], np.float32), 4)
    phrases.add_at(out, np.array([7], np.float32), 9)
    np.testing.assert_array_equal(out, [2, 3, 0, 0, 4])


def test_a_cut_note_ends_softly():
    faded = phrases.faded(np.ones(2_000, np.float32))
    assert faded[-1] == 0.0
    assert faded[0] == 1.0


@pytest.mark.parametrize("seed", range(12))
def test_a_clip_that_is_too_short_is_never_followed_by_silence(seed):
    time_s = np.arange(50_000) / 32_000
    sustained = np.sin(2 * np.pi * 220 * time_s).astype(np.float32)
    out = phrases.filled(sustained, N, np.random.default_rng(seed))
    assert out.shape == (N,)
    levels = np.sqrt(np.mean(out.reshape(-1, 320) ** 2, axis=1))
    assert levels.min() > 0.25  # of 0.71, where two ends meet


def test_it_begins_anywhere_and_goes_on_again_or_to_and_fro():
    ramp = np.arange(1, 40_001, dtype=np.float32)
    begins, backwards = set(), 0
    for seed in range(60):
        out = phrases.filled(ramp, N, np.random.default_rng(seed))
        begins.add(float(out[0]))
        backwards += np.mean(np.diff(out) < 0) > 0.25
    assert len(begins) > 50
    assert 6 <= backwards <= 32
