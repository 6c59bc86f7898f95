"""The weighted sums behind the last neurons, of which a host makes the answer.

Their mean over the steps is what the lab's host computes from the rates, before its sigmoid or
softmax. An answer that is a row of several maps, as a detector's, is as many sums.
"""

from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.stencils import shape_of
from snnlab.conversion.graphs.terms import terms_of
from snnlab.conversion.graphs.transforms import transform_of
from snnlab.errors import LabError
from snnlab.export.exchange.wiring import Way, chained
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.nets.graph.pointwise import OffChip
from snnlab.nets.graph.shaping import Concatenate, Reshape
from snnlab.simulation.event.operators import Convolve, of_connection
from snnlab.simulation.network import SpikingNetwork


@dataclass(frozen=True)
class Sums:
    """What the host gets.

    Attributes
    ----------
    name : str
        Of the part of the answer; nothing if there is one.
    shape : tuple of int
        ``(height, width, channels)``.
    ways : tuple of Way
        From populations, and perhaps from the image.
    bias : numpy.ndarray
        ``(values,)``.
    then : str
        What it does with the mean over all steps.
    """

    name: str
    shape: tuple[int, int, int]
    ways: tuple[Way, ...]
    bias: np.ndarray
    then: str


def sums_of(network: SpikingNetwork) -> tuple[Sums, ...]:
    """The sums, in the order of the answer; none if the host does more than sums and a curve."""
    if isinstance(network, GraphNetwork):
        try:
            return _of_graph(network)
        except (LabError, ValueError):  # whatever cannot be said as a sum is left to the host
            return ()
    readout, last = network.readout, network.populations[-1]
    if readout is None or readout.shares:
        return ()
    columns = np.asarray(readout.weights, float).reshape(last.shape[2], -1)
    shape = (*last.shape[:2], columns.shape[1])
    operator = Convolve(columns[None, None], last.shape, shape, (1, 1), "valid", False)
    bias = np.tile(np.atleast_1d(np.asarray(readout.bias, float)), shape[0] * shape[1])
    then = "softmax" if shape[2] > 1 else "sigmoid"
    return (Sums("", shape, (Way(last.name, (operator,)),), bias, then),)


def _of_graph(network: GraphNetwork) -> tuple[Sums, ...]:
    graph, then = network.graph, "nothing"
    node = graph.output
    while isinstance(node.layer, OffChip):
        if node.layer.kind != "linear":
            if then != "nothing":
                return ()
            then = node.layer.kind
        node = graph.by_name[node.inputs[0]]
    if node.name in network.spiking:
        return ()
    if not isinstance(node.layer, Concatenate) or len(graph.shapes[node.name]) > 1:
        return (_sum(network, node.name, "", then),)
    return tuple(_sum(network, name, name, then) for name in _parts(graph, node))


def _parts(graph: Graph, node) -> list[str]:
    """Maps that are flattened and joined to a row."""
    found = []
    for name in node.inputs:
        one = graph.by_name.get(name)
        while one is not None and isinstance(one.layer, Reshape):
            name = one.inputs[0]
            one = graph.by_name.get(name)
        found.append(name)
    return found


def _sum(network: GraphNetwork, name: str, called: str, then: str) -> Sums:
    graph, ways = network.graph, []
    for term in terms_of(graph, name):
        source = None if term.source == IMAGE else network.spiking[term.source]
        operators = ()
        for one in term.maps:
            operators = chained(operators, _operator(one))
        ways.append(Way(source, operators))
    part = Graph(graph.name, graph.image_shape, graph.up_to(name))
    silent = {name: np.zeros((1, *graph.shapes[name])) for name in network.spiking}
    silent = {name: zeros for name, zeros in silent.items() if name in part.by_name}
    bias = answer(part, np.zeros((1, *graph.image_shape)), silent)
    return Sums(called, shape_of(graph.shapes[name]), tuple(ways), bias.ravel(), then)


def _operator(one):
    transform = transform_of(one)
    with nengo.Network(add_to_container=False):
        ends = nengo.Node(size_in=transform.size_in), nengo.Node(size_in=transform.size_out)
        return of_connection(nengo.Connection(*ends, transform=transform, synapse=None), None)
