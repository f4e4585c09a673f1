import threading
import time

import pytest
from live_server import until

from timbre.app.turns import Turns
from timbre.errors import TimbreError


class Worker(threading.Thread):
    """Asks for a turn, writes its name down when it has it, and holds it until it may go."""

    def __init__(self, turns: Turns, name: str, had: float, order: list[str]):
        super().__init__(name=name, daemon=True)
        self.may_go, self.given_up, self.refused = threading.Event(), False, False
        self._turns, self._had, self._order = turns, had, order
        self.start()

    def run(self) -> None:
        try:
            with self._turns.turn(self._had, lambda: self.given_up):
                self._order.append(self.name)
                assert self.may_go.wait(60)
        except TimbreError as error:
            self.refused = error.code == "interrupted"


@pytest.fixture
def order() -> list[str]:
    return []


def test_who_has_had_least_comes_next(order):
    turns = Turns(1)
    first = Worker(turns, "first", 50.0, order)
    until(lambda: order == ["first"])
    waiting = []
    for n, (name, had) in enumerate([("long", 300.0), ("short", 2.0), ("twin", 2.0), ("new", 0.0)], start=1):
        waiting.append(Worker(turns, name, had, order))
        until(lambda n=n: len(turns._waiting) == n)
    first.may_go.set()
    for worker in waiting:
        worker.may_go.set()
    until(lambda: len(order) == 5)
    assert order == ["first", "new", "short", "twin", "long"]


def test_an_endless_row_of_those_who_had_nothing_keeps_nobody_waiting_for_ever(order):
    turns, patient = Turns(1), 0.2
    new = Worker(turns, "new", 0.0, order)
    until(lambda: order == ["new"])
    old = Worker(turns, "old", patient, order)
    until(lambda: len(turns._waiting) == 1)
    started_s = time.monotonic()
    while "old" not in order:
        n_turns, later = len(order), Worker(turns, "new", 0.0, order)  # there is always one more
        until(lambda: len(turns._waiting) == 2)
        new.may_go.set()
        until(lambda n_turns=n_turns: len(order) > n_turns)
        new = later
        assert time.monotonic() - started_s < 60
    old.may_go.set()
    new.may_go.set()


def test_no_more_work_at_once_than_are_allowed(order):
    turns = Turns(2)
    workers = [Worker(turns, str(n), n, order) for n in range(4)]
    until(lambda: len(order) == 2)
    assert len(turns._waiting) == 2
    assert turns.longest_s() > 0
    for worker in workers:
        worker.may_go.set()
    until(lambda: len(order) == 4)
    until(lambda: turns.longest_s() == 0)


def test_who_gives_up_lets_the_others_pass(order):
    turns = Turns(1)
    holder = Worker(turns, "holder", 0.0, order)
    until(lambda: order == ["holder"])
    quitter = Worker(turns, "quitter", 1.0, order)
    last = Worker(turns, "last", 2.0, order)
    until(lambda: len(turns._waiting) == 2)
    quitter.given_up = True
    turns.wake()
    quitter.join(60)
    assert quitter.refused
    holder.may_go.set()
    last.may_go.set()
    until(lambda: order == ["holder", "last"])


def test_a_turn_ends_with_the_error_that_ends_the_work():
    turns = Turns(1)
    with pytest.raises(ZeroDivisionError), turns.turn(0.0, lambda: False):
        raise ZeroDivisionError
    with turns.turn(0.0, lambda: False):
        pass
