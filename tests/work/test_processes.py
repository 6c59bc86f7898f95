"""Worker processes that share the cores."""

import os

from snnlab.work import parallel, processes


def who(progress, cancel):
    return os.getpid(), {name: os.environ.get(name) for name in processes.THREADS}


def test_they_are_other_processes_with_a_share_of_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(parallel, "threads_here", lambda: 6)
    found = {}
    with processes.workers(2) as address:
        parallel.run([parallel.Task(who, ()) for _ in range(2)], found.__setitem__, address)
    for pid, environment in found.values():
        assert pid != os.getpid()
        assert environment["OMP_NUM_THREADS"] == "7"
        assert environment["TF_NUM_INTRAOP_THREADS"] == "3"
