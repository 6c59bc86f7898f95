"""The lab's own models as graphs."""

import numpy as np

from snnlab.nets.architecture import Layer, Wire, wires
from snnlab.nets.graph.net import Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Add, Concatenate, Pooling
from snnlab.nets.graph.weighted import Convolution, TransposedConvolution
from snnlab.nets.model import Model

SUMS = "-sums"  # after a layer's name: what its neurons are given
POOLED = "-pooled"


def unet_graph(model: Model, height: int, width: int, kernels=None) -> Graph:
    """A model of the lab as a graph, for one size of image.

    A node of the graph has the name of the layer whose activations it gives; the readout's are
    logits, one a class.

    Parameters
    ----------
    model : Model
    height, width : int
        Multiples of the model's.
    kernels : dict, optional
        In place of the model's 8-bit ones.
    """
    kernels = model.kernels if kernels is None else kernels
    nodes: list[Node] = []
    for layer in model.layers:
        made = _sums(layer, model, kernels[layer.name])
        if layer.activation == "linear":
            nodes += [*made[:-1], Node(layer.name, made[-1].layer, made[-1].inputs)]
            continue
        stepped = model.rate_hz[layer.name] if layer.activation == "loihi" else None
        nodes += [*made, Node(layer.name, Neurons(stepped_hz=stepped), (made[-1].name,))]
    return Graph(model.name, (height, width, 1), tuple(nodes))


def _sums(layer: Layer, model: Model, kernel: np.ndarray) -> list[Node]:
    """What a layer's neurons are given, the last node; and the nodes before it."""
    fed, bias = wires(layer, model.layers), model.biases[layer.name]
    name = layer.name + SUMS
    if layer.kind == "conv":
        nodes, source = [], fed[0].source
        if len(fed) > 1:
            source = f"{layer.name}-joined"
            nodes.append(Node(source, Concatenate(), tuple(wire.source for wire in fed)))
        if layer.pool > 1:
            side = (layer.pool, layer.pool)
            nodes.append(Node(layer.name + POOLED, Pooling("max", side, side), (source,)))
            source = layer.name + POOLED
        return [*nodes, Node(name, _layer(fed[0], kernel, bias), (source,))]
    # two kinds of convolution are not one of a concatenation: their sum
    nodes = []
    for wire in fed:
        part = kernel[:, :, wire.first : wire.last]
        made = _layer(wire, part, bias if wire is fed[0] else np.zeros_like(bias))
        nodes.append(Node(f"{layer.name}-of-{wire.source}", made, (wire.source,)))
    return [*nodes, Node(name, Add(), tuple(node.name for node in nodes))]


def _layer(wire: Wire, kernel: np.ndarray, bias: np.ndarray):
    make = Convolution if wire.kind == "conv" else TransposedConvolution
    return make(kernel, bias, (wire.stride, wire.stride), "same")
