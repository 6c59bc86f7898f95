"""NengoLoihi's allocators, run as they are, on a model that says what they read.

`nengo_loihi.hardware.allocators` need a built model: blocks, their axons and
synapses. Building a tile of 128 x 128 pixels takes minutes, and what the
allocators read of it is little: which block's axons go to which block, and how
often the neurons spike. The stand-in has just that, with one compartment for
each group of neurons that reach the same blocks. The tests hold the result
against that on a built model.
"""

from collections import OrderedDict
from types import SimpleNamespace

import numpy as np

from snnlab import compat
from snnlab.chips.partition.problem import Problem


def round_robin(problem: Problem) -> np.ndarray:
    """Each block to the next chip."""
    return _run(problem, _allocators().RoundRobin())


def greedy(problem: Problem) -> np.ndarray:
    """Chip after chip, in the order of the blocks."""
    return _run(problem, _allocators().Greedy(cores_per_chip=problem.capacity))


def greedy_interchip(problem: Problem) -> np.ndarray:
    """Next the block with the largest single connection to the chip."""
    model, rates = stand_in(problem)
    allocator = _allocators().GreedyInterchip(cores_per_chip=problem.capacity, ensemble_rates=rates)
    return chips_of(model, allocator(model, problem.chips))


def prepare() -> None:
    """Import NengoLoihi, which takes seconds that are not the allocators'."""
    _allocators()


def _allocators():
    return compat.nengo_loihi().hardware.allocators


def _run(problem: Problem, allocator) -> np.ndarray:
    model, _ = stand_in(problem)
    return chips_of(model, allocator(model, problem.chips))


def chips_of(model, board) -> np.ndarray:
    """Chip of each block of a model, as an allocator laid them on a board."""
    found = {
        id(block): number
        for number, chip in enumerate(board.chips)
        for core in chip.cores
        for block in core.blocks
    }
    return np.array([found[id(block)] for block in model.blocks], np.int32)


class _Axon:
    """Axons from one block to another."""

    def __init__(self, target, used: np.ndarray):
        self.target = target
        self.n_axons = int(np.count_nonzero(used >= 0))
        self._used = used

    def map_axon(self, compartments):
        return self._used[compartments]


class _Synapses(SimpleNamespace):
    """A block's inputs: nothing but their identity and form is read."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    learning = False
    n_axons = 0
    synapse_cfg = None

    def idxs_per_synapse(self):
        return 1

    def size(self):
        return 0


class _Block(SimpleNamespace):
    __hash__ = object.__hash__
    __eq__ = object.__eq__


def stand_in(problem: Problem):
    """A model with the blocks, axons and spikes of a problem.

    Returns
    -------
    model : object
        With ``blocks``, ``inputs``, ``probes``, ``objs`` and ``block_comp_map``.
    rates : dict
        Spikes of each compartment, by the one ensemble that they are said to be of.
    """
    edges, cores = problem.edges, problem.cores
    groups = np.bincount(edges.source, minlength=cores)
    blocks = [_block(max(int(size), 1)) for size in groups]
    order = np.argsort(edges.source, kind="stable")
    starts = np.concatenate([[0], np.cumsum(groups)])
    number = np.arange(len(edges)) - starts[edges.source[order]]
    inside = np.empty(len(edges), np.int64)  # number of an edge among those of its block
    inside[order] = number
    source = np.repeat(edges.source, np.diff(edges.first))
    compartment = np.repeat(inside, np.diff(edges.first))
    for block, mine in zip(blocks, _by(source, cores), strict=True):
        size = block.compartment.n_compartments
        for target, used in _by_value(edges.targets[mine], compartment[mine]):
            which = np.full(size, -1)
            which[used] = np.arange(len(used))
            block.axons.append(_Axon(blocks[target].synapses[0], which))
    spikes, members, filled = [], {}, 0
    for block, mine in zip(blocks, _by(edges.source, cores), strict=True):
        size = block.compartment.n_compartments
        values = np.zeros(size)
        values[inside[mine]] = edges.spikes[mine]
        spikes.append(values)
        members[block] = np.arange(filled, filled + size)
        filled += size
    ensemble = _Block(n_neurons=filled)
    model = SimpleNamespace(
        blocks=OrderedDict((block, number) for number, block in enumerate(blocks)),
        inputs=[],
        probes=[],
        objs={ensemble: {"out": blocks}},
        block_comp_map=members,
    )
    return model, {ensemble: np.concatenate(spikes)}


def _block(size: int):
    # one kind of compartment a core, as all neurons of a layer are alike
    compartment = SimpleNamespace(
        n_compartments=size,
        decay_u=np.zeros(size, int),
        decay_v=np.zeros(size, int),
        refract_delay=np.ones(size, int),
        enable_noise=np.zeros(size, bool),
        vth=np.full(size, 64),
    )
    return _Block(compartment=compartment, axons=[], synapses=[_Synapses()])


def _by(owner: np.ndarray, count: int):
    """Indices of the entries of each owner, ascending."""
    order = np.argsort(owner, kind="stable")
    ends = np.cumsum(np.bincount(owner, minlength=count))
    return np.split(order, ends[:-1])


def _by_value(values: np.ndarray, others: np.ndarray):
    """For each value, ascending, what stands beside it."""
    order = np.argsort(values, kind="stable")
    found, first = np.unique(values[order], return_index=True)
    return zip(found.tolist(), np.split(others[order], first[1:]), strict=False)


def estimate(problem: Problem, chip_of: np.ndarray) -> tuple[int, int]:
    """Spikes between chips and within, by nengo-loihi's ``estimate_interchip_activity``."""
    model, rates = stand_in(problem)
    allocators = _allocators()
    chips = [SimpleNamespace(cores=[]) for _ in range(problem.chips)]
    for block, chip in zip(model.blocks, chip_of, strict=True):
        chips[chip].cores.append(SimpleNamespace(blocks=[block]))
    board = SimpleNamespace(
        chips=[_Hashed(chip) for chip in chips],
    )
    board.chip_idxs = {chip: number for number, chip in enumerate(board.chips)}
    activity = allocators.ensemble_to_block_rates(model, rates)
    found = allocators.estimate_interchip_activity(board, activity)
    return round(found["interchip"]), round(found["intrachip"])


class _Hashed:
    def __init__(self, chip):
        self.cores = chip.cores
