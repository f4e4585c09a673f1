import numpy as np
import pytest

from timbre.models.neighbours import NEIGHBOUR_SHARE, Neighbours
from timbre.models.tagged_segment import TaggedSegment

RAW = np.random.default_rng(0).random((7, 3)).astype(np.float32)


def segments(rows: np.ndarray) -> list[TaggedSegment]:
    empty = np.zeros(0, np.float32)
    return [TaggedSegment(i, float(i), i + 1.0, row, empty, empty) for i, row in enumerate(rows)]


def steadied(rows: np.ndarray, share: float, piece: int = 1) -> tuple[np.ndarray, list[int]]:
    """Probabilities, and how many segments had come out after each piece."""
    neighbours, told, counts = Neighbours(share), segments(rows), []
    out: list[TaggedSegment] = []
    for start in range(0, len(rows), piece):
        out += neighbours.push(told[start : start + piece])
        counts.append(len(out))
    out += neighbours.finish()
    assert [one.index for one in out] == list(range(len(rows)))
    return np.stack([one.probabilities for one in out]), counts


@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3])
def test_a_second_is_a_weighted_mean_of_three(share):
    padded = np.concatenate([RAW[:1], RAW, RAW[-1:]])
    kernel = np.array([share, 1 - 2 * share, share])
    expected = np.stack([np.convolve(column, kernel, "valid") for column in padded.T], axis=1)
    np.testing.assert_allclose(steadied(RAW, share)[0], expected, atol=1e-6)


@pytest.mark.parametrize("piece", [1, 2, 5, 7])
def test_it_does_not_matter_how_many_come_at_once(piece):
    np.testing.assert_array_equal(steadied(RAW, 0.25, piece)[0], steadied(RAW, 0.25)[0])


def test_only_one_waits():
    assert steadied(RAW, 0.25)[1] == [0, 1, 2, 3, 4, 5, 6]
    assert steadied(RAW, 0.0)[1] == [1, 2, 3, 4, 5, 6, 7]
    np.testing.assert_array_equal(steadied(RAW, 0.0)[0], RAW)


def test_one_second_alone_stays_as_it_is():
    np.testing.assert_allclose(steadied(RAW[:1], 0.25)[0], RAW[:1])


def test_certainty_stays_certain():
    for rows in (np.zeros((4, 3), np.float32), np.ones((4, 3), np.float32)):
        np.testing.assert_array_equal(steadied(rows, NEIGHBOUR_SHARE)[0], rows)
