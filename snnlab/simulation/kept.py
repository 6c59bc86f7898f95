"""Kernels of other packages than the event-driven simulator, which call its kernels."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numba

from snnlab.simulation.event import compiled


def kernels_of(module: str, name: str) -> Callable:
    """Make the decorator that compiles the kernels of a package.

    Their machine code is kept below that of the event-driven simulator, whose
    folder is another one when its sources change, in a folder that is another
    one when the package's own do.

    Parameters
    ----------
    module : str
        ``__file__`` of a module in the package's uppermost folder.
    name : str
        Of the package's folder of machine code.

    Returns
    -------
    callable
        Compiles a function on first use, keeps the result, and runs it without Python's lock.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(module).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    place = f"{name}-{digest.hexdigest()[:16]}"

    def kernel(function):
        kept = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = os.path.join(compiled.folder(), place)
        try:
            return numba.njit(nogil=True, cache=True, error_model="numpy")(function)
        finally:
            numba.config.CACHE_DIR = kept

    return kernel
