"""What a network is on the chips, as data: blocks, traffic between them, and where each lies.

A `Layout` is one way to cut the layers into blocks, one a core, with the
spikes that its cores send each other. A `Partition` says on which chip each
block of a layout lies. A `Mapping` holds all of one tile of an image. Counts
are spikes over the whole run unless a shape says ``(cores, timesteps)``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

CORES = 128  # on a chip
Place = tuple[int, int, int]


@dataclass(frozen=True)
class Block:
    """The neurons of one layer that lie on one core, and what of the core they use.

    Attributes
    ----------
    layer : str
    start, stop : tuple of int
        First and behind the last neuron: row, column, channel, in the layer.
        Of nengo-loihi's own splitting, which cuts along the neuron's number
        and not in boxes, the smallest box around the block.
    compartments, in_axons, out_axons, synapse_bits : int
        Used, as `nengo_loihi.block.LoihiBlock.utilization` counts.
    """

    layer: str
    start: Place
    stop: Place
    compartments: int
    in_axons: int
    out_axons: int
    synapse_bits: int


@dataclass(frozen=True)
class Edges:
    """Neurons that lie in one block and reach the same blocks: one hyperedge each.

    Attributes
    ----------
    source : numpy.ndarray
        int32 ``(edges,)``: the block they lie in; -1 for the host.
    first : numpy.ndarray
        int64 ``(edges + 1,)``: where an edge's targets begin.
    targets : numpy.ndarray
        int32 ``(first[-1],)``: blocks, ascending, edge by edge. The block itself is
        among them where a layer feeds itself.
    spikes : numpy.ndarray
        int64 ``(edges,)``: of all these neurons together.
    """

    source: np.ndarray
    first: np.ndarray
    targets: np.ndarray
    spikes: np.ndarray

    def __len__(self) -> int:
        return len(self.source)

    def of(self, edge: int) -> np.ndarray:
        """Destination blocks of one edge."""
        return self.targets[self.first[edge] : self.first[edge + 1]]


@dataclass(frozen=True)
class Traffic:
    """Spikes between the cores of a layout, measured.

    Attributes
    ----------
    sends : scipy.sparse.csr_array
        int64 ``(cores, cores)``: spikes that core i delivers to core j; one that
        reaches several neurons of a core counts once.
    edges : Edges
        Between cores.
    host_edges : Edges
        From the host, where the image becomes spikes, to the cores; source -1.
    spiked : numpy.ndarray
        int32 ``(cores, timesteps)``: spikes of each core's neurons.
    sent, received : numpy.ndarray
        int32 ``(cores, timesteps)``: to and from other cores, once a destination core.
    from_host : numpy.ndarray
        int32 ``(cores, timesteps)``: spikes of the host's that each core receives.
    to_host : numpy.ndarray
        int64 ``(cores,)``: spikes that the host reads for the segmentation.
    events : numpy.ndarray
        int64 ``(cores, timesteps)``: synaptic events in each core.
    """

    sends: sparse.csr_array
    edges: Edges
    host_edges: Edges
    spiked: np.ndarray
    sent: np.ndarray
    received: np.ndarray
    from_host: np.ndarray
    to_host: np.ndarray
    events: np.ndarray

    @property
    def timesteps(self) -> int:
        """Steps of the run, 1 ms each."""
        return self.spiked.shape[1]


@dataclass(frozen=True)
class Layout:
    """One way to cut the layers into blocks.

    Attributes
    ----------
    name : {"searched", "co-design", "default"}
        By the fewest cores and the least traffic; by the least traffic between
        chips; or nengo-loihi's own splitting.
    block_shapes : dict of str to tuple of int
        Neurons a core, ``(height, width, channels)``, by layer on the chip. Of
        nengo-loihi's splitting ``(neurons,)``.
    blocks : tuple of Block
        Layer by layer, row-major within a layer.
    traffic : Traffic
    seconds : float
        That the search for the shapes took.
    """

    name: str
    block_shapes: dict[str, tuple[int, ...]]
    blocks: tuple[Block, ...]
    traffic: Traffic
    seconds: float


@dataclass(frozen=True)
class Partition:
    """On which chip each block lies, and what that costs.

    Attributes
    ----------
    partitioner : str
    layout : str
        Name of the layout whose blocks these are.
    chip_of : numpy.ndarray
        int32 ``(cores,)``: chip of each block.
    chips : int
    grid : tuple of int
        Rows and columns of the board's grid of chips.
    place : numpy.ndarray
        int32 ``(chips, 2)``: row and column of each chip on it.
    interchip : int
        Multicast: a spike counts once for each chip, other than its own, that it reaches.
    interchip_per_core : int
        As nengo-loihi estimates: once for each block on another chip.
    intrachip : int
        Once for each other block on the same chip.
    chip_to_chip : numpy.ndarray
        int64 ``(chips, chips)``: row sends, column receives, multicast; diagonal 0.
    hops : int
        Multicast spikes times the distance of the chips on the grid.
    seconds : float
        That the partitioner took, placing included.
    """

    partitioner: str
    layout: str
    chip_of: np.ndarray
    chips: int
    grid: tuple[int, int]
    place: np.ndarray
    interchip: int
    interchip_per_core: int
    intrachip: int
    chip_to_chip: np.ndarray
    hops: int
    seconds: float

    @cached_property
    def cores(self) -> np.ndarray:
        """Cores in use on each chip, ``(chips,)``."""
        return np.bincount(self.chip_of, minlength=self.chips)


@dataclass(frozen=True)
class Mapping:
    """One tile of an image on the chips, partitioned in several ways.

    Attributes
    ----------
    tile : tuple of int
        Top, left, height and width of the tile in the image, in pixels.
    shapes : dict of str to tuple of int
        ``(height, width, channels)`` of each layer on the chip.
    layouts : dict of str to Layout
        By name; ``searched`` is always there.
    partitions : dict of str to Partition
        By partitioner; further ones on nengo-loihi's splitting are named ``NAME@default``.
    messages : dict of str to str
        Why a partitioner or a layout is missing, one sentence each.
    image : numpy.ndarray
        float32 ``(height, width)``: the tile, 0..1.
    timesteps : int
    """

    tile: tuple[int, int, int, int]
    shapes: dict[str, Place]
    layouts: dict[str, Layout]
    partitions: dict[str, Partition]
    messages: dict[str, str]
    image: np.ndarray
    timesteps: int

    def layout(self, partition: str) -> Layout:
        """The layout of a partition by the partition's name."""
        return self.layouts[self.partitions[partition].layout]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Of the searched layout."""
        return self.layouts["searched"].blocks

    @property
    def block_shapes(self) -> dict[str, tuple[int, ...]]:
        """Of the searched layout."""
        return self.layouts["searched"].block_shapes

    @property
    def traffic(self) -> Traffic:
        """Of the searched layout."""
        return self.layouts["searched"].traffic


def away(edges, partition: Partition) -> np.ndarray:
    """Spikes that each core sends to other chips, once a chip.

    Parameters
    ----------
    edges : Edges
        Of the partition's layout.
    partition : Partition

    Returns
    -------
    numpy.ndarray
        int64 ``(cores,)``; their sum is ``partition.interchip``.
    """
    chip_of, chips = partition.chip_of.astype(np.int64), partition.chips
    edge = np.repeat(np.arange(len(edges)), np.diff(edges.first))
    reached = np.unique(edge * chips + chip_of[edges.targets])
    edge, chip = reached // chips, reached % chips
    elsewhere = edge[chip != chip_of[edges.source[edge]]]
    found = np.zeros(len(chip_of), np.int64)
    np.add.at(found, edges.source[elsewhere], edges.spikes[elsewhere])
    return found
