import threading

import pytest

from timbre.models.prefetch import Prefetched


@pytest.mark.parametrize("n_threads", [0, 1, 3])
def test_batches_come_in_order_and_every_time_again(n_threads):
    loader = Prefetched(lambda plan: plan * plan, range(50), n_threads)
    assert len(loader) == 50
    for _ in range(2):
        assert list(loader) == [n * n for n in range(50)]


def test_the_next_batch_is_made_while_one_is_used():
    begun = [threading.Event() for _ in range(3)]

    def make(plan: int) -> int:
        begun[plan].set()
        return plan

    batches = iter(Prefetched(make, range(3), 1))
    assert next(batches) == 0
    assert begun[1].wait(timeout=10)
    batches.close()


def test_what_goes_wrong_in_a_thread_is_raised_where_it_is_asked_for():
    def make(plan: int) -> int:
        if plan == 2:
            raise OSError("disk")
        return plan

    batches = iter(Prefetched(make, range(5), 2))
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(OSError, match="disk"):
        next(batches)


def test_who_leaves_early_leaves_no_thread_behind():
    batches = iter(Prefetched(lambda plan: plan, range(1_000), 2))
    next(batches)
    batches.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("prefetch")]


def test_waiting_is_counted_and_using_is_not(monkeypatch):
    now_s = 0.0

    def pass_by(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds

    monkeypatch.setattr("timbre.models.prefetch.perf_counter", lambda: now_s)
    loader = Prefetched(lambda _: pass_by(0.05), range(4), 0)
    for _ in loader:
        pass_by(1.0)
    assert loader.waited_s == pytest.approx(4 * 0.05)
