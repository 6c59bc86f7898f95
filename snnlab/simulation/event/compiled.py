"""How the kernels are compiled, and where the machine code is kept.

The cache lives in the user's cache folder, not beside the source, so that a
read-only installation starts as fast as any other. The folder's name holds a
hash of all sources of this package: numba itself looks only at the file of
the function that it compiles, not at those that it calls.
``NUMBA_CACHE_DIR``, if set, is obeyed.
"""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

import numba
from numba import njit


def _usable(folder: Path) -> bool:
    """Whether a folder can be made and written, and is nobody else's."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # what is cached is run: nobody else may have put it there
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


@cache
def folder() -> str:
    """Folder for machine code; created."""
    if numba.config.CACHE_DIR:
        return numba.config.CACHE_DIR
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    usual = Path(home) / "numba" / _name()
    if _usable(usual):  # before Python looks for a temporary folder: on a full disk it finds none
        return str(usual)
    spare = Path(tempfile.gettempdir()) / f"{_name()}-{user}"
    return str(spare) if _usable(spare) else tempfile.mkdtemp(prefix="snnlab-")


def _name() -> str:
    """Differs with every change of the sources of this package."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return f"snnlab-{digest.hexdigest()[:16]}"


def kernel(function):
    """Compile on first use, keep the result, and run without Python's lock.

    Threads are ours (`concurrent.futures`), not numba's: its portable thread
    layer may not be entered by two Python threads at once, and its number of
    threads is fixed at start.
    """
    kept = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = folder()
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        numba.config.CACHE_DIR = kept


def inner(function):
    """Compile as a part of the kernels that call it."""
    return njit(nogil=True, error_model="numpy")(function)
