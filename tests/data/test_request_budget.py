import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from timbre.data.request_budget import Rate, RequestBudget
from timbre.errors import TimbreError


def test_the_short_rate_is_waited_for(tmp_path):
    budget = RequestBudget(tmp_path / "made.json", Rate(2, 0.3), Rate(100, 1_000.0))
    begin_s = time.time()
    for _ in range(5):
        budget.spend()
    made_s = json.loads((tmp_path / "made.json").read_text())
    assert 0.6 <= time.time() - begin_s < 5.0
    assert all(later - earlier >= 0.3 for earlier, later in zip(made_s, made_s[2:], strict=False))


def test_the_long_rate_ends_this_run_and_the_next(tmp_path):
    for n_requests in (2, 1):
        budget = RequestBudget(tmp_path / "made.json", Rate(100, 1.0), Rate(3, 1_000.0))
        for _ in range(n_requests):
            budget.spend()
    with pytest.raises(TimbreError, match=r"The 3 requests .* used up\. .* after \d\d:\d\d") as caught:
        RequestBudget(tmp_path / "made.json", Rate(100, 1.0), Rate(3, 1_000.0)).spend()
    assert caught.value.code == "limit_reached"


def test_a_file_that_says_nothing_is_begun_anew(tmp_path):
    path = tmp_path / "made.json"
    for content in ("", "{", "7", '["noon"]'):
        path.write_text(content)
        RequestBudget(path, Rate(1, 100.0), Rate(1, 1_000.0)).spend()
        assert len(json.loads(path.read_text())) == 1


def test_runs_at_a_time_spend_of_one_budget(tmp_path):
    def run(_: int) -> bool:
        budget = RequestBudget(tmp_path / "made.json", Rate(100, 1.0), Rate(20, 1_000.0))
        try:
            budget.spend()
        except TimbreError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(run, range(40))) == 20


def test_old_requests_and_those_of_a_clock_that_was_wrong_are_forgotten(tmp_path):
    path = tmp_path / "made.json"
    path.write_text(json.dumps([time.time() - 2_000, time.time() + 5_000]))
    RequestBudget(path, Rate(1, 100.0), Rate(1, 1_000.0)).spend()
    assert len(json.loads(path.read_text())) == 1
