"""The same work on threads and on worker processes; what happens when one is killed."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.work import parallel
from tests.clusters import local_cluster


def square(value, progress, cancel):
    progress(0.5, "half")
    return value * value


def pid_of(value, folder, progress, cancel):
    """Leave a trace, work for a moment, and say who did it."""
    Path(folder, f"{value}-{os.getpid()}").touch()
    time.sleep(0.15)
    return os.getpid()


def until_cancelled(progress, cancel):
    for _ in range(2000):
        if cancel():
            raise Cancelled
        time.sleep(0.01)
    return "never asked"


def slowly(progress, cancel):
    """Say after each fifth how far it is, and wait to be read."""
    for step in range(5):
        progress((step + 1) / 10, f"fifth {step}")
        time.sleep(0.1)


def wrong(progress, cancel):
    raise LabError("this value is no good; choose another.")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with local_cluster(tmp_path_factory.mktemp("workers")) as started:
        yield started


@pytest.fixture(params=["threads", "cluster"])
def scheduler(request):
    if request.param == "threads":
        return None
    return request.getfixturevalue("cluster").scheduler_address


def collected(tasks, scheduler, **more):
    found = {}
    parallel.run(tasks, found.__setitem__, scheduler, 2, **more)
    return found


def test_all_results_arrive_each_once(scheduler):
    told = []
    found = collected(
        [parallel.Task(square, (value,)) for value in range(20)],
        scheduler,
        progress=lambda fraction, stage: told.append(fraction),
    )
    assert found == {value: value * value for value in range(20)}
    assert told == sorted(told) and told[-1] == 1.0


def test_a_task_says_how_far_it_is_wherever_it_runs(scheduler, monkeypatch):
    monkeypatch.setattr(parallel, "TELL_SECONDS", 0.0)  # here; on a worker it stays a second
    told = []
    tasks = [parallel.Task(slowly, ()) for _ in range(2)]
    collected(tasks, scheduler, progress=lambda fraction, stage: told.append((fraction, stage)))
    before = [stage for fraction, stage in told if fraction <= 0.5]
    assert any(stage.startswith("fifth") for stage in before)
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)


def test_results_arrive_in_the_calling_thread():
    threads = set()
    parallel.run(
        [parallel.Task(square, (value,)) for value in range(5)],
        lambda index, result: threads.add(threading.get_ident()),
        threads=2,
    )
    assert threads == {threading.get_ident()}


def test_nothing_to_do():
    parallel.run([], None)


def test_a_mistake_reaches_the_caller(scheduler):
    with pytest.raises(LabError, match="this value is no good"):
        collected([parallel.Task(square, (1,)), parallel.Task(wrong, ())], scheduler)


def test_cancel_reaches_the_tasks(scheduler):
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        collected(
            [parallel.Task(until_cancelled, ()) for _ in range(3)],
            scheduler,
            cancel=lambda: time.monotonic() - begun > 0.5,
        )
    # the workers are free again: had they not been told, this would take twenty seconds
    begun = time.monotonic()
    assert collected([parallel.Task(square, (3,))], scheduler) == {0: 9}
    assert time.monotonic() - begun < 15


def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    from distributed import Client

    with Client(cluster.scheduler_address, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    killed = []

    def arrived(index, pid):
        found[index] = pid
        if not killed and len(found) >= 3:
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    found = {}
    tasks = [parallel.Task(pid_of, (value, str(tmp_path))) for value in range(16)]
    parallel.run(tasks, arrived, cluster.scheduler_address)
    assert killed and sorted(found) == list(range(16))
    assert len(set(found.values())) >= 2
    begun = {int(path.name.split("-")[0]) for path in tmp_path.iterdir()}
    assert begun == set(range(16))


def test_nobody_at_the_address(monkeypatch):
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 1)
    with pytest.raises(LabError, match="no Dask scheduler answers at tcp://127.0.0.1:1 "):
        collected([parallel.Task(square, (1,))], "tcp://127.0.0.1:1")
    with pytest.raises(LabError, match="no Dask scheduler answers at nonsense"):
        collected([parallel.Task(square, (1,))], "nonsense://x")


def test_a_scheduler_without_workers(monkeypatch, tmp_path):
    monkeypatch.setattr(parallel, "CONNECT_SECONDS", 1)
    refused = pytest.raises(LabError, match="has no workers; start some")
    with local_cluster(tmp_path, workers=0) as empty, refused:
        collected([parallel.Task(square, (1,))], empty.scheduler_address)


def test_workers_without_the_lab_are_refused(cluster):
    with pytest.raises(LabError, match="cannot import the lab"):
        collected([parallel.Task(square, (1,))], cluster.scheduler_address, alike=no_lab_there)


def no_lab_there():
    raise ModuleNotFoundError("No module named 'snnlab'")


def test_workers_with_other_code_are_refused(cluster):
    with pytest.raises(LabError, match="another version of the lab"):
        collected([parallel.Task(square, (1,))], cluster.scheduler_address, alike=pid_text)


def pid_text():
    return str(os.getpid())
