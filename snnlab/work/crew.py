"""Threads that compute: as many as there are cores, the same ones for all that is computed."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

_crews: dict[int, ThreadPoolExecutor] = {}
_guard = threading.Lock()


def default_threads() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def crew(threads: int) -> ThreadPoolExecutor:
    """A number of threads, the same ones for all runs: they keep their memory."""
    with _guard:
        if threads not in _crews:
            _crews[threads] = ThreadPoolExecutor(threads, thread_name_prefix="event")
        return _crews[threads]


if hasattr(os, "register_at_fork"):
    # a forked process has none of the threads
    os.register_at_fork(after_in_child=_crews.clear)
