"""How many requests a host still allows, kept in a file so that all runs know of each other's."""

import fcntl
import json
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from timbre.errors import TimbreError
from timbre.files import write_json


@dataclass(frozen=True)
class Rate:
    """So many requests in any period of this length."""

    n_requests: int
    period_s: float


class RequestBudget:
    """A budget of two rates: the short one is waited for, the long one ends the run.

    Several runs may spend of it at a time: they take turns.

    Parameters
    ----------
    path
        The file that holds when the requests of the long period were made, in seconds since 1970.
    """

    def __init__(self, path: Path, short: Rate, long: Rate):
        self._path, self.short, self.long = path, short, long

    def spend(self) -> None:
        """Take one request out of the budget, waiting until it may be made.

        Raises
        ------
        TimbreError
            `limit_reached`, with the time at which the long period allows another.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            self._spend()

    def _spend(self) -> None:
        made_s = self._made_s()
        if len(made_s) >= self.long.n_requests:
            again = datetime.fromtimestamp(made_s[-self.long.n_requests] + self.long.period_s)
            message = f"The {self.long.n_requests:,} requests that the host allows a day are used up."
            raise TimbreError("limit_reached", message, f"Run the same command again after {again:%H:%M}.")
        if len(made_s) >= self.short.n_requests:
            time.sleep(max(0.0, made_s[-self.short.n_requests] + self.short.period_s - time.time()))
        write_json(self._path, [*made_s, time.time()])

    def _made_s(self) -> list[float]:
        """Requests within the long period; a clock that was set back forgives those of its future."""
        now_s = time.time()
        try:
            made_s = json.loads(self._path.read_text(encoding="utf-8"))
            return [at_s for at_s in made_s if now_s - self.long.period_s < at_s <= now_s]
        except (FileNotFoundError, ValueError, TypeError):
            return []
