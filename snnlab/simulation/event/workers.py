"""The memory that a thread keeps for the tiles that it runs."""

import threading

import numpy as np


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
