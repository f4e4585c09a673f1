from itertools import pairwise

import numpy as np
import pytest

from timbre.features.effects.slices import FADE, reassembled, slice_bounds

N = 10_003


# No slice is followed by its old neighbour, so that every joint shows.
@pytest.mark.parametrize("order", [(0,), (2, 1, 0), (5, 2, 7, 0, 3, 6, 1, 4)])
def test_slices_follow_one_another_and_nothing_is_lost_or_summed(order):
    ramp = np.arange(1, N + 1, dtype=np.float32)  # every sample is another number
    out = reassembled(ramp, order, fade=0)
    np.testing.assert_array_equal(np.sort(out), ramp)
    # Independent of the bounds: a slice goes up by one from sample to sample.
    joints = np.flatnonzero(np.diff(out) != 1) + 1
    pieces = [piece[0] for piece in np.split(out, joints)]
    assert np.argsort(np.argsort(pieces)).tolist() == list(order)


def test_slices_are_alike_long_and_cover_all():
    bounds = slice_bounds(N, 7)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == N
    assert all(last == first for (_, last), (first, _) in pairwise(bounds))
    assert np.ptp([last - first for first, last in bounds]) <= 1


def test_joints_are_soft():
    out = reassembled(np.ones(N, np.float32), (2, 0, 1))
    assert out.max() == 1.0
    for joint in (N // 3, 2 * N // 3):
        assert np.abs(out[joint - 2 : joint + 2]).max() < 0.1
    assert np.mean(out == 1.0) > 1 - 3 * 2 * FADE / N - 0.001
