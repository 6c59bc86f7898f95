"""NengoLoihi's own splitting: along the neurons' numbers, into as few pieces as it thinks needed.

Without a block shape it divides each limit's use of the unsplit layer by the
limit and cuts into the largest of these numbers of pieces
(``nengo_loihi.builder.split_blocks.split_block``). For a convolution that is
often not enough, since neighbours share axons and weights that pieces do not:
then the network does not build. `splitting` says which layers are cut as
NengoLoihi would, and cuts the others on, in its way, until they fit.
"""

import numpy as np

from snnlab.chips.wiring import Cut
from snnlab.errors import LabError
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.network import ChipLayer

Pieces = dict[str, tuple[int]]


def pieces(layers: tuple[ChipLayer, ...]) -> Pieces:
    """Neurons a core by layer, as NengoLoihi cuts them, whether that fits or not."""
    return {
        layer.name: (-(-layer.bias.size // count),)
        for layer, count in zip(
            [layer for layer in layers if layer.on_chip], _counts(layers), strict=True
        )
    }


def _counts(layers) -> list[int]:
    found = []
    for layer in layers:
        if not layer.on_chip:
            continue
        inputs = sum(np.prod(link.operator.shape_in[:2]) for link in layer.links)
        outputs = limits.SLOTS * sum(
            np.prod(link.operator.shape_in[:2])
            for other in layers
            for link in other.links
            if link.source == layer.name and other.on_chip
        )
        bits = sum(limits.unsplit_bits(link.operator) for link in layer.links)
        found.append(
            max(
                -(-int(used) // limit)
                for used, limit in (
                    (layer.bias.size, limits.COMPARTMENTS),
                    (inputs, limits.IN_AXONS),
                    (outputs, limits.OUT_AXONS),
                    (bits, limits.SYNAPSE_BITS),
                )
            )
        )
    return found


def splitting(layers: tuple[ChipLayer, ...]) -> tuple[Pieces, tuple[str, ...]]:
    """NengoLoihi's cut, and finer where that does not fit.

    Returns
    -------
    pieces : dict of str to tuple of int
        Neurons a core.
    refined : tuple of str
        Layers that NengoLoihi's own number of pieces does not fit.

    Raises
    ------
    LabError
        If no number of pieces fits.
    """
    chosen = pieces(layers)
    own = dict(chosen)
    for _ in range(64):
        over = {}
        for block in Cut(layers, chosen).blocks():
            use = max(
                block.in_axons / limits.IN_AXONS,
                block.out_axons / limits.OUT_AXONS,
                block.synapse_bits / limits.SYNAPSE_BITS,
            )
            if use > 1:
                over[block.layer] = max(over.get(block.layer, 0), use)
        if not over:
            return chosen, tuple(name for name in chosen if chosen[name] != own[name])
        for name, use in over.items():
            # memory falls more slowly than the piece; half at most, so as not to overshoot
            smaller = int(chosen[name][0] / min(max(use, 1.02), 1.3))
            if smaller < 1:
                raise LabError(f"layer {name} fits no core of Loihi; use fewer channels.")
            chosen[name] = (min(smaller, chosen[name][0] - 1),)
    raise LabError("the sequential splitting does not come to an end; use fewer channels.")
