"""What one core of Loihi holds, and how much of it a block takes.

References
----------
Davies et al. (2018), 10.1109/MM.2018.112130359; the same numbers in
``nengo_loihi.block``. Bits of an axon's weights as in its ``SynapseConfig``.
"""

from functools import lru_cache
from itertools import product

import numpy as np

from snnlab.simulation.event.operators import Convolve

# together with what they limit
from snnlab.simulation.loihi.core import (  # noqa: F401
    COMPARTMENTS,
    IN_AXONS,
    OUT_AXONS,
    SYNAPSE_BITS,
)

SLOTS = 2  # output axons that one population axon with 32 bits takes
BASES = 256  # an axon's compartment base is below this; the rest goes into its indices

Shape = tuple[int, int, int]


def rim(operator: Convolve, axis: int) -> tuple[int, int]:
    """Zeros before and behind a kernel with which NengoLoihi's ``same`` padding is Nengo's.

    They are synapses like any other: they take memory and axons.
    """
    if not operator.transposed or operator.padding != "same" or operator.pads == (0, 0):
        return 0, 0
    size, stride = operator.shape_in[axis], operator.strides[axis]
    taps = longer = operator.kernel.shape[axis]
    spare = operator.shape_out[axis] - (size - 1) * stride - 1
    while True:
        place = min(max(spare + longer - 1, 0), 2 * (longer - 1)) // 2
        before = place - operator.pads[axis]
        if 0 <= before <= longer - taps:
            return before, longer - taps - before
        longer += 1


@lru_cache(maxsize=100_000)
def _along(geometry: tuple, size: int) -> tuple[dict, ...]:
    """See `reached`; by the numbers that it depends on."""
    met, taps, length = geometry
    blocks = [{} for _ in range(-(-length // size))]
    for tap in range(taps):
        for into, come in met[tap]:
            blocks[into // size].setdefault(come, []).append((into % size, tap))
    return tuple({come: tuple(sorted(met)) for come, met in block.items()} for block in blocks)


def _axis(operator: Convolve, axis: int) -> tuple:
    """What a convolution joins along an axis, as something that can be looked up."""
    before, behind = rim(operator, axis)
    return _pairs(
        operator.shape_in[axis],
        operator.shape_out[axis],
        operator.kernel.shape[axis] + before + behind,
        operator.strides[axis],
        operator.pads[axis] + before,
        operator.transposed,
    )


@lru_cache(maxsize=4096)
def _pairs(size: int, length: int, taps: int, stride: int, pad: int, transposed: bool) -> tuple:
    met = []
    for tap in range(taps):
        if transposed:
            pairs = [(come * stride + tap - pad, come) for come in range(size)]
            met.append(tuple(pair for pair in pairs if 0 <= pair[0] < length))
        else:
            pairs = [(into, into * stride + tap - pad) for into in range(length)]
            met.append(tuple(pair for pair in pairs if 0 <= pair[1] < size))
    return tuple(met), taps, length


def joined(operator: Convolve, axis: int) -> tuple:
    """For each kernel index, the (output, source) positions that it joins on the chip."""
    return _axis(operator, axis)[0]


def reached(operator: Convolve, axis: int, size: int) -> tuple[dict, ...]:
    """For each block along an axis, the source positions and the taps by which each reaches it.

    Parameters
    ----------
    operator : Convolve
    axis : {0, 1}
    size : int
        Of a block along the axis.

    Returns
    -------
    tuple of dict
        Source position to a tuple of (position in the block, tap), ascending.
    """
    return _along(_axis(operator, axis), size)


def in_axons(operator: Convolve, shape: Shape) -> np.ndarray:
    """Input axons that each block needs for one connection, ``(rows, columns)`` of blocks."""
    rows, columns = (
        np.array([len(block) for block in reached(operator, axis, shape[axis])])
        for axis in range(2)
    )
    return np.multiply.outer(rows, columns)


def out_axons(operator: Convolve, source: Shape, target: Shape) -> np.ndarray:
    """Output axon slots that each source block needs for one connection.

    Returns
    -------
    numpy.ndarray
        int64 ``(rows, columns)`` of source blocks.
    """
    sides = [
        np.add.reduceat(
            overlap(operator, axis, target[axis]),
            np.arange(0, operator.shape_in[axis], source[axis]),
        )
        for axis in range(2)
    ]
    return SLOTS * np.multiply.outer(*sides) * -(-operator.shape_out[2] // target[2])


def overlap(operator: Convolve, axis: int, size: int) -> np.ndarray:
    """How many target blocks each source position reaches along an axis, int64 ``(positions,)``."""
    return _overlap(_axis(operator, axis), operator.shape_in[axis], size)


@lru_cache(maxsize=100_000)
def _overlap(geometry: tuple, positions: int, size: int) -> np.ndarray:
    count = np.zeros(positions, np.int64)
    for block in _along(geometry, size):
        count[list(block)] += 1
    count.setflags(write=False)
    return count


def synapse_bits(operator: Convolve, shape: Shape) -> np.ndarray:
    """Synaptic memory (bits) that each block needs for one connection, ``(rows, columns)``.

    Source pixels share a row of weights if they reach the block through the
    same taps, and if the base of their targets has the same part above 255.
    Rows of weights that happen to be equal are stored once, so that a core may
    take less than this.
    """
    return _bits_of(
        tuple(_kinds(operator, 0, shape[0])),
        tuple(_kinds(operator, 1, shape[1])),
        operator.shape_in[2],
        min(shape[2], operator.shape_out[2]),
    )


def _kinds(operator: Convolve, axis: int, size: int):
    """For each block its length, and the distinct ways in which sources reach it, on an axis."""
    whole = operator.shape_out[axis]
    for start, block in zip(range(0, whole, size), reached(operator, axis, size), strict=True):
        yield min(size, whole - start), tuple(sorted(set(block.values())))


@lru_cache(maxsize=100_000)
def _bits_of(by_row: tuple, by_column: tuple, depth_in: int, depth: int) -> np.ndarray:
    found = np.zeros((len(by_row), len(by_column)), np.int64)
    known: dict = {}
    for at, key in enumerate(product(by_row, by_column)):
        if key not in known:
            (_, rows), (wide, columns) = key
            variants, largest = {}, 0
            for row, column in product(rows, columns):
                base = (row[0][0] * wide + column[0][0]) * depth
                last = (row[-1][0] * wide + column[-1][0] + 1) * depth - 1
                taps = tuple(tap for _, tap in row), tuple(tap for _, tap in column)
                largest = max(largest, last - base % BASES)
                variants[taps, base // BASES] = len(row) * len(column)
            width = 8 + index_bits(largest)
            known[key] = sum(
                row_bits(count * depth_in * depth, width) for count in variants.values()
            )
        found.flat[at] = known[key]
    found.setflags(write=False)
    return found


def synapse_bits_of_pieces(operator: Convolve, length: int, pieces: int) -> np.ndarray:
    """As `synapse_bits` for a layer that is cut along the neurons' numbers, ``(pieces,)``.

    Parameters
    ----------
    operator : Convolve
    length : int
        Neurons a piece, the last perhaps less.
    pieces : int
    """
    _, width, depth = operator.shape_out
    whole = int(np.prod(operator.shape_out))
    by_row = _back(_axis(operator, 0))
    known: dict = {}
    found = np.zeros(pieces, np.int64)
    for at in range(pieces):
        start, stop = at * length, min((at + 1) * length, whole)
        lines = by_row[start // (width * depth) : -(-stop // (width * depth))]
        # a piece some rows further down takes the same
        top = min((y for line in lines for _, y in line), default=0)
        key = (
            start % (width * depth),
            stop - start,
            tuple(tuple((tap, y - top) for tap, y in line) for line in lines),
        )
        if key not in known:
            rows = _rows_of_piece(operator, start, stop)
            known[key] = _bits_of_rows(set(rows.values()), operator.shape_in[2])
        found[at] = known[key]
    return found


def unsplit_bits(operator: Convolve) -> int:
    """Synaptic memory of a connection onto a layer that is not cut, in nengo-loihi's count."""
    rows = _rows_of_piece(operator, 0, int(np.prod(operator.shape_out)))
    return _bits_of_rows(set(rows.values()), operator.shape_in[2])


def _rows_of_piece(operator: Convolve, start: int, stop: int) -> dict:
    """For each source pixel, the taps and the first and last neuron of each stretch it reaches."""
    _, width, depth = operator.shape_out
    pixels = range(start // depth, -(-stop // depth))
    lines = range(pixels[0] // width, pixels[-1] // width + 1)
    by_row, by_column = (_back(_axis(operator, axis)) for axis in range(2))
    rows: dict = {}
    for line in lines:
        first, last = max(line * width, pixels[0]), min((line + 1) * width - 1, pixels[-1])
        for pixel in range(first, last + 1):
            low = max(pixel * depth, start)
            stretch = low - start, min((pixel + 1) * depth, stop) - start, low - pixel * depth
            for down, y in by_row[line]:
                for along, x in by_column[pixel % width]:
                    rows.setdefault((y, x), []).append((*stretch, down, along))
    return {come: tuple(met) for come, met in rows.items()}


@lru_cache(maxsize=4096)
def _back(geometry: tuple) -> tuple:
    """For each output position, the kernel indices and source positions that reach it."""
    met, _, length = geometry
    found = [[] for _ in range(length)]
    for tap, pairs in enumerate(met):
        for into, come in pairs:
            found[into].append((tap, come))
    return tuple(map(tuple, found))


def _bits_of_rows(rows: set, depth_in: int) -> int:
    """Memory of the distinct rows of weights of one block."""
    variants, largest = {}, 0
    for row in rows:
        first = row[0][0]
        base = first % BASES
        key = tuple((low - base, high - base, *more) for low, high, *more in row)
        largest = max(largest, row[-1][1] - 1 - base)
        variants[key] = sum(high - low for low, high, *_ in row)
    width = 8 + index_bits(largest)
    return sum(row_bits(count * depth_in, width) for count in variants.values())


def index_bits(largest: int) -> int:
    """Bits of a compartment index up to ``largest``: none, or 6 to 12, nengo-loihi's most."""
    needed = int(np.ceil(np.log2(largest + 1)))
    return 0 if needed == 0 else min(max(needed, 6), 12)


def row_bits(weights: int, width: int) -> int:
    """Memory of one row of weights: 64 at a time, with a head of 10 bits, in words of 64."""
    whole, rest = divmod(weights, 64)
    words = whole * -(-(64 * width + 10) // 64)
    return 64 * (words + (-(-(rest * width + 10) // 64) if rest else 0))
