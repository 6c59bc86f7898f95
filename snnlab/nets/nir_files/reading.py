"""The front door: a path in, a graph out."""

import os
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import h5py

from snnlab.errors import LabError
from snnlab.images import forked
from snnlab.images.limits import shown
from snnlab.nets.graph.net import Graph
from snnlab.nets.keras_files.hdf5 import Unread
from snnlab.nets.keras_files.reading import bound, check
from snnlab.nets.nir_files.nodes import STEPPED, Found, nodes_of
from snnlab.nets.nir_files.translating import translated
from snnlab.work import stored

SECONDS = ("LIF", "CubaLIF", "LI", "CubaLI", "Delay")  # which have time constants
MEANINGS = ("literal", "step")
_MAGIC = b"\x89HDF\r\n\x1a\n"
_NAMED = ".nir file"


@dataclass(frozen=True)
class Imported:
    """A graph as it was read.

    Attributes
    ----------
    graph : Graph
        What the lab computes with.
    nodes : dict of str to Found
    edges : list of pairs of str
    dt : float or None
        Length of a step (s) by which ``r`` was multiplied; None if it was left aside.
    reset : str
    initial : float
    """

    graph: Graph
    nodes: dict[str, Found]
    edges: list[tuple[str, str]]
    dt: float | None
    reset: str
    initial: float


@dataclass(frozen=True)
class Nodes:
    """What a file holds.

    Attributes
    ----------
    name : str
        Of the file, as a person is shown it.
    nodes : dict of str to Found
    edges : list of pairs of str
    own : float or None
        Length of a step (s), if the file says it.
    """

    name: str
    nodes: dict[str, Found]
    edges: list[tuple[str, str]]
    own: float | None

    @property
    def stepped(self) -> bool:
        """Whether it is no net of the lab: something leaks, integrates, waits, or is in a loop."""
        if any(node.kind in STEPPED for node in self.nodes.values()):
            return True
        waiting = {name: set() for name in self.nodes}
        for before, after in self.edges:
            waiting.setdefault(after, set()).add(before)
        try:
            TopologicalSorter(waiting).prepare()
        except CycleError:
            return True
        return False

    @property
    def in_seconds(self) -> str:
        """Kinds of nodes that last some time, in words; nothing if there are none."""
        kinds = sorted({node.kind for node in self.nodes.values()})
        return ", ".join(kind for kind in kinds if kind in SECONDS)

    def step(self, dt: float | None) -> float:
        """Length of a step (s): what was given, or else the file's own.

        Raises
        ------
        LabError
            If neither says it.
        """
        return _length(self.name, self.own, dt)


def read(path: str | os.PathLike, meaning: str | None = None, dt: float | None = None) -> Imported:
    """Read a graph without running anything of it.

    Parameters
    ----------
    path : path
    meaning : {"literal", "step"}, optional
        Of ``r``: a step adds ``dt r I``, as NIR's equation says, or just ``I``, whatever ``r``
        is, as norse and sinabs take it.
        The file's own, if this lab made it; asked for otherwise.
    dt : float, optional
        Length of a step (s), for the literal meaning; the file's own if it says one.

    Raises
    ------
    LabError
        One sentence that names the node, where one is at fault, and says what to do.
    """
    path = Path(path)
    check(path, "NIR graph", _NAMED)
    # libhdf5 ends the process on some damaged files, and takes endless time or memory over others
    forked.tried(lambda: _bounded(path, meaning, dt), shown(str(path)))
    return _read(path, meaning, dt)


def read_nodes(path: str | os.PathLike) -> Nodes:
    """Read nodes and edges of a graph of any kind, and make nothing of them.

    Raises
    ------
    LabError
    """
    path = Path(path)
    check(path, "NIR graph", _NAMED)
    name = shown(str(path))

    def opened():
        bound(path)
        _opened(path, leaky=True)

    forked.tried(opened, name)
    with stored.as_one_sentence(f"{name} is damaged or cut short; copy it again."):
        return Nodes(name, *_opened(path, leaky=True))


def is_nir(path: str | os.PathLike) -> bool:
    """Whether a file's name says that it is one."""
    return os.fspath(path).lower().endswith(".nir")


def _bounded(path: Path, meaning, dt) -> None:
    bound(path)
    _read(path, meaning, dt)


def _opened(path: Path, leaky: bool = False):
    """Nodes, edges and the length of a step."""
    name = shown(str(path))
    with path.open("rb") as stream:
        if stream.read(8) != _MAGIC:
            raise LabError(f"{name} is no NIR graph; choose a {_NAMED}.")
        stream.seek(0)
        try:
            with h5py.File(stream, "r") as file:
                return nodes_of(file, leaky)
        except Unread as error:
            raise LabError(f"{name} {error}; export the graph again.") from error


def _length(name: str, own: float | None, dt: float | None) -> float:
    step = own if dt is None else dt
    if step is None:
        raise LabError(f"{name} does not say how long a step is; give --dt, in seconds.")
    if not 0 < step <= 10:
        raise LabError("--dt lies between 0 and 10 seconds; give another.")
    return step


def _read(path: Path, meaning, dt) -> Imported:
    name = shown(str(path))
    with stored.as_one_sentence(f"{name} is damaged or cut short; copy it again."):
        nodes, edges, own = _opened(path)
        if meaning is None and own is None:
            raise LabError(
                f"{name} does not say how long a step is, nor what r means; give --r literal"
                " --dt 0.001 (a step adds dt r I), or --r step (a step adds I, as norse and sinabs"
                " take it)."
            )
        step = None if meaning == "step" else _length(name, own, dt)
        found = translated(nodes, edges, step)
        return Imported(found.graph, nodes, edges, step, found.reset, found.initial)
