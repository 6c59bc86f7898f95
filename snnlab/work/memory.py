"""Memory that is free, given back to the system."""

import ctypes
import functools
import gc
import mmap
import os

import numpy as np

ARENAS = 4  # of the C library, in place of eight a core
LARGE = 16 * 2**20  # bytes from which an array is the system's own business; free at an arena's top
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # as in glibc's malloc.h


def spare() -> None:
    """Have little of what is free kept, in a process that runs for days.

    To be called before threads are started and TensorFlow is imported. glibc has an arena for each
    thread, eight a core at most, and after the first large array was freed it keeps up to 64 MB at
    the top of each, which `give_back` cannot reach: a lab on two cores held 360 MB that way.
    TensorFlow keeps what its largest image took in a pool of its own (oneDNN's). Neither makes runs
    faster. What the environment says counts for more.
    """
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
    set_ = _of_the_library("mallopt")
    if set_ is None or any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        return
    set_(_ARENA_MAX, ARENAS)
    set_(_MMAP_THRESHOLD, LARGE)
    set_(_TRIM_THRESHOLD, LARGE)


def give_back() -> None:
    """Collect what nobody holds, and let the system have what is free.

    glibc keeps freed memory for later, in as many heaps as there are threads, and gives back only
    what lies at a heap's end: a server of many threads keeps hundreds of megabytes that way. Where
    the C library is another one, nothing more is done.
    """
    gc.collect()
    trim = _of_the_library("malloc_trim")
    if trim is not None:
        trim(0)


class Pages:
    """An array whose parts can be dropped when nobody will read them again.

    Attributes
    ----------
    array : numpy.ndarray
        uint64, of the shape asked for. It takes memory where it was written to; it is zero where
        it was not, or where it was dropped (where the system can drop).
    """

    def __init__(self, shape: tuple[int, ...]):
        size = max(8 * int(np.prod(shape)), 1)
        if hasattr(mmap, "MAP_PRIVATE"):
            # more than there is may be asked for, as it is never all there
            flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
            self._map = mmap.mmap(-1, size, flags=flags)
        else:
            self._map = mmap.mmap(-1, size)
        self.array = np.frombuffer(self._map, np.uint64, int(np.prod(shape))).reshape(shape)

    def drop(self, first: int, last: int) -> None:
        """Give elements ``first <= i < last`` of the flat array back, as whole pages."""
        start = -(-8 * first // mmap.PAGESIZE) * mmap.PAGESIZE
        length = 8 * last // mmap.PAGESIZE * mmap.PAGESIZE - start
        if length > 0 and hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED, start, length)


@functools.cache
def _of_the_library(name: str):
    """A function of the C library, or None if it has none of that name."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return None
