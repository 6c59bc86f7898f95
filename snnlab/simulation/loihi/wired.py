"""A chip cut into given block shapes, without having NengoLoihi cut it.

Where each tap of a convolution goes follows from the shapes; what NengoLoihi
adds to that is its rounding (`snnlab.simulation.loihi.rounding`). So a chip of
any size and any block shapes is there in well under a second, where cutting
takes NengoLoihi minutes. The tests hold it against a full build.
"""

from dataclasses import replace

import numpy as np

from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.limits import Shape
from snnlab.simulation.loihi.network import ChipLayer
from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink
from snnlab.simulation.loihi.rounding import round_again


def rounded(layers: tuple[ChipLayer, ...], shapes: dict[str, Shape]) -> tuple[BuiltLayer, ...]:
    """The chip of a network whose layers are cut into blocks of given shapes.

    Parameters
    ----------
    layers : tuple of ChipLayer
    shapes : dict of str to tuple of int
        Neurons a core, ``(height, width, channels)``, by layer on the chip. That
        they fit is the caller's to know.
    """
    return round_again(tuple(_wired(layer, layers, shapes) for layer in layers), layers)


def _wired(layer: ChipLayer, layers, shapes) -> BuiltLayer:
    if not layer.on_chip:
        return BuiltLayer(layer.name, layer.shape)
    shape = shapes[layer.name]
    block = tuple(min(pair) for pair in zip(shape, layer.shape, strict=True))
    grid = [-(-whole // part) for whole, part in zip(layer.shape, block, strict=True)]
    links = []
    for link in layer.links:
        geometry = replace(link.operator, kernel=np.zeros_like(link.operator.kernel))
        kernels = np.zeros((1, *geometry.kernel.shape), np.int16)
        links.append(BuiltLink(link.source, geometry, kernels))
    return BuiltLayer(
        layer.name,
        layer.shape,
        tuple(links),
        block,
        np.zeros(grid[:2], np.int64),
        cores=_cores(layer, layers, shapes, block, grid),
    )


def _cores(layer, layers, shapes, block, grid) -> np.ndarray:
    """What each core uses, int64 ``(cores, 4)``."""
    sides = [
        np.minimum(np.arange(count) * part + part, whole) - np.arange(count) * part
        for count, part, whole in zip(grid, block, layer.shape, strict=True)
    ]
    neurons = np.multiply.outer(np.multiply.outer(sides[0], sides[1]), sides[2])
    leaving = np.zeros(grid[:2], np.int64)
    for other in layers:
        for link in other.links:
            if link.source == layer.name:
                leaving = leaving + limits.out_axons(link.operator, block, shapes[other.name])
    coming = sum(limits.in_axons(link.operator, block) for link in layer.links)
    bits = sum(limits.synapse_bits(link.operator, block) for link in layer.links)
    planes = [np.repeat(used[..., None], grid[2], axis=2) for used in (coming, leaving, bits)]
    return np.stack([neurons, *planes], axis=-1).reshape(-1, 4)
