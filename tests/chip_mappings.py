"""A small network on chips, worked out neuron by neuron, synapse by synapse.

Independent of what the lab does: loops over neurons, and sets.
"""

import itertools
from collections import defaultdict

import numpy as np
from scipy import sparse

from snnlab.chips.board import Block, Edges, Layout, Mapping, Partition, Traffic

SHAPES = {"down0": (8, 8, 2), "down1": (4, 4, 3), "stride1": (4, 4, 3), "up0": (8, 8, 2)}
WIRES = (("down0", "down1"), ("down1", "stride1"), ("stride1", "up0"), ("down0", "up0"))
CUTS = {"down0": (4, 4, 2), "down1": (2, 4, 3), "stride1": (4, 2, 2), "up0": (4, 8, 1)}
OTHER_CUTS = {"down0": (2, 8, 2), "down1": (4, 4, 1), "stride1": (4, 4, 3), "up0": (8, 4, 2)}
STEPS = 12


def neurons(layer):
    return itertools.product(*(range(size) for size in SHAPES[layer]))


def reached(source, target, place):
    """Neurons of the target that a neuron reaches: those within 1.5 pixels of the finer layer."""
    scale = [SHAPES[name][0] for name in (source, target)]
    for row, column, channel in neurons(target):
        near = (
            abs((mine + 0.5) * 8 / scale[0] - (theirs + 0.5) * 8 / scale[1]) <= 1.5
            for mine, theirs in zip(place, (row, column), strict=False)
        )
        if all(near):
            yield target, (row, column, channel)


def cut(cuts):
    """Blocks, and the block of each neuron."""
    blocks, home = [], {}
    for layer, shape in SHAPES.items():
        size = cuts[layer]
        for start in itertools.product(*(range(0, n, s) for n, s in zip(shape, size, strict=True))):
            stop = tuple(min(a + s, n) for a, s, n in zip(start, size, shape, strict=True))
            inside = itertools.product(*(range(a, b) for a, b in zip(start, stop, strict=True)))
            count = 0
            for place in inside:
                home[layer, place] = len(blocks)
                count += 1
            index = len(blocks) + 1
            blocks.append(Block(layer, start, stop, count, 40 * index, 30 * index, 9000 * index))
    return blocks, home


def layout(name="searched", cuts=CUTS, seed=0):
    blocks, home = cut(cuts)
    random = np.random.default_rng(seed)
    spikes = {neuron: random.random(STEPS) < 0.3 for layer in SHAPES for neuron in all_of(layer)}
    cores = len(blocks)
    sends = np.zeros((cores, cores), np.int64)
    spiked, sent, received, fed, events = (np.zeros((cores, STEPS), np.int64) for _ in range(5))
    to_host = np.zeros(cores, np.int64)
    edges = defaultdict(int)
    for (layer, place), train in spikes.items():
        core = home[layer, place]
        spiked[core] += train
        targets = set()
        for source, target in WIRES:
            if source == layer:
                for one in reached(source, target, place):
                    targets.add(home[one])
                    events[home[one]] += train
        for target in targets:
            sends[core, target] += train.sum()
            sent[core] += train
            received[target] += train
        if targets:
            edges[core, tuple(sorted(targets))] += int(train.sum())
        if layer == "up0":
            to_host[core] += train.sum()
        if layer == "down0":
            fed[core] += 1
    first = np.cumsum([0, *(len(targets) for _, targets in edges)])
    wires = Edges(
        np.array([core for core, _ in edges], np.int32),
        first.astype(np.int64),
        np.array([target for _, targets in edges for target in targets], np.int32),
        np.array(list(edges.values()), np.int64),
    )
    host = Edges(np.array([-1], np.int32), np.array([0, 1]), np.zeros(1, np.int32), fed[0, :1])
    traffic = Traffic(
        sparse.csr_array(sends), wires, host, spiked.astype(np.int32), sent.astype(np.int32),
        received.astype(np.int32), fed.astype(np.int32), to_host, events,
    )  # fmt: skip
    return Layout(name, cuts, tuple(blocks), traffic, 0.1)


def all_of(layer):
    return [(layer, place) for place in neurons(layer)]


def partition(name, made, chip_of, seconds=0.5):
    """What a partition costs, edge by edge."""
    chip_of = np.asarray(chip_of, np.int32)
    chips = int(chip_of.max()) + 1
    matrix = np.zeros((chips, chips), np.int64)
    per_core = on_chip = 0
    edges = made.traffic.edges
    for edge in range(len(edges)):
        home, spikes = chip_of[edges.source[edge]], int(edges.spikes[edge])
        for chip in {int(chip_of[target]) for target in edges.of(edge)} - {int(home)}:
            matrix[home, chip] += spikes
        for target in edges.of(edge):
            if chip_of[target] != home:
                per_core += spikes
            elif target != edges.source[edge]:
                on_chip += spikes
    place = np.array([divmod(chip, 2) for chip in range(chips)], np.int32)
    far = np.abs(place[:, None] - place[None]).sum(-1)
    return Partition(
        name, made.name, chip_of, chips, (-(-chips // 2), min(chips, 2)), place, int(matrix.sum()),
        per_core, on_chip, matrix, int((far * matrix).sum()), seconds,
    )  # fmt: skip


def mapping():
    """Three partitions of the same blocks, and one of others."""
    made, other = layout(), layout("default", OTHER_CUTS)
    cores, others = len(made.blocks), len(other.blocks)
    partitions = {
        "round-robin": partition("round-robin", made, np.arange(cores) % 3),
        "greedy-interchip": partition("greedy-interchip", made, np.arange(cores) * 3 // cores),
        "co-design": partition(
            "co-design", made, [int(block.start[0] >= 4) for block in made.blocks]
        ),
        "round-robin@default": partition("round-robin", other, np.arange(others) % 3),
    }
    ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    return Mapping(
        (16, 24, 8, 8), SHAPES, {"searched": made, "default": other}, partitions,
        {"metis": "pymetis is not installed."}, ramp, STEPS,
    )  # fmt: skip
