import os
import socket

import pytest
from cluster_tasks import die, process_id, read, refuse, square
from dask_cluster import dask_cluster

from timbre.data import parallel
from timbre.data.parallel import n_jobs, spread
from timbre.errors import TimbreError


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask"), n_workers=1) as started:
        yield started


def test_little_work_stays_in_this_process():
    assert n_jobs(0) == n_jobs(63) == 1
    assert set(spread(process_id, range(5))) == {os.getpid()}


def test_results_come_in_the_order_of_the_tasks_from_several_processes():
    processes = set(spread(process_id, range(8), tasks_worth_a_process=1))
    assert os.getpid() not in processes or os.cpu_count() == 1
    assert list(spread(square, range(20), tasks_worth_a_process=1)) == [n**2 for n in range(20)]


def test_a_process_that_dies_is_an_error_and_not_a_wait():
    with pytest.raises(TimbreError) as raised:
        list(spread(die, range(4), tasks_worth_a_process=1))
    assert raised.value.code == "workers_lost"


@pytest.mark.parametrize("at_once", [1, 8])
def test_a_cluster_gives_the_same_in_the_same_order(cluster, at_once):
    options = {"scheduler": cluster.address, "tasks_worth_a_process": at_once}
    assert list(spread(square, range(20), **options)) == [n**2 for n in range(20)]
    assert set(spread(process_id, range(4), **options)) == {cluster.workers[0].pid}


def test_an_error_in_a_task_arrives_as_it_was(cluster):
    for scheduler in (None, cluster.address):
        results = spread(refuse, range(6), scheduler=scheduler, tasks_worth_a_process=1)
        with pytest.raises(TimbreError, match="third is no good"):
            list(results)


def test_a_file_that_workers_do_not_find_is_named(cluster):
    with pytest.raises(TimbreError, match="does not find /not/shared") as raised:
        list(spread(read, ["/not/shared"], scheduler=cluster.address))
    assert "same paths" in raised.value.hint


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(parallel, "CONNECT_S", 0.5)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(TimbreError, match=address) as raised:
            list(spread(square, range(3), scheduler=address))
    assert raised.value.code == "no_cluster"


def test_a_cluster_without_workers_is_no_endless_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "FIRST_WORKER_S", 0.5)
    with dask_cluster(tmp_path, n_workers=0) as empty, pytest.raises(TimbreError, match="no worker"):
        list(spread(square, range(3), scheduler=empty.address))
