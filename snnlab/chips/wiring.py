"""Which neurons lie in which block, and which blocks each of them reaches.

Everything is counted by pixel: an axon of Loihi carries all channels of a
pixel, so all neurons of a pixel reach the same blocks.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from snnlab.chips.board import Block
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi import limits
from snnlab.simulation.loihi.network import ChipLayer


@dataclass(frozen=True)
class Cut:
    """Layers cut into blocks.

    Attributes
    ----------
    layers : tuple of ChipLayer
    block_shapes : dict of str to tuple of int
        ``(height, width, channels)``: boxes; ``(neurons,)``: pieces of that
        length of the layer's neurons, in their order. By layer on the chip.
    """

    layers: tuple[ChipLayer, ...]
    block_shapes: dict[str, tuple[int, ...]]

    @property
    def chip_layers(self) -> tuple[ChipLayer, ...]:
        """Layers on the chip."""
        return tuple(layer for layer in self.layers if layer.on_chip)

    @cached_property
    def first(self) -> dict[str, int]:
        """Number of the first block of each layer on the chip."""
        first, filled = {}, 0
        for layer in self.chip_layers:
            first[layer.name] = filled
            filled += self._count(layer)
        return first

    @property
    def cores(self) -> int:
        """Number of blocks."""
        return sum(self._count(layer) for layer in self.chip_layers)

    def _count(self, layer: ChipLayer) -> int:
        return int(np.prod(self.grid(layer)))

    def grid(self, layer: ChipLayer) -> tuple[int, ...]:
        """How many blocks along each axis; of pieces, how many."""
        shape = self.block_shapes[layer.name]
        whole = layer.shape if len(shape) == 3 else (int(np.prod(layer.shape)),)
        return tuple(-(-size // part) for size, part in zip(whole, shape, strict=True))

    def block_of(self, layer: ChipLayer) -> np.ndarray:
        """Block of each neuron, int32 ``(pixels, channels)``."""
        shape, grid = self.block_shapes[layer.name], self.grid(layer)
        first = self.first[layer.name]
        if len(shape) == 1:
            numbers = np.arange(np.prod(layer.shape), dtype=np.int32) // shape[0]
        else:
            rows, columns, depth = (
                np.arange(size, dtype=np.int32) // part
                for size, part in zip(layer.shape, shape, strict=True)
            )
            numbers = (rows[:, None, None] * grid[1] + columns[:, None]) * grid[2] + depth
        return (first + numbers).reshape(-1, layer.shape[2])

    @cached_property
    def links(self) -> tuple[tuple[str, str, sparse.csr_array], ...]:
        """Of each connection the source, the target, and which neurons it reaches.

        The array is int32 ``(source pixels, cores)``: neurons of the core that
        a pixel reaches. Connections in the order in which they are built.
        """
        found = []
        for layer in self.chip_layers:
            neurons = self._neurons(layer)
            for link in layer.links:
                pixels = reached_pixels(link.operator)
                found.append((link.source, layer.name, sparse.csr_array(pixels @ neurons)))
        return tuple(found)

    def _neurons(self, layer: ChipLayer) -> sparse.csr_array:
        """Neurons by pixel and block, int32 ``(pixels, cores)``."""
        block_of = self.block_of(layer)
        pixels = np.repeat(np.arange(len(block_of)), block_of.shape[1])
        ones = np.ones(block_of.size, np.int32)
        # equal places add up
        return sparse.csr_array(
            sparse.coo_array((ones, (pixels, block_of.ravel())), shape=(len(block_of), self.cores))
        )

    def blocks(self) -> tuple[Block, ...]:
        """All blocks with what they use of a core."""
        axons = np.zeros((2, self.cores), np.int64)
        lying = {layer.name: self._neurons(layer) for layer in self.chip_layers}
        for source, _, reach in self.links:
            axons[0] += np.bincount(reach.indices, minlength=self.cores)
            if source in lying:
                # an axon for each pixel in the block and each block that it reaches
                inside = lying[source].astype(bool).astype(np.int64)
                axons[1] += limits.SLOTS * (inside.T @ np.diff(reach.indptr))
        found = []
        for layer in self.chip_layers:
            bits = self._bits(layer)
            block_of = self.block_of(layer).ravel()
            sizes = np.bincount(block_of, minlength=self.cores)
            for at in range(self._count(layer)):
                core = self.first[layer.name] + at
                start, stop = self._box(layer, at)
                found.append(
                    Block(
                        layer.name,
                        start,
                        stop,
                        int(sizes[core]),
                        int(axons[0, core]),
                        int(axons[1, core]),
                        int(bits[at]),
                    )
                )
        return tuple(found)

    def _box(self, layer: ChipLayer, at: int):
        shape, grid = self.block_shapes[layer.name], self.grid(layer)
        if len(shape) == 3:
            start = [
                int(i) * part for i, part in zip(np.unravel_index(at, grid), shape, strict=True)
            ]
            ends = [min(a + b, c) for a, b, c in zip(start, shape, layer.shape, strict=True)]
            return tuple(start), tuple(ends)
        numbers = np.arange(at * shape[0], min((at + 1) * shape[0], np.prod(layer.shape)))
        places = np.unravel_index(numbers, layer.shape)
        return tuple(int(p.min()) for p in places), tuple(int(p.max()) + 1 for p in places)

    def _bits(self, layer: ChipLayer) -> np.ndarray:
        """Synaptic memory by block of a layer."""
        shape, grid = self.block_shapes[layer.name], self.grid(layer)
        if len(shape) == 3:
            total = sum(limits.synapse_bits(link.operator, shape) for link in layer.links)
            return np.repeat(total.ravel(), grid[2])
        return sum(
            limits.synapse_bits_of_pieces(link.operator, shape[0], grid[0]) for link in layer.links
        )


def reached_pixels(operator: Convolve) -> sparse.csr_array:
    """Which pixels reach which, on the chip; int32 ``(source pixels, target pixels)`` of ones."""
    sides = []
    for axis in range(2):
        pairs = {pair for tap in limits.joined(operator, axis) for pair in tap}
        into, come = np.array(sorted(pairs), np.int64).reshape(-1, 2).T
        sides.append(
            sparse.coo_array(
                (np.ones(len(into), np.int32), (come, into)),
                shape=(operator.shape_in[axis], operator.shape_out[axis]),
            )
        )
    return sparse.csr_array(sparse.kron(*sides))
