"""What a partitioner is given: blocks, the spikes between them, and how many chips."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from snnlab.chips.board import CORES, Block, Edges, Layout
from snnlab.chips.traffic import incidence
from snnlab.errors import LabError, many


@dataclass(frozen=True)
class Pins:
    """A hypergraph: each spike's source and destinations, equal sets joined.

    Attributes
    ----------
    first : numpy.ndarray
        int64 ``(nets + 1,)``: where a net's pins begin.
    pins : numpy.ndarray
        int32: blocks, net by net.
    weight : numpy.ndarray
        int64 ``(nets,)``: spikes.
    """

    first: np.ndarray
    pins: np.ndarray
    weight: np.ndarray

    @property
    def nets(self) -> int:
        """Number of nets."""
        return len(self.weight)

    def spans(self, chip_of: np.ndarray, chips: int) -> np.ndarray:
        """Chips that each net touches, int64 ``(nets,)``."""
        net = np.repeat(np.arange(self.nets), np.diff(self.first))
        touched = np.unique(net * chips + chip_of[self.pins])
        return np.bincount(touched // chips, minlength=self.nets)

    def cost(self, chip_of: np.ndarray, chips: int) -> int:
        """Connectivity less one, weighted: spikes times the further chips that each reaches."""
        return int(self.weight @ (self.spans(chip_of, chips) - 1))


@dataclass(frozen=True)
class Problem:
    """Blocks to put on chips.

    Attributes
    ----------
    blocks : tuple of Block
        Empty where only their number is known.
    edges : Edges
    sends : scipy.sparse.csr_array
        ``(cores, cores)`` spikes.
    chips : int
    capacity : int
        Cores on a chip.
    """

    blocks: tuple[Block, ...]
    edges: Edges
    sends: sparse.csr_array
    chips: int
    capacity: int = CORES

    def __post_init__(self):
        needed = least_chips(self.cores, self.capacity)
        if self.chips < needed:
            raise LabError(
                f"{many(self.cores, 'core')} do not fit {many(self.chips, 'chip')} of"
                f" {many(self.capacity, 'core')}; choose {many(needed, 'chip')} or more."
            )
        if self.chips > self.cores:
            raise LabError(
                f"{many(self.chips, 'chip')} are more than the {many(self.cores, 'core')} in use;"
                f" choose {many(self.cores, 'chip')} or fewer."
            )

    @property
    def cores(self) -> int:
        """Number of blocks."""
        return self.sends.shape[0]

    @cached_property
    def pins(self) -> Pins:
        """The traffic as a hypergraph, whose connectivity less one is what crosses chips."""
        own = sparse.csr_array(
            (
                np.ones(len(self.edges), np.int32),
                (np.arange(len(self.edges)), self.edges.source),
            ),
            shape=(len(self.edges), self.cores),
        )
        whole = sparse.csr_array(incidence(self.edges, self.cores) + own)
        return joined(whole, self.edges.spikes)

    def complete(self, chip_of: np.ndarray) -> np.ndarray:
        """A partition, checked: every block on one chip, none overfull.

        Raises
        ------
        RuntimeError
            If a partitioner returned something else.
        """
        chip_of = np.asarray(chip_of, np.int32)
        if chip_of.shape != (self.cores,) or chip_of.min() < 0 or chip_of.max() >= self.chips:
            raise RuntimeError("a partitioner left out blocks, or invented chips.")
        if np.bincount(chip_of).max() > self.capacity:
            raise RuntimeError("a partitioner filled a chip beyond its cores.")
        return chip_of


def of_layout(layout: Layout, chips: int | None = None, capacity: int = CORES) -> Problem:
    """The problem of a layout; on as few chips as hold it, if no number is given.

    Raises
    ------
    LabError
        If it does not fit.
    """
    traffic = layout.traffic
    chips = least_chips(len(layout.blocks), capacity) if chips is None else chips
    return Problem(layout.blocks, traffic.edges, traffic.sends, chips, capacity)


def least_chips(cores: int, capacity: int = CORES) -> int:
    """Fewest chips that hold some cores."""
    return max(-(-cores // capacity), 1)


def joined(incident: sparse.csr_array, weight: np.ndarray) -> Pins:
    """Join nets of the same pins, and leave out those of a single pin or without spikes."""
    incident.sort_indices()
    names = np.random.default_rng(1).integers(0, 2**64, incident.shape[1], np.uint64)
    sums = np.concatenate([[np.uint64(0)], np.cumsum(names[incident.indices], dtype=np.uint64)])
    name = sums[incident.indptr[1:]] - sums[incident.indptr[:-1]]
    _, one, same = np.unique(name, return_index=True, return_inverse=True)
    total = np.bincount(same, weight, len(one)).astype(np.int64)
    kept = (np.diff(incident.indptr)[one] > 1) & (total > 0)
    nets = sparse.csr_array(incident[one[kept]])
    return Pins(nets.indptr.astype(np.int64), nets.indices.astype(np.int32), total[kept])
