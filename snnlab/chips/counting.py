"""What a partition costs: spikes between chips, on each chip, and over the board's grid.

One way of counting for all partitioners. A spike between chips is sent once to
each chip that it reaches (multicast); nengo-loihi's
``estimate_interchip_activity`` counts it once for each core there.
"""

import numpy as np
from scipy import sparse

from snnlab.chips.board import Edges, Partition
from snnlab.chips.partition.problem import Problem
from snnlab.chips.placing import distances, grid_of, place
from snnlab.chips.traffic import incidence


def reached_chips(edges: Edges, chip_of: np.ndarray, chips: int) -> sparse.csr_array:
    """Chips that each edge reaches, its own among them; int64 ``(edges, chips)`` of ones."""
    lies = sparse.csr_array(
        (np.ones(len(chip_of), np.int64), chip_of, np.arange(len(chip_of) + 1)),
        shape=(len(chip_of), chips),
    )
    found = sparse.csr_array(incidence(edges, len(chip_of)) @ lies)
    found.data = np.ones(len(found.data), np.int64)
    return found


def chip_traffic(edges: Edges, chip_of: np.ndarray, chips: int) -> np.ndarray:
    """Multicast spikes between chips, int64 ``(chips, chips)``: row sends, diagonal 0."""
    reached = reached_chips(edges, chip_of, chips)
    sender = sparse.csr_array(
        (edges.spikes, (chip_of[edges.source], np.arange(len(edges)))),
        shape=(chips, len(edges)),
    )
    total = (sender @ reached).toarray()
    np.fill_diagonal(total, 0)
    return total


def host_traffic(edges: Edges, chip_of: np.ndarray, chips: int) -> np.ndarray:
    """Spikes that the host sends to each chip, once a chip; int64 ``(chips,)``."""
    return reached_chips(edges, chip_of, chips).T @ edges.spikes


def count(
    problem: Problem, chip_of: np.ndarray, partitioner: str, layout: str, seconds: float
) -> Partition:
    """All that is known of a partition; places its chips on a grid.

    Parameters
    ----------
    problem : Problem
    chip_of : numpy.ndarray
        Integer ``(cores,)``.
    partitioner, layout : str
    seconds : float
        That it took; kept, not measured.
    """
    chip_of = problem.complete(chip_of)
    chips = problem.chips
    between = chip_traffic(problem.edges, chip_of, chips)
    sends = sparse.coo_array(problem.sends)
    far = chip_of[sends.row] != chip_of[sends.col]
    other = sends.row != sends.col
    grid = grid_of(chips)
    spots = place(between, grid)
    return Partition(
        partitioner,
        layout,
        chip_of,
        chips,
        grid,
        spots,
        int(between.sum()),
        int(sends.data[far].sum()),
        int(sends.data[~far & other].sum()),
        between,
        int((between * distances(spots)).sum()),
        seconds,
    )
