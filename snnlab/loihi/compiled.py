"""How this package's kernels are compiled, and where the machine code is kept."""

import hashlib
import os
from functools import cache
from pathlib import Path

import numba

from snnlab.simulation.event import compiled
from snnlab.simulation.event.compiled import inner

__all__ = ["inner", "kernel"]


@cache
def folder() -> str:
    """Where the machine code of this package is kept, by a hash of its sources."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return os.path.join(compiled.folder(), f"chips-{digest.hexdigest()[:16]}")


def kernel(function):
    """Compile on first use, keep the result, and run without Python's lock."""
    kept = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = folder()
    try:
        return numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = kept
