"""Moves and swaps of blocks between chips that make fewer spikes cross.

The cost is the hypergraph's connectivity less one. For each net and chip it
is known how many of the net's pins lie there, so what a move saves is a sum
over the block's nets: its old chip is left for good where it was the only pin,
its new one is reached anew where there was none. Full chips take a swap: two
blocks, moved one after the other.

Simulated annealing at a falling temperature first, then descent: every block
near a border tries every chip that its nets reach, until none helps.
"""

import numpy as np

from snnlab.chips.compiled import inner, kernel
from snnlab.chips.partition.problem import Pins

COLD = 1 / 200  # temperature at the end against that at the start
ROUNDS = 50  # of descent, at most

# random numbers of our own, so that no other kernel's seed matters: SplitMix64,
# Steele, Lea, Flood (2014), 10.1145/2660193.2660195
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def of_blocks(pins: Pins, cores: int) -> tuple[np.ndarray, np.ndarray]:
    """The nets of each block: ``first`` int64 ``(cores + 1,)`` and ``nets`` int32."""
    net = np.repeat(np.arange(pins.nets, dtype=np.int32), np.diff(pins.first))
    order = np.argsort(pins.pins, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(pins.pins, minlength=cores))])
    return first.astype(np.int64), net[order]


def counts(pins: Pins, chip_of: np.ndarray, chips: int) -> np.ndarray:
    """Pins of each net on each chip, int32 ``(nets, chips)``."""
    net = np.repeat(np.arange(pins.nets), np.diff(pins.first))
    flat = np.bincount(net * chips + chip_of[pins.pins], minlength=pins.nets * chips)
    return flat.astype(np.int32).reshape(pins.nets, chips)


def improve(
    pins: Pins,
    chip_of: np.ndarray,
    chips: int,
    sizes: np.ndarray,
    capacity: int,
    proposals: int,
    hot: float = 0.5,
    seed: int = 0,
) -> np.ndarray:
    """Refine a partition.

    Parameters
    ----------
    pins : Pins
    chip_of : numpy.ndarray
        int32 ``(nodes,)``: within capacity.
    chips : int
    sizes : numpy.ndarray
        int64 ``(nodes,)``: cores that a node is.
    capacity : int
        Cores on a chip.
    proposals : int
        Of the annealing; 0 for descent alone.
    hot : float
        Temperature at the start, as a share of the mean spikes of a net.
    seed : int

    Returns
    -------
    numpy.ndarray
        int32 ``(nodes,)``: never worse than what was given.
    """
    chip_of = np.array(chip_of, np.int32)
    sizes = np.asarray(sizes, np.int64)
    first, nets = of_blocks(pins, len(chip_of))
    on = counts(pins, chip_of, chips)
    load = np.bincount(chip_of, sizes, chips).astype(np.int64)
    member, many, place = _members(chip_of, chips)
    here = chip_of, load, sizes, member, many, place
    if proposals and pins.nets:
        warmth = hot * pins.weight.mean()
        best = _anneal(
            pins.first, pins.pins, pins.weight, first, nets, on, *here,
            capacity, proposals, warmth, warmth * COLD, np.uint64(seed),
        )  # fmt: skip
        on = counts(pins, best, chips)
        load = np.bincount(best, sizes, chips).astype(np.int64)
        chip_of = best
        member, many, place = _members(chip_of, chips)
        here = chip_of, load, sizes, member, many, place
    _descend(pins.weight, first, nets, on, *here, capacity, ROUNDS)
    return chip_of


def _members(chip_of: np.ndarray, chips: int):
    """Nodes of each chip, how many they are, and where in its list each node stands."""
    member = np.zeros((chips, len(chip_of)), np.int32)
    many = np.bincount(chip_of, minlength=chips)
    place = np.zeros(len(chip_of), np.int32)
    order = np.argsort(chip_of, kind="stable")
    place[order] = np.arange(len(chip_of)) - np.repeat(np.cumsum(many) - many, many)
    member[chip_of, place] = np.arange(len(chip_of))
    return member, many, place


@inner
def _random(state):
    state[0] += _STEP
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * _MIX[0]
    z = (z ^ (z >> np.uint64(27))) * _MIX[1]
    return z ^ (z >> np.uint64(31))


@inner
def _below(state, size):
    """A random number from 0 to below ``size``."""
    return np.int64((_random(state) >> np.uint64(32)) * np.uint64(size) >> np.uint64(32))


@inner
def _saved(first, nets, weight, on, node, old, new):
    """Spikes less that cross chips if a node moves."""
    total = 0
    for at in range(first[node], first[node + 1]):
        net = nets[at]
        if on[net, old] == 1:
            total += weight[net]
        if on[net, new] == 0:
            total -= weight[net]
    return total


@inner
def _move(first, nets, on, chip_of, load, sizes, member, many, place, node, new):
    old = chip_of[node]
    for at in range(first[node], first[node + 1]):
        on[nets[at], old] -= 1
        on[nets[at], new] += 1
    chip_of[node] = new
    load[old] -= sizes[node]
    load[new] += sizes[node]
    many[old] -= 1
    last = member[old, many[old]]
    member[old, place[node]], place[last] = last, place[node]
    member[new, many[new]], place[node] = node, many[new]
    many[new] += 1


@kernel
def _anneal(
    start, pins, weight, first, nets, on, chip_of, load, sizes, member, many, place,
    capacity, proposals, hot, cold, seed,
):  # fmt: skip
    state = np.full(1, seed, np.uint64)
    nodes = len(chip_of)
    best, now, low = chip_of.copy(), 0, 0
    cooling = (cold / hot) ** (1 / max(proposals, 1))
    heat = hot
    for _ in range(proposals):
        heat *= cooling
        node = _below(state, nodes)
        if first[node] == first[node + 1]:
            continue
        # towards a chip that one of its nets reaches
        net = nets[first[node] + _below(state, first[node + 1] - first[node])]
        other = pins[start[net] + _below(state, start[net + 1] - start[net])]
        old, new = chip_of[node], chip_of[other]
        if old == new:
            continue
        gain = _saved(first, nets, weight, on, node, old, new)
        # what is far worse by itself is not made good by what comes back
        if gain < -20 * heat:
            continue
        back = -1
        if load[new] + sizes[node] > capacity:
            back = member[new, _below(state, many[new])]
            if (
                load[new] + sizes[node] - sizes[back] > capacity
                or load[old] - sizes[node] + sizes[back] > capacity
            ):
                continue
        _move(first, nets, on, chip_of, load, sizes, member, many, place, node, new)
        if back >= 0:
            gain += _saved(first, nets, weight, on, back, new, old)
        if gain < 0:
            chance = np.float64(_random(state) >> np.uint64(11)) / 9007199254740992.0
            if chance >= np.exp(gain / heat):
                _move(first, nets, on, chip_of, load, sizes, member, many, place, node, old)
                continue
        if back >= 0:
            _move(first, nets, on, chip_of, load, sizes, member, many, place, back, old)
        now -= gain
        if now < low:
            low = now
            best[:] = chip_of
    return best


@kernel
def _descend(weight, first, nets, on, chip_of, load, sizes, member, many, place, capacity, rounds):
    nodes, chips = len(chip_of), len(load)
    for _ in range(rounds):
        helped = False
        for node in range(nodes):
            for new in range(chips):
                old = chip_of[node]
                if new == old or not _near(first, nets, on, node, new):
                    continue
                gain = _saved(first, nets, weight, on, node, old, new)
                if load[new] + sizes[node] <= capacity:
                    if gain > 0:
                        _move(first, nets, on, chip_of, load, sizes, member, many, place, node, new)
                        helped = True
                    continue
                # a swap: whom among those there does it pay to send back?
                _move(first, nets, on, chip_of, load, sizes, member, many, place, node, new)
                best, whom = 0, -1
                for at in range(many[new]):
                    other = member[new, at]
                    if (
                        other == node
                        or load[new] - sizes[other] > capacity
                        or load[old] + sizes[other] > capacity
                    ):
                        continue
                    total = gain + _saved(first, nets, weight, on, other, new, old)
                    if total > best:
                        best, whom = total, other
                if whom >= 0:
                    _move(first, nets, on, chip_of, load, sizes, member, many, place, whom, old)
                    helped = True
                else:
                    _move(first, nets, on, chip_of, load, sizes, member, many, place, node, old)
        if not helped:
            break


@inner
def _near(first, nets, on, node, chip):
    """Whether a net of the node reaches the chip."""
    for at in range(first[node], first[node + 1]):  # noqa: SIM110
        if on[nets[at], chip] > 0:
            return True
    return False
