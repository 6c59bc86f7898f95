"""Memory that is free, given back to the system."""

import ctypes
import functools
import gc


def give_back() -> None:
    """Collect what nobody holds, and let the system have what is free.

    glibc keeps freed memory for later, in as many heaps as there are threads, and gives back only
    what lies at a heap's end: a server of many threads keeps hundreds of megabytes that way. Where
    the C library is another one, nothing more is done.
    """
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim():
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
