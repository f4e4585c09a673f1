import numpy as np
import pandas as pd
import pytest

from timbre.features.clip_pool import (
    MAX_NOTES_OF_TWO_HANDS,
    NO_LEAF,
    RANGE_SEMITONES,
    REAL_SHARES,
    ClipPool,
    certain,
    main_leaf,
)


def test_a_clip_is_drawn_for_the_narrowest_of_its_names():
    assert main_leaf(["closed_hi_hat", "hi_hat"]) == "closed_hi_hat"
    assert main_leaf(["kick_drum", "snare_drum", "drum_kit"]) == "drum_kit"
    assert main_leaf([]) == NO_LEAF


def test_music_and_clips_of_one_of_several_are_never_drawn(index):
    rows = index[index["split"] == "train"].copy()
    is_cello = rows["present"].str.len().gt(0) & rows["present"].str[0].eq("cello")
    is_noise = rows["present"].str.len() == 0
    rows.loc[is_cello, "kind"] = "mix"
    rows["any_of"] = [["violin|viola"] if noise else [] for noise in is_noise]
    pool = ClipPool(rows)
    assert pool.leaves == ["flute", "snare_drum"]
    assert pool.draw_takes(NO_LEAF, 3, np.random.default_rng(0)) == []
    assert sum(certain(rows)) == 10


def test_a_table_without_any_of_is_certain(index):
    assert all(certain(index.drop(columns="any_of")))


@pytest.fixture
def rendered_and_recorded(index) -> pd.DataFrame:
    """Flutes as if three were renderings in C, D and C, the others one player's."""
    rows = index[[list(present) == ["flute"] for present in index["present"]]].head(5).copy()
    rows["kind"] = ["rendered"] * 3 + ["phrase"] * 2
    rows["key"] = [0, 2, 0, -1, -1]
    return rows.reset_index(drop=True)


def test_renderings_in_the_key_are_preferred(rendered_and_recorded):
    pool, rng = ClipPool(rendered_and_recorded), np.random.default_rng(0)
    drawn = [pool.draw("flute", 0, rng)[0] for _ in range(300)]
    assert set(drawn) == {0, 2, 3, 4}
    # 8 or 9 seconds of recordings are scarce, so they get a small share.
    assert 0 < np.mean([row >= 3 for row in drawn]) < 0.25
    assert {pool.draw("flute", 7, rng)[0] for _ in range(100)} == {0, 1, 2, 3, 4}  # none in G


def test_few_voices_speak(index):
    rows = index.iloc[[0] * 4].copy()
    rows["present"], rows["kind"] = [["voice"]] * 4, ["rendered"] * 2 + ["phrase"] * 2
    rows["duration_s"], rows["key"] = 60.0, -1
    pool, rng = ClipPool(rows.reset_index(drop=True)), np.random.default_rng(0)
    sung = np.mean([pool.draw("voice", -1, rng)[0] >= 2 for _ in range(400)])
    assert abs(sung - REAL_SHARES["voice"]) < 0.05


def test_notes_for_two_hands_are_farther_apart(index):
    piano = index.iloc[[0] * 30].copy()
    piano["present"], piano["pitch"] = [["piano"]] * 30, np.arange(30.0, 90.0, 2.0)
    piano["kind"], piano["group"] = "note", "one piano"
    pool, rng = ClipPool(piano.reset_index(drop=True)), np.random.default_rng(0)
    drawn = [[pool.pitch(row) for row in pool.draw("piano", -1, rng)] for _ in range(20)]
    assert max(len(pitches) for pitches in drawn) == MAX_NOTES_OF_TWO_HANDS
    assert max(np.ptp(pitches) for pitches in drawn) > 2 * RANGE_SEMITONES


def test_notes_come_several_at_once_from_one_group_within_the_range_of_a_tune(index):
    rows = index.reset_index(drop=True)
    pool, rng = ClipPool(rows), np.random.default_rng(0)
    for _ in range(20):
        notes = pool.draw("cello", -1, rng)
        pitches = [pool.pitch(row) for row in notes]
        assert len(set(notes)) == len(notes) >= 3
        assert pitches == sorted(pitches)
        assert max(pitches) - min(pitches) <= 2 * RANGE_SEMITONES
        assert rows.loc[notes, "group"].nunique() == 1
    assert len(pool.draw("snare_drum", -1, rng)) == 5  # strokes have no pitch, all go together


def test_a_long_note_without_one_pitch_is_playing(index):
    rows = index.reset_index(drop=True)
    is_cello = rows["present"].str.len().gt(0) & rows["present"].str[0].eq("cello")
    rows.loc[is_cello, ["pitch", "duration_s"]] = [float("nan"), 6.0]
    is_snare = rows["present"].str.len().gt(0) & rows["present"].str[0].eq("snare_drum")
    rows.loc[is_snare, "duration_s"] = 6.0
    pool = ClipPool(rows)
    assert not any(pool.is_note(row) for row in np.flatnonzero(is_cello))
    assert all(pool.is_note(row) for row in np.flatnonzero(is_snare))
