"""How a population is cut into blocks, one a core, within the limits of a core.

Every layer, from the last to the first, takes the shape with the fewest cores
that fits: compartments, input axons and synaptic memory depend on the layer
alone, output axons on the blocks of the layers behind it, which are chosen
before. All shapes fit the chip; which is best for the traffic between chips
is another question, of `snnlab.chips.search`.
"""

from itertools import product

from snnlab.errors import LabError
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.core import LOIHI_1, Core
from snnlab.simulation.loihi.limits import Shape
from snnlab.simulation.loihi.network import ChipLayer


def block_shapes(layers: tuple[ChipLayer, ...], core: Core = LOIHI_1) -> dict[str, Shape]:
    """Neurons a core, ``(height, width, channels)``, by layer on the chip.

    Raises
    ------
    LabError
        If a layer fits no core however it is cut.
    """
    chosen: dict[str, Shape] = {}
    for layer in reversed([layer for layer in layers if layer.on_chip]):
        behind = [
            (link.operator, chosen[other.name])
            for other in layers
            for link in other.links
            if link.source == layer.name
        ]
        for shape in _candidates(layer.shape, core):
            if fits(layer, shape, core) and reaches(shape, behind, core):
                chosen[layer.name] = shape
                break
        else:
            raise LabError(f"layer {layer.name} fits no core of {core.name}; use fewer channels.")
    return chosen


def _candidates(shape: Shape, core: Core) -> list[Shape]:
    """Shapes within the compartments of a core; fewest cores first, then nearest to a square."""
    height, width, channels = shape
    found = []
    for rows, columns in product(_sides(height), _sides(width)):
        for depth in [d for d in range(1, channels + 1) if channels % d == 0]:
            if rows * columns * depth <= core.compartments:
                cores = -(-height // rows) * -(-width // columns) * (channels // depth)
                found.append(((cores, -depth, rows + columns, -columns), (rows, columns, depth)))
    return [shape for _, shape in sorted(found)]


def _sides(size: int) -> list[int]:
    return sorted({2**power for power in range(size.bit_length()) if 2**power <= size} | {size})


def fits(layer: ChipLayer, shape: Shape, core: Core = LOIHI_1) -> bool:
    """Whether blocks of this shape are within input axons and synaptic memory."""
    axons = sum(limits.in_axons(link.operator, shape) for link in layer.links)
    if axons.max() > core.in_axons:
        return False
    bits = sum(limits.synapse_bits(link.operator, shape) for link in layer.links)
    return bits.max() <= core.synapse_bits


def reaches(shape: Shape, behind, core: Core = LOIHI_1) -> bool:
    """Whether blocks of this shape have output axons for all connections.

    Parameters
    ----------
    behind : list of tuple
        Of each connection from this layer, the operator and the target's block shape.
    """
    used = sum(limits.out_axons(operator, shape, target) for operator, target in behind)
    return not behind or used.max() <= core.out_axons
