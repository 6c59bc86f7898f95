"""The front door: a path in, a graph out."""

import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images import forked
from snnlab.images.limits import fit, shown
from snnlab.nets.graph.net import Graph
from snnlab.nets.keras_files.archive import SAVE, opened
from snnlab.nets.keras_files.description import Description, described
from snnlab.nets.keras_files.limits import FILE
from snnlab.nets.keras_files.translating import Translated, image_shape, translated
from snnlab.work import stored

SECONDS = 30  # of processor time that reading a file may take; one of 160 MB takes 1
MEMORY = 1 << 30  # bytes, beside some times the file's own


@dataclass(frozen=True)
class Imported:
    """A model as it was read.

    Attributes
    ----------
    description : Description
        Layers as Keras knows them.
    translated : Translated
        The graph, its weights, and which layer is where.
    """

    description: Description
    translated: Translated

    @property
    def graph(self) -> Graph:
        """What the lab computes with."""
        return self.translated.graph


def read(path: str | os.PathLike, size: tuple[int, int] | None = None) -> Imported:
    """Read a Keras model without running anything of it.

    Parameters
    ----------
    path : path
        Of a ``.keras`` or ``.h5`` file; what it is is seen from its first bytes.
    size : tuple of int, optional
        Height and width of the image, for a model that takes any.

    Raises
    ------
    LabError
        One sentence that names the layer, where one is at fault, and says what to do.
    """
    path = Path(path)
    _check(path)
    name = shown(str(path))
    # libhdf5 ends the process on some damaged files, and takes endless time or memory over others
    forked.tried(lambda: read_bounded(path, size), name)
    return _read(path, size)


def read_bounded(path: Path, size: tuple[int, int] | None = None) -> Imported:
    """The same within bounds of time and memory, which are the whole process's from then on.

    For a process that is there for this alone; see `read`.
    """
    _check(path)
    bound(path)
    return _read(path, size)


def bound(path: Path) -> None:
    """Bound what this process may take from now on, to read one file."""
    with contextlib.suppress(ImportError):
        import resource  # which Windows has not

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + MEMORY
        most += 6 * path.stat().st_size
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _read(path: Path, size) -> Imported:
    name = shown(str(path))
    with stored.as_one_sentence(lambda error: _damaged(name, error)), opened(path) as parts:
        config, weights = parts
        found = described(config)
        shape = image_shape(found, size)
        translated(found, shape)  # so that no weight is read for a net that cannot be
        return Imported(found, translated(found, shape, weights()))


def _damaged(name: str, error: Exception) -> str:
    why = f": its description {error}" if isinstance(error, stored.Damaged) else ""
    return f"{name} is damaged or cut short{why}; copy it again, or {SAVE}."


def _check(path: Path) -> None:
    if (path / "saved_model.pb").exists():
        command = f"import tf_keras; tf_keras.models.load_model('{fit(str(path))}')"
        raise LabError(
            f"{shown(str(path))} is a SavedModel, which is code; turn it into a file with:"
            f" .venv/bin/python -c \"{command}.save('net.keras')\""
            " (if you trust who made it: this runs what is in it)."
        )
    check(path, "Keras model", ".keras or .h5 file")


def check(path: Path, what: str, named: str) -> None:
    """Whether there is a file that is not too large.

    Parameters
    ----------
    path : pathlib.Path
    what, named : str
        What it should be, and which file to name, for the errors.

    Raises
    ------
    LabError
    """
    name = shown(str(path))
    try:
        about = path.stat()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such file"
        raise LabError(f"{name} cannot be read: {reason.lower()}; name another file.") from error
    if stat.S_ISDIR(about.st_mode):
        raise LabError(f"{name} is a folder and no {what}; name a {named}.")
    if not stat.S_ISREG(about.st_mode):
        raise LabError(f"{name} is no file; name a {named}.")
    if about.st_size > 4 * FILE:
        raise LabError(
            f"{name} has {about.st_size >> 20} MB, and at most {4 * FILE >> 20} MB are looked at;"
            " save a smaller net, or this one without its optimizer."
        )
