"""The nodes of a file, each held against the list of what is known; nothing else is read.

What a kind of node holds is that of nir 1.0.8; ``v_reset`` is missing from files of nir 1.0.4 and
before, where it is zero.
"""

import math
from dataclasses import dataclass, field

import h5py
import numpy as np

from snnlab.images.limits import fit
from snnlab.nets.keras_files.hdf5 import Unread, member, safe
from snnlab.nets.keras_files.limits import (
    CHANNELS,
    CONFIG,
    LARGEST,
    LAYERS,
    SIDE,
    TAPS,
    WEIGHTS,
    refused,
)

AGAIN = "export the graph again"
KNOWN = {
    "Input": ("shape",),
    "Output": (),
    "Affine": ("weight", "bias"),
    "Linear": ("weight",),
    "Scale": ("scale",),
    "Conv2d": ("weight", "bias", "stride", "padding", "dilation", "groups"),
    "SumPool2d": ("kernel_size", "stride", "padding"),
    "AvgPool2d": ("kernel_size", "stride", "padding"),
    "Flatten": ("start_dim", "end_dim"),
    "IF": ("r", "v_threshold"),
}
# what is run step by step as it is, but does not become a net of the lab
LEAKY = {
    "LIF": ("tau", "r", "v_leak", "v_threshold"),
    "CubaLIF": ("tau_mem", "tau_syn", "r", "v_leak", "v_threshold", "w_in"),
}
MORE = {
    "LI": ("tau", "r", "v_leak"),
    "CubaLI": ("tau_mem", "tau_syn", "r", "v_leak", "w_in"),
    "I": ("r",),
    "Threshold": ("threshold",),
    "Delay": ("delay",),
    "Conv1d": ("weight", "bias", "stride", "padding", "dilation", "groups"),
}
STEPPED = LEAKY | MORE
GRAPH, PASS = "NIRGraph", "Pass"  # of a graph within the graph, its input and its output
GRAPH_END = "."  # after its name, before those of its nodes
DEEPEST = 4
NEURONS = ("IF", *LEAKY)
OPTIONAL = dict.fromkeys(NEURONS, ("v_reset",))
_LEAK = "which the lab's nets have not: they integrate without a leak"
REFUSED = {
    "LIF": (f"is a LIF neuron, {_LEAK}", "export a graph of IF neurons"),
    "CubaLIF": (f"is a CubaLIF neuron, {_LEAK}", "export a graph of IF neurons"),
    "LI": (f"is a leaky integrator, {_LEAK}", "leave it out, or export IF neurons"),
    "CubaLI": (f"is a leaky integrator, {_LEAK}", "leave it out, or export IF neurons"),
    "I": ("is an integrator that never spikes", "leave it out: the lab averages its input"),
    "Threshold": ("is a threshold without a potential", "export IF neurons in its place"),
    "Delay": ("is a delay, and spikes pass within their step here", "leave it out"),
    "Conv1d": ("is a convolution of one dimension", "say it as Conv2d of one row"),
}
_WHOLE = {
    "stride": (1, TAPS), "padding": (0, SIDE), "dilation": (1, TAPS), "kernel_size": (1, SIDE),
    "groups": (1, CHANNELS), "start_dim": (-4, 4), "end_dim": (-4, 4), "shape": (1, 1 << 28),
}  # fmt: skip
_PAIRS = ("stride", "padding", "dilation", "kernel_size")
_AXES = {"weight": (2, 3, 4), "bias": (1,)}
MOST_AXES = 4


@dataclass(frozen=True)
class Found:
    """A node.

    Attributes
    ----------
    kind : str
        One of `KNOWN` or `STEPPED`, or `PASS`, which changes nothing.
    holds : dict
        Arrays (float64, int64), or a word for a padding.
    soft : bool
        Whether its metadata say that it resets by subtraction.
    initial : float
        Potential to begin with, of its metadata.
    """

    kind: str
    holds: dict = field(default_factory=dict)
    soft: bool = False
    initial: float = 0.0


def nodes_of(
    file: h5py.File, leaky: bool = False
) -> tuple[dict[str, Found], list[tuple[str, str]], float | None]:
    """Nodes and edges, and the length of a step (s) if the graph's metadata say it.

    Parameters
    ----------
    file : h5py.File
    leaky : bool
        Whether nodes may be `STEPPED`.

    Raises
    ------
    LabError
        For what is not known; the sentence names the node.
    Unread
        For a file that holds no graph.
    """
    top = member(file, "node")
    if not isinstance(top, h5py.Group) or _word(member(top, "type")) != "NIRGraph":
        raise Unread("holds no graph")
    found, left = {}, [WEIGHTS]
    edges = _graph(top, "", found, left, KNOWN | STEPPED if leaky else KNOWN)
    dt = member(top, "metadata/dt")
    return found, edges, None if dt is None else float(_array(dt, 1, 0))


def _graph(group, prefix: str, found: dict, left: list[int], known: dict) -> list:
    """Add a graph's nodes to those found; graphs within it become part of it."""
    listed = member(group, "nodes")
    if not isinstance(listed, h5py.Group) or not 0 < len(listed) <= LAYERS - len(found):
        raise Unread(f"lists no nodes, or more than {LAYERS}")
    if prefix.count(GRAPH_END) > DEEPEST:
        raise Unread(f"has graphs within graphs, more than {DEEPEST} deep")
    edges, ends = [], {}
    for name in listed:
        within = _within(listed, name)
        if within is not None:
            there = f"{prefix}{name}{GRAPH_END}"
            edges += _graph(within, there, found, left, known)
            ends[name] = _ends(there, found)
            continue
        node = _node(name, listed, left[0], known)
        left[0] -= sum(one.size for key, one in node.holds.items() if key == "weight")
        # a graph's own input and output say only where it begins and ends
        found[prefix + name] = node
    for before, after in _edges(member(group, "edges")):
        one = ends[before][1] if before in ends else prefix + before
        other = ends[after][0] if after in ends else prefix + after
        edges.append((one, other))
    return list(dict.fromkeys(edges))


def _within(listed, name: str) -> h5py.Group | None:
    group = member(listed, name)
    if isinstance(group, h5py.Group) and "type" in group:
        return group if _word(member(group, "type")) == GRAPH else None
    return None


def _ends(prefix: str, found: dict) -> tuple[str, str]:
    """Input and output of a graph within the graph."""
    ends = []
    for kind in ("Input", "Output"):
        own = [
            name for name, node in found.items() if node.kind == kind and name.startswith(prefix)
        ]
        if len(own) != 1:
            raise refused(
                prefix.rstrip(GRAPH_END), f"is a graph with {len(own)} nodes of the kind {kind}",
                "export one with one of each", "node",
            )  # fmt: skip
        ends.append(own[0])
    for name in ends:
        found[name] = Found(PASS)
    return ends[0], ends[1]


def _node(name: str, listed: h5py.Group, left: int, known: dict) -> Found:
    try:
        group = member(listed, name)
        if not isinstance(group, h5py.Group):
            raise refused(name, "is no node", AGAIN, "node")
        kind = _word(member(group, "type"))
        if kind in REFUSED and kind not in known:
            raise refused(name, *REFUSED[kind], "node")
        if kind not in known:
            raise refused(
                name, f"is a {fit(kind)}, which this lab does not know",
                "the documentation lists those that it does under 'Exchange by NIR'", "node",
            )  # fmt: skip
        holds = {key: _held(group, key, left) for key in known[kind]}
        for key in OPTIONAL.get(kind, ()):
            if key in group:
                holds[key] = _held(group, key, left)
        about = member(group, "metadata")
        if not isinstance(about, h5py.Group) or kind not in NEURONS:
            return Found(kind, holds)
        soft = "reset" in about and _word(member(about, "reset")) == "subtraction"
        start = float(_array(member(about, "initial"), 1, 0)) if "initial" in about else 0.0
        return Found(kind, holds, soft, start)
    except Unread as error:
        raise refused(name, f"has numbers that {error}", AGAIN, "node") from error


def _held(group: h5py.Group, key: str, left: int):
    there = member(group, key)
    if there is None:
        raise Unread(f"are not there: it says no {key}")
    if key == "padding" and isinstance(there, h5py.Dataset) and there.dtype.kind == "O":
        return _word(there)
    if key not in _WHOLE:
        values = _array(there, left, MOST_AXES)
        if key in _AXES and values.ndim not in _AXES[key]:
            raise Unread(f"have {values.ndim} axes ({key})")
        return values
    least, most = _WHOLE[key]
    values = _array(there, MOST_AXES, 1)
    whole = np.broadcast_to(values, 2) if key in _PAIRS else values
    if (whole != np.floor(whole)).any() or whole.min() < least or whole.max() > most:
        raise Unread(f"are no whole numbers from {least} to {most} ({key})")
    return whole.astype(np.int64)


def _array(there, most: int, axes: int) -> np.ndarray:
    """Numbers in double precision, at most so many, none of them infinite."""
    safe(there)
    if there.dtype.kind not in "fiu" or there.dtype.itemsize not in (1, 2, 4, 8):
        raise Unread(f"are {fit(there.dtype)}")
    if there.ndim > axes or math.prod(there.shape) > most or 0 in there.shape:
        raise Unread(f"are too many, or of too many axes ({there.ndim})")
    values = np.asarray(there[()]).astype(np.float64)
    if not (np.abs(values) < LARGEST).all():
        raise Unread("are infinite, not numbers, or too large")
    return values


def _word(there) -> str:
    safe(there)
    if there.shape != () or h5py.check_string_dtype(there.dtype) is None:
        raise Unread("are no word where one should be")
    if there.id.get_storage_size() > CONFIG:
        raise Unread("are too long a word")
    value = there[()]
    value = value.decode("utf-8") if isinstance(value, bytes) else value
    if not isinstance(value, str) or len(value) > 100:
        raise Unread("are too long a word")
    return value


def _edges(there) -> list[tuple[str, str]]:
    safe(there)
    if h5py.check_string_dtype(there.dtype) is None or there.ndim != 2 or there.shape[1] != 2:
        raise Unread("has edges that are no pairs of names")
    if len(there) > 4 * LAYERS or there.id.get_storage_size() > CONFIG:
        raise Unread("has too many edges")
    return [tuple(str(end, "utf-8") for end in pair) for pair in there[()]]
