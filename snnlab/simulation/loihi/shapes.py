"""How a population is cut into blocks, one a core, within the limits of a core.

Every layer, from the last to the first, takes the shape with the fewest cores
that fits: compartments, input axons and synaptic memory depend on the layer
alone, output axons on the blocks of the layers behind it, which are chosen
before. All shapes fit the chip; which is best for the traffic between chips
is another question.

References
----------
Limits: Davies et al. (2018), 10.1109/MM.2018.112130359, as in
``nengo_loihi.block``; bits of an axon's weights as in its ``SynapseConfig``.
"""

from itertools import product

import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.network import ChipLayer

COMPARTMENTS = 1024
IN_AXONS = 4096
OUT_AXONS = 4096
SYNAPSE_BITS = 16384 * 64
SLOTS = 2  # output axons that one population axon with 32 bits takes
BASES = 256  # an axon's compartment base is below this; the rest goes into its indices

Shape = tuple[int, int, int]


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
            if _fits(layer, shape, behind):
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
            if rows * columns * depth <= COMPARTMENTS:
                cores = -(-height // rows) * -(-width // columns) * (channels // depth)
                found.append(((cores, -depth, rows + columns, -columns), (rows, columns, depth)))
    return [shape for _, shape in sorted(found)]


def _sides(size: int) -> list[int]:
    return sorted({2**power for power in range(size.bit_length()) if 2**power <= size} | {size})


def _fits(layer: ChipLayer, shape: Shape, behind) -> bool:
    axons = bits = 0
    for link in layer.links:
        axons += max(map(len, _reached(link.operator, 0, shape[0]))) * max(
            map(len, _reached(link.operator, 1, shape[1]))
        )
    if axons > IN_AXONS:
        return False
    out = sum(out_axons(operator, shape, target) for operator, target in behind)
    if out > OUT_AXONS:
        return False
    for link in layer.links:
        bits += synapse_bits(link.operator, shape)
        if bits > SYNAPSE_BITS:
            return False
    return True


def _reached(operator: Convolve, axis: int, size: int) -> list[dict]:
    """For each block along an axis, the source positions and the taps by which each reaches it.

    Returns
    -------
    list of dict
        Source position to a tuple of (position in the block), ascending.
    """
    blocks = [{} for _ in range(-(-operator.shape_out[axis] // size))]
    for tap in range(operator.kernel.shape[axis]):
        for into, come in zip(*operator.meet(axis, tap), strict=True):
            blocks[into // size].setdefault(int(come), []).append((int(into % size), tap))
    return [{come: tuple(sorted(met)) for come, met in block.items()} for block in blocks]


def out_axons(operator: Convolve, source: Shape, target: Shape) -> int:
    """Most output axon slots that a source block needs for one connection."""
    most = []
    for axis in range(2):
        blocks = _reached(operator, axis, target[axis])
        reached = np.zeros(operator.shape_in[axis], int)
        for block in blocks:
            reached[list(block)] += 1
        starts = np.arange(0, len(reached), source[axis])
        most.append(int(np.add.reduceat(reached, starts).max()))
    return SLOTS * most[0] * most[1] * -(-operator.shape_out[2] // target[2])


def synapse_bits(operator: Convolve, shape: Shape) -> int:
    """Most synaptic memory (bits) that a block needs for one connection.

    Source pixels share a row of weights if they reach the block through the
    same taps, and if the base of their targets has the same part above 255.
    """
    most, known = 0, {}
    by_row, by_column = (_reached(operator, axis, shape[axis]) for axis in range(2))
    for rows, columns in product(by_row, by_column):
        key = tuple(sorted(rows.values())), tuple(sorted(columns.values()))
        if key not in known:
            wide = min(shape[1], operator.shape_out[1])
            variants, largest = {}, 0
            for row, column in product(set(rows.values()), set(columns.values())):
                base = (row[0][0] * wide + column[0][0]) * shape[2]
                last = (row[-1][0] * wide + column[-1][0] + 1) * shape[2] - 1
                taps = tuple(tap for _, tap in row), tuple(tap for _, tap in column)
                largest = max(largest, last - base % BASES)
                variants[taps, base // BASES] = len(row) * len(column)
            width = 8 + _index_bits(largest)
            each = operator.shape_in[2] * shape[2]
            known[key] = sum(_bits(count * each, width) for count in variants.values())
        most = max(most, known[key])
    return most


def _index_bits(largest: int) -> int:
    """Bits of a compartment index: none, or 6 to 12."""
    needed = int(np.ceil(np.log2(largest + 1)))
    return 0 if needed == 0 else max(needed, 6)


def _bits(weights: int, width: int) -> int:
    """Memory of one row of weights: 64 at a time, with a head of 10 bits, in words of 64."""
    whole, rest = divmod(weights, 64)
    words = whole * -(-(64 * width + 10) // 64)
    return 64 * (words + (-(-(rest * width + 10) // 64) if rest else 0))
