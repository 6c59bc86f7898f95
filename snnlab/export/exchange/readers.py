"""Other libraries, each in an environment of its own: what they make of a file.

``benchmarks/exchange/environment.sh LIBRARY`` makes an environment. ``benchmarks/exchange/read.py``
runs in it, or ``read_LIBRARY.py`` if it has one of its own. Where there is none, there is nothing
to ask.
"""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.export.exchange.building import INPUT
from snnlab.export.exchange.comparing import Compared, compared
from snnlab.export.exchange.files import trains_in
from snnlab.export.exchange.profiles import LIBRARIES
from snnlab.images.limits import fit

PLACE = Path(__file__).parents[3] / "benchmarks" / "exchange"
SECONDS = 1800  # that a library may take
_PLAIN = ("HOME", "LANG", "PATH", "TMPDIR", "OMP_NUM_THREADS", "OPENBLAS_CORETYPE")


@dataclass(frozen=True)
class Read:
    """A library's answer.

    Attributes
    ----------
    versions : str
        Of the library, and of what it reads with.
    compared : Compared
        With the reference run in the file.
    """

    versions: str
    compared: Compared


def installed(library: str) -> bool:
    """Whether there is an environment for it."""
    return library in LIBRARIES and (PLACE / "build" / library / "installed").exists()


def read(library: str, path: str | os.PathLike, lines: bool = True) -> Read:
    """Let a library run a file's graph on the input of its reference run.

    Parameters
    ----------
    library : str
    path : path
    lines : bool
        With the lines of docs/exchange.md; without them as the library reads by itself.

    Raises
    ------
    LabError
        If it fails; the sentence ends in its own words.
    """
    python = PLACE / "build" / library / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "spikes.npz"
        own = PLACE / f"read_{library}.py"
        script = own if own.exists() else PLACE / "read.py"
        command = [python, "-W", "ignore", script, library, path, out]
        environment = {name: os.environ[name] for name in _PLAIN if name in os.environ}
        done = subprocess.run(
            [*map(os.fspath, command), *["--lines"] * lines],
            capture_output=True, text=True, env=environment, timeout=SECONDS,
        )  # fmt: skip
        if done.returncode or not out.exists():
            said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise LabError(f"{library} cannot run this graph: {fit(said)}")
        with np.load(out) as found:
            theirs = {name: found[name] for name in found.files}
    versions = str(theirs.pop("about"))
    ours = trains_in(path)
    missing = sorted(set(ours) - set(theirs) - {INPUT})
    if missing:
        raise LabError(f"{library} made no neurons of {fit(missing[0])}.")
    return Read(versions, compared({name: ours[name] for name in theirs}, theirs))
