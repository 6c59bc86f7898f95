"""Kernels of other packages than the event-driven simulator, which call its kernels."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from snnlab.simulation.event import compiled
from snnlab.work import machine_code


def kernels_of(module: str) -> Callable:
    """Make the decorator that compiles the kernels of a package.

    Their machine code is that of another version when the package's sources
    change, or those of the event-driven simulator.

    Parameters
    ----------
    module : str
        ``__file__`` of a module in the package's uppermost folder.

    Returns
    -------
    callable
        Compiles a function on first use, keeps the result, and runs it without Python's lock.
    """

    @cache
    def sources() -> str:
        return machine_code.digest_of(Path(module).parent.rglob("*.py"), compiled.sources())

    return machine_code.keeping(sources, **compiled.OPTIONS)
