"""The front door for nets of other people: read, check against Keras, say what would spike."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import reached
from snnlab.conversion.graphs.terms import spikes
from snnlab.errors import LabError
from snnlab.nets import shelf
from snnlab.nets.graph import files
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.graph.shaping import Pooling
from snnlab.nets.graph.weighted import Affine
from snnlab.nets.keras_files.reading import Imported, read

POOLS = ("max", "average")
CLOSE = 1e-4  # of Keras's own answer, at most
SHIPPED = Path(__file__).parents[2] / "assets" / "nets"
DEMO = "digits"  # the net that ships
_KINDS = {
    "Convolution": "convolution", "TransposedConvolution": "transposed convolution",
    "Dense": "dense", "Affine": "rescaling", "Pooling": "pooling", "Upsampling": "upsampling",
    "Borders": "borders", "Add": "sum", "Concatenate": "join", "Reshape": "reshaping",
    "Neurons": "ReLU", "OffChip": "",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What a layer is in the spiking net.

    Attributes
    ----------
    name, kind : str
        As Keras has them.
    shape : tuple of int
        Of its output.
    units : int
        That are not linear: rectified, or a maximum of several.
    neurons : int
        Of those, the ones that spike.
    weights : int
    spiking : bool or None
        None for a layer that is linear, and so part of connections.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    units: int
    neurons: int
    weights: int
    spiking: bool | None


def folder() -> Path:
    """Where nets are kept that were imported."""
    return shelf.folder() / "nets"


def name_of(text: str) -> str:
    """A name for a net, made of any text."""
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    return found or "net"


def graph_of(named: str, size=None) -> Graph:
    """A net by its name, or from a Keras file.

    Raises
    ------
    LabError
    """
    for place in (folder(), SHIPPED):
        path = place / f"{named}{files.ENDING}"
        if re.fullmatch(r"[a-z0-9-]+", named) and path.is_file():
            return files.load(path)
    if not Path(named).exists():
        known = ", ".join(names())
        raise LabError(
            f"there is no net {named!r}; choose one of {known}, or name a .keras or .h5 file."
        )
    return read(named, size).graph


def names() -> tuple[str, ...]:
    """Of the nets that are there: the one that ships, and what was imported."""
    own = files.named(folder()) if folder().is_dir() else ()
    return (DEMO, *(name for name in own if name != DEMO))


def task_of(graph: Graph) -> str:
    """What a net does: ``segmentation`` or ``classification``, or ``other``."""
    shape = graph.shapes[graph.output.name]
    if len(shape) == 3 and shape[:2] == graph.image_shape[:2] and shape[2] <= 2:
        return "segmentation"
    return "classification" if max(shape) == int(np.prod(shape)) else "other"


def rescales(graph: Graph) -> bool:
    """Whether the net begins by bringing grey values into a range of its own."""
    return isinstance(graph.nodes[0].layer, Affine)


def rows(imported: Imported, pool: str = "max") -> tuple[list[Row], list[str]]:
    """Each layer of Keras, and why neurons cannot do what some do.

    Returns
    -------
    list of Row
    list of str
        Sentences; none, if the net can be converted.
    """
    graph = spiking_form(imported.graph, pool == "average")
    spiking, refused = _spiking(graph)
    units = {node.name: _units(graph, node) for node in graph.nodes}
    found, weighed = [], set()
    for call in imported.description.calls:
        path = call.layer.place.path
        weights = imported.translated.weights.get(path, []) if path not in weighed else []
        weighed.add(path)
        own = [
            node for node in graph.nodes
            if node.name == call.name or node.name.startswith(f"{call.name}(")
        ]  # fmt: skip
        many = sum(units[node.name] for node in own)
        neurons = sum(units[node.name] for node in own if node.name in spiking)
        shape = graph.shapes.get(call.name) or (own and graph.shapes[own[-1].name]) or ()
        kind = call.layer.kind
        total = sum(one.size for one in weights)
        found.append(
            Row(call.name, kind, shape, many, neurons, total, neurons > 0 if many else None)
        )
    return found, refused


def rows_of(graph: Graph, average: bool = False) -> tuple[list[Row], list[str]]:
    """The same of a net alone, whose file is not there any more.

    Kinds are the lab's own: a layer that has its activation within is of two.

    Parameters
    ----------
    average : bool
        Takes means in place of maxima.
    """
    made = spiking_form(graph, average)
    spiking, refused = _spiking(made)
    layers: dict[str, list] = {}
    for node in made.nodes:
        layers.setdefault(re.sub(r"\(\d+\)$", "", node.name), []).append(node)
    found, weighed = [], set()
    for name, nodes in layers.items():
        units = {node.name: _units(made, node) for node in nodes}
        many = sum(units.values())
        neurons = sum(units[node.name] for node in nodes if node.name in spiking)
        new = {
            id(node.layer): node.layer.weights for node in nodes if id(node.layer) not in weighed
        }
        weighed |= set(new)
        found.append(
            Row(name, _kind(nodes), made.shapes[nodes[-1].name], many, neurons, sum(new.values()),
                neurons > 0 if many else None)
        )  # fmt: skip
    return found, refused


def _kind(nodes) -> str:
    """What the nodes of one layer are, in words, each once."""
    found = []
    for node in nodes:
        layer, word = node.layer, _KINDS[type(node.layer).__name__]
        if isinstance(layer, Neurons) and layer.ceiling is not None:
            word = f"ReLU{layer.ceiling:g}"
        elif isinstance(layer, Pooling):
            word = "maximum" if layer.kind == "max" else "mean"
        elif getattr(layer, "groups", 1) > 1:
            word = "convolution in groups"
        found.append(word or layer.kind)
    return ", ".join(dict.fromkeys(found))


def _units(graph: Graph, node) -> int:
    """Values of a node that are no linear function of its inputs."""
    layer = node.layer
    bent = isinstance(layer, Neurons | OffChip) and getattr(layer, "kind", "") != "linear"
    if bent or (isinstance(layer, Pooling) and layer.kind == "max"):
        return int(np.prod(graph.shapes[node.name]))
    return 0


def _spiking(graph: Graph) -> tuple[set[str], list[str]]:
    """Nodes that would spike, and why the net cannot be converted, if it cannot."""
    from snnlab.simulation.event.errors import Unsupported
    from snnlab.simulation.event.reading import read as read_network

    rates = {node.name: 1.0 for node in graph.nodes if isinstance(node.layer, Neurons)}
    try:
        network = build(graph, np.zeros(graph.image_shape), rates)
        read_network(network.network, 0.001)
    except Unsupported as error:
        return set(network.spiking), [str(error)]
    except LabError as error:
        return {node.name for node in graph.nodes if spikes(node)} & set(rates), [str(error)]
    return set(network.spiking), []


def largest(graph: Graph, images: np.ndarray, percentile: float = 99.9) -> dict[str, tuple]:
    """Largest activation of each layer of neurons, and a percentile of those above zero."""
    found = {}
    for name, values in reached(graph, images).items():
        above = values[values > 0]
        high = float(np.percentile(above, percentile)) if above.size else 0.0
        found[name] = float(values[-1]), high
    return found
