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
from snnlab.simulation.loihi.limits import Shape
from snnlab.simulation.loihi.network import ChipLayer


def block_shapes(layers: tuple[ChipLayer, ...]) -> dict[str, Shape]:
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
        for shape in _candidates(layer.shape):
            if fits(layer, shape) and reaches(shape, behind):
                chosen[layer.name] = shape
                break
        else:
            raise LabError(f"layer {layer.name} fits no core of Loihi; use fewer channels.")
    return chosen


def _candidates(shape: Shape) -> list[Shape]:
    """Shapes within the compartments of a core; fewest cores first, then nearest to a square."""
    height, width, channels = shape
    found = []
    for rows, columns in product(_sides(height), _sides(width)):
        for depth in [d for d in range(1, channels + 1) if channels % d == 0]:
            if rows * columns * depth <= limits.COMPARTMENTS:
                cores = -(-height // rows) * -(-width // columns) * (channels // depth)
                found.append(((cores, -depth, rows + columns, -columns), (rows, columns, depth)))
    return [shape for _, shape in sorted(found)]


def _sides(size: int) -> list[int]:
    return sorted({2**power for power in range(size.bit_length()) if 2**power <= size} | {size})


def fits(layer: ChipLayer, shape: Shape) -> bool:
    """Whether blocks of this shape are within input axons and synaptic memory."""
    axons = sum(limits.in_axons(link.operator, shape) for link in layer.links)
    if axons.max() > limits.IN_AXONS:
        return False
    bits = sum(limits.synapse_bits(link.operator, shape) for link in layer.links)
    return bits.max() <= limits.SYNAPSE_BITS


def reaches(shape: Shape, behind) -> bool:
    """Whether blocks of this shape have output axons for all connections.

    Parameters
    ----------
    behind : list of tuple
        Of each connection from this layer, the operator and the target's block shape.
    """
    used = sum(limits.out_axons(operator, shape, target) for operator, target in behind)
    return not behind or used.max() <= limits.OUT_AXONS
