"""The threads that run tiles, and the memory that each of them keeps for it."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

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


class Workspace(threading.local):
    """Arrays that a thread keeps between tiles; a few megabytes."""

    def __init__(self):
        self.kept = {}

    def take(self, name: str, size: int, dtype) -> np.ndarray:
        """An array of at least that size, zeroed when new, aligned to cache lines."""
        dtype = np.dtype(dtype)
        if (name, dtype) not in self.kept or self.kept[name, dtype].size < size:
            raw = np.zeros(size * dtype.itemsize + 64, np.uint8)
            start = -raw.ctypes.data % 64
            self.kept[name, dtype] = raw[start : start + size * dtype.itemsize].view(dtype)
        return self.kept[name, dtype]


workspace = Workspace()

if hasattr(os, "register_at_fork"):
    # a forked process has none of the threads
    os.register_at_fork(after_in_child=_crews.clear)
