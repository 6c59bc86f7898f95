"""From a description to a graph; the weights are asked for one layer at a time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.keras_files.activation import activation_of
from snnlab.nets.keras_files.checking import CORRECT
from snnlab.nets.keras_files.description import Call, Described, Description
from snnlab.nets.keras_files.layers import layers_of
from snnlab.nets.keras_files.limits import SIDE, VALUES, WEIGHTS, refused
from snnlab.nets.keras_files.weights import numbers_in, weights_of

Shape = tuple[int, ...]
Fetch = Callable[[Described, list], list[np.ndarray]]


@dataclass(frozen=True)
class Translated:
    """A graph, and where Keras's layers are in it.

    Attributes
    ----------
    graph : Graph
    ends : dict
        By the name of a call: the node whose output is the call's.
    weights : dict
        By the place of a layer: its weights, in Keras's order.
    """

    graph: Graph
    ends: dict[str, str]
    weights: dict[tuple[str, ...], list[np.ndarray]]


def image_shape(described: Description, size: tuple[int, int] | None) -> Shape:
    """The shape of the image.

    Parameters
    ----------
    size : tuple of int, optional
        Height and width, for a model that leaves them open.

    Raises
    ------
    LabError
        If they are open, and not said; or said, and not open.
    """
    height, width, channels = described.image_shape
    name = described.input_name
    if size:
        height, width = (height or size[0]), (width or size[1])
        if (height, width) != tuple(size):
            raise refused(name, f"takes {height} x {width} pixels", "leave --size out")
    if not height or not width:
        raise refused(name, "takes images of any size", "say which with --size HEIGHTxWIDTH")
    if max(height, width) > SIDE or channels > 64:
        raise refused(
            name,
            f"takes {height} x {width} pixels of {channels} channels",
            f"save a net for at most {SIDE} x {SIDE} pixels of 64 channels",
        )
    return height, width, channels


def nothing(layer: Described, wanted: list) -> list[np.ndarray]:
    """Weights that take no memory, to find out what a net would be."""
    return [np.broadcast_to(np.float32(1), shape) for _, shape in wanted]


def translated(described: Description, shape: Shape, fetch: Fetch = nothing) -> Translated:
    """Make the graph.

    Parameters
    ----------
    described : Description
    shape : tuple of int
        Of the image.
    fetch : callable
        Gives the weights of a layer: float32, of the shapes that it is given.

    Raises
    ------
    LabError
        If layers do not fit each other, or are too large; the sentence names the first.
    """
    return _Translator(described, shape, fetch).made()


class _Translator:
    def __init__(self, described, shape, fetch):
        self.described, self.shape, self.fetch = described, shape, fetch
        self.shapes: dict[str, Shape] = {IMAGE: shape}
        self.ends = {IMAGE: IMAGE}
        self.nodes: list[Node] = []
        self.weights: dict[tuple[str, ...], list[np.ndarray]] = {}
        self.layers: dict[tuple, list] = {}
        self.numbers = 0

    def made(self) -> Translated:
        for call in self.described.calls:
            self._call(call)
        if not self.nodes:
            raise LabError("the model computes nothing; save one with layers.")
        last = self.ends[self.described.calls[-1].name]
        self.nodes.sort(key=lambda node: node.name == last)
        graph = Graph(self.described.name, self.shape, tuple(self.nodes)).used()
        return Translated(graph, self.ends, self.weights)

    def _call(self, call: Call) -> None:
        layer, inputs = call.layer, tuple(self.ends[name] for name in call.inputs)
        try:
            if len(inputs) > 1 and layer.kind not in ("Add", "Concatenate"):
                raise ValueError(f"one input, not {len(inputs)}")
            made = self._layers(call, tuple(self.shapes[name] for name in inputs))
            end = inputs[0]
            for number, (part, is_last) in enumerate((part, part is made[-1]) for part in made):
                end = call.name if is_last else f"{call.name}({number + 1})"
                self.shapes[end] = part.shape(*(self.shapes[name] for name in inputs))
                if np.prod(self.shapes[end], dtype=float) > VALUES:
                    raise refused(call.name, "gives too many values", "save a smaller net")
                self.nodes.append(Node(end, part, inputs))
                inputs = (end,)
        except ValueError as error:
            given = " and ".join("x".join(map(str, self.shapes[name])) for name in inputs)
            raise refused(call.name, f"is given {given}, and wants {error}", CORRECT) from error
        self.ends[call.name] = end

    def _layers(self, call: Call, given: tuple[Shape, ...]) -> list:
        """The layers of a call; the same objects where a layer is called again."""
        layer = call.layer
        key = (layer.place.path, given)
        if key not in self.layers:
            weights = self._weights(call, given[0])
            if layer.kind == "Activation":
                made = activation_of(layer.settings["activation"], call.name)
            else:
                made = layers_of(layer.kind, layer.settings, weights, given[0])
                if "activation" in layer.settings:
                    made = [*made, *activation_of(layer.settings["activation"], call.name)]
            self.layers[key] = made
        return self.layers[key]

    def _weights(self, call: Call, given: Shape) -> list[np.ndarray]:
        layer = call.layer
        wanted = weights_of(layer.kind, layer.settings, given)
        path = layer.place.path
        if path not in self.weights:
            self.numbers += numbers_in(wanted)
            if self.numbers > WEIGHTS:
                raise refused(
                    call.name,
                    f"has {numbers_in(wanted):,} weights, and the net more than {WEIGHTS:,}",
                    "save a smaller net",
                )
            self.weights[path] = self.fetch(layer, wanted)
        if [one.shape for one in self.weights[path]] != [shape for _, shape in wanted]:
            raise ValueError("what its first call was given, since its weights are shared")
        return self.weights[path]
