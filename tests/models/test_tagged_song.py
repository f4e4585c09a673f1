import numpy as np
import pytest

from timbre.models.tagged_song import Interval, TaggedSong


@pytest.fixture
def song() -> TaggedSong:
    return TaggedSong(
        name="song.wav",
        model="tiny",
        duration_s=3.5,
        labels=("violin", "acoustic_guitar", "electric_guitar"),
        thresholds=np.array([0.5, 0.6, 0.4], np.float32),
        bounds_s=np.array([(0, 1), (1, 2), (2, 3), (3, 3.5)]),
        probabilities=np.array([[0.9, 0, 0.1], [0.7, 0, 0.4], [0.1, 0.2, 0.3], [0.5, 0.9, 0.2]], np.float32),
    )


def test_intervals_join_neighbouring_seconds(song):
    assert song.intervals() == [
        Interval("violin", 0.0, 2.0, pytest.approx(0.8)),
        Interval("electric_guitar", 1.0, 2.0, pytest.approx(0.4)),
        Interval("acoustic_guitar", 3.0, 3.5, pytest.approx(0.9)),
        Interval("violin", 3.0, 3.5, pytest.approx(0.5)),
    ]


def test_a_coarser_label_is_heard_when_one_of_its_leaves_is(song):
    coarse = song.at_level("openmic")
    assert coarse.labels == ("guitar", "violin")
    np.testing.assert_allclose(coarse.thresholds, [0.4, 0.5])
    np.testing.assert_allclose(coarse.probabilities[:, 0], [0.1, 0.4, 0.3, 0.9])


def test_one_threshold_for_all(song):
    assert {i.label for i in song.with_threshold(0.85).intervals()} == {"violin", "acoustic_guitar"}
    assert song.with_threshold(1.0).intervals() == []


def test_a_threshold_for_one_label(song):
    own = song.with_threshold(1.0).with_own_thresholds({"violin": 0.85})
    assert {i.label for i in own.intervals()} == {"violin"}
