"""The weighted sums behind the last neurons, of which a host makes the answer.

Their mean over the steps is what the lab's host computes from the rates, before its sigmoid or
softmax.
"""

from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.stencils import shape_of
from snnlab.conversion.graphs.terms import terms_of
from snnlab.conversion.graphs.transforms import transform_of
from snnlab.errors import LabError
from snnlab.export.exchange.wiring import Way
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.nets.graph.pointwise import OffChip
from snnlab.simulation.event.operators import Convolve, join, of_connection
from snnlab.simulation.network import SpikingNetwork


@dataclass(frozen=True)
class Sums:
    """What the host gets.

    Attributes
    ----------
    shape : tuple of int
        ``(height, width, channels)``.
    ways : tuple of Way
        From populations, and perhaps from the image.
    bias : numpy.ndarray
        ``(values,)``.
    then : str
        What it does with the mean over all steps.
    """

    shape: tuple[int, int, int]
    ways: tuple[Way, ...]
    bias: np.ndarray
    then: str


def sums_of(network: SpikingNetwork) -> Sums | None:
    """The sums; None if the host does more than one sum and a curve."""
    if isinstance(network, GraphNetwork):
        try:
            return _of_graph(network)
        except (LabError, ValueError):  # whatever cannot be said as a sum is left to the host
            return None
    readout, last = network.readout, network.populations[-1]
    if readout is None or readout.shares:
        return None
    shape = (*last.shape[:2], 1)
    kernel = np.asarray(readout.weights, float)[None, None, :, None]
    operator = Convolve(kernel, last.shape, shape, (1, 1), "valid", False)
    bias = np.full(last.shape[0] * last.shape[1], float(readout.bias))
    return Sums(shape, (Way(last.name, operator),), bias, "sigmoid")


def _of_graph(network: GraphNetwork) -> Sums | None:
    graph, then = network.graph, "nothing"
    node = graph.output
    while isinstance(node.layer, OffChip):
        if node.layer.kind != "linear":
            if then != "nothing":
                return None
            then = node.layer.kind
        node = graph.by_name[node.inputs[0]]
    if node.name in network.spiking:
        return None
    ways = []
    for term in terms_of(graph, node.name):
        source = None if term.source == IMAGE else network.spiking[term.source]
        operator = None
        for one in term.maps:
            made = _operator(one)
            operator = made if operator is None else join(operator, made)
            if operator is None:
                return None
        ways.append(Way(source, operator))
    part = Graph(graph.name, graph.image_shape, graph.up_to(node.name))
    silent = {name: np.zeros((1, *graph.shapes[name])) for name in network.spiking}
    silent = {name: zeros for name, zeros in silent.items() if name in part.by_name}
    bias = answer(part, np.zeros((1, *graph.image_shape)), silent)
    return Sums(shape_of(graph.shapes[node.name]), tuple(ways), bias.ravel(), then)


def _operator(one):
    transform = transform_of(one)
    with nengo.Network(add_to_container=False):
        ends = nengo.Node(size_in=transform.size_in), nengo.Node(size_in=transform.size_out)
        return of_connection(nengo.Connection(*ends, transform=transform, synapse=None), None)
