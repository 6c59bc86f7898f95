"""How the kernels are compiled; `snnlab.work.machine_code` keeps what comes of it.

Kept is what was compiled from these very sources, all of this package's: a
kernel contains the functions that it calls.
"""

from functools import cache
from pathlib import Path

from numba import njit

from snnlab.work import machine_code

# Threads are ours (`concurrent.futures`), not numba's: its portable thread layer may not be
# entered by two Python threads at once, and its number of threads is fixed at start. So
# kernels run without Python's lock.
OPTIONS = {"nogil": True, "error_model": "numpy"}


@cache
def sources() -> str:
    """Hash that differs with every change of the sources of this package."""
    return machine_code.digest_of(Path(__file__).parent.glob("*.py"))


kernel = machine_code.keeping(sources, **OPTIONS)  # compiles on first use, keeps the result


def inner(function):
    """Compile as a part of the kernels that call it."""
    return njit(**OPTIONS)(function)


def inlined(function):
    """Compile into each kernel that calls it, in place of the call."""
    return njit(forceinline=True, **OPTIONS)(function)
