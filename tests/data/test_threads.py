import threading

import pytest

from timbre.data.threads import each
from timbre.errors import TimbreError

PATIENCE_S = 30


def test_so_many_pieces_are_under_way_together():
    meeting = threading.Barrier(3)  # breaks unless three wait at it
    results, failures = each(lambda number: meeting.wait(PATIENCE_S) >= 0, range(6), 3)
    assert results == [(number, True) for number in range(6)]
    assert failures == []


def test_one_failure_stops_no_other():
    def work(number: int) -> int:
        if number == 1:
            raise TimbreError("download_failed", "No.")
        return 10 * number

    results, failures = each(work, range(3), 2)
    assert results == [(0, 0), (2, 20)]
    assert [(number, error.message) for number, error in failures] == [(1, "No.")]


def test_what_has_not_begun_is_dropped_on_an_interruption():
    begun: list[int] = []
    go_on = threading.Event()

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise KeyboardInterrupt
        assert go_on.wait(PATIENCE_S)

    with pytest.raises(KeyboardInterrupt):
        each(work, range(100), 2, on_interrupt=go_on.set)
    assert len(begun) < 100
