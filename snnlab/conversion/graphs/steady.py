"""What neurons are given by biases alone: the net's sums with nothing coming in."""

import numpy as np

from snnlab.conversion.graphs.terms import spikes
from snnlab.nets.graph.forward import apply
from snnlab.nets.graph.net import IMAGE, Graph


def biases(graph: Graph) -> dict[str, np.ndarray]:
    """The input of every population when no other spikes and the image is black.

    Zeros that a layer pads with have no bias, so that it may differ from pixel to pixel.

    Returns
    -------
    dict
        By the name of a node that spikes: float64, of its input's shape.
    """
    left = {name: len(users) for name, users in graph.users.items()}
    values = {IMAGE: np.zeros((1, *graph.image_shape))}
    found = {}
    for node in graph.nodes:
        if spikes(node):
            found[node.name] = values[node.inputs[0]][0]
            values[node.name] = np.zeros((1, *graph.shapes[node.name]))
        else:
            values[node.name] = apply(node.layer, *(values[name] for name in node.inputs))
        for name in node.inputs:
            left[name] -= 1
            if not left[name]:
                del values[name]
    return found
