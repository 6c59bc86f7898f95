"""Partitioners, by name, all with one call: ``partition(problem) -> chip of each block``.

The module of such a function also has ``prepare()``, which imports and compiles what it
needs, before the clock starts. Read `problem` first, what there is to partition.
"""

import time
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from snnlab.registry import named


@dataclass(frozen=True)
class PartitionerEntry:
    """A way to put blocks on chips.

    Attributes
    ----------
    name : str
    summary : str
        What it is.
    limits : str
        What it is not.
    function : str
        ``module:function``.
    """

    name: str
    summary: str
    limits: str
    function: str

    def run(self, problem) -> tuple[np.ndarray, float]:
        """Chip of each block, int32 ``(cores,)``, and the seconds it took.

        Parameters
        ----------
        problem : snnlab.chips.partition.problem.Problem

        Raises
        ------
        LabError
            If a library that it needs is not installed.
        """
        place, name = self.function.split(":")
        module = import_module(place)
        partition = getattr(module, name)
        # importing and compiling are no part of partitioning
        module.prepare()
        begun = time.perf_counter()
        chip_of = partition(problem)
        seconds = time.perf_counter() - begun
        return problem.complete(chip_of), seconds


_HERE = "snnlab.chips.partition"
PARTITIONERS = (
    PartitionerEntry(
        "round-robin",
        "NengoLoihi's RoundRobin: each core to the next chip.",
        "It does not look at spikes: nearly all of them cross chips.",
        f"{_HERE}.nengo_allocators:round_robin",
    ),
    PartitionerEntry(
        "greedy",
        "NengoLoihi's Greedy: fills chip after chip, layer after layer.",
        "It does not look at spikes: layers lie on different chips.",
        f"{_HERE}.nengo_allocators:greedy",
    ),
    PartitionerEntry(
        "greedy-interchip",
        "NengoLoihi's GreedyInterchip, its default: next the core with the largest single "
        "connection to the chip; given the measured spikes.",
        "It never takes a choice back.",
        f"{_HERE}.nengo_allocators:greedy_interchip",
    ),
    PartitionerEntry(
        "metis",
        "METIS on the graph of spikes between cores.",
        "A graph counts a spike once for each core, not once for each chip.",
        f"{_HERE}.libraries:metis",
    ),
    PartitionerEntry(
        "hypergraph",
        "Mt-KaHyPar on the hypergraph of spikes: counts a spike once for each chip.",
        "Blocks are as given, and where a chip lies on the board plays no part.",
        f"{_HERE}.libraries:hypergraph",
    ),
    PartitionerEntry(
        "co-design",
        "The lab's own: blocks and chips chosen together, patches of the image through all layers, "
        "refined by annealing on the measured spikes.",
        "Shapes are chosen for the spikes of one image; the search takes longer than the others.",
        f"{_HERE}.co_design:co_design",
    ),
)


def partitioner(name: str) -> PartitionerEntry:
    """A partitioner by name.

    Raises
    ------
    LabError
    """
    return named(PARTITIONERS, name, "partitioner")
