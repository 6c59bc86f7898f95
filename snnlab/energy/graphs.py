"""What a graph and its spikes do for one image, in the units that energy is charged for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from snnlab.energy.work import COMPARTMENTS, CORES, UNMAPPED, LayerWork, Work
from snnlab.nets.graph.forward import apply
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.weighted import Convolution, Dense, TransposedConvolution


def macs(graph: Graph) -> dict[str, int]:
    """Multiply-accumulates of each layer of weights for one image, borders exact.

    A layer whose weights are all 1 and that is given ones counts, in each output, the weights that
    were used for it.
    """
    found = {}
    for node in graph.nodes:
        layer = node.layer
        if isinstance(layer, Convolution | TransposedConvolution | Dense):
            ones = replace(layer, kernel=np.ones_like(layer.kernel), bias=np.zeros_like(layer.bias))
            given = np.ones((1, *graph.shapes[node.inputs[0]]))
            found[node.name] = round(float(apply(ones, given).sum()))
    return found


def macs_into(graph: Graph) -> tuple[dict[str, int], int]:
    """The same by the layer of neurons that it is for, and what is left to the host."""
    of_neurons: dict[str, int] = {}
    host = 0
    for name, count in macs(graph).items():
        while graph.users[name] and not isinstance(graph.by_name[name].layer, Neurons):
            name = graph.users[name][0]
        if isinstance(graph.by_name[name].layer, Neurons):
            of_neurons[name] = of_neurons.get(name, 0) + count
        else:
            host += count
    return of_neurons, host


def work(
    graph: Graph,
    neurons: Mapping[str, int],
    spikes: Sequence[float],
    events: Sequence[float],
    timesteps: int,
) -> Work:
    """Counts of one image, on average.

    Parameters
    ----------
    graph : Graph
        In spiking form.
    neurons : mapping of str to int
        Of each population, in order.
    spikes, events : sequence of float
        Sent by each population, and the synapses that these reach.
    timesteps : int

    Returns
    -------
    Work
        Every update is taken to be one with input, and each spike as one message: price it on
        devices that make no difference between updates.
    """
    into, host = macs_into(graph)
    layers = tuple(
        LayerWork(
            name, many, into.get(name, 0), float(sent), float(reached), float(many * timesteps),
            float(sent),
        )
        for (name, many), sent, reached in zip(neurons.items(), spikes, events, strict=True)
    )  # fmt: skip
    cores = ceil(sum(neurons.values()) / COMPARTMENTS)
    height, width, _ = graph.image_shape
    return Work(
        height * width, timesteps, layers, host, cores, ceil(cores / CORES), UNMAPPED
    )  # fmt: skip
