"""Small spiking networks on chips, and their spikes."""

from functools import cache

import numpy as np

from snnlab.lab.chips import emulate
from snnlab.simulation.loihi.network import describe
from tests.simulation.loihi.networks import converted, random_unet


@cache
def unet(widths=(4, 8), side=16, steps=40):
    """Network, layers, recording; blocks of a few cores a layer."""
    network = converted(random_unet(widths, encoder=2), side, side)
    layers = describe(network)
    return network, layers, emulate(layers, network, steps)


def random_shapes(layers, draw):
    """A block shape for each layer on the chip; nothing is said of limits."""
    return {
        layer.name: tuple(draw(1, size) for size in layer.shape)
        if draw(0, 3)
        else (draw(1, int(np.prod(layer.shape))),)
        for layer in layers
        if layer.on_chip
    }
