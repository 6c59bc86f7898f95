"""Partitions: complete, within capacity, and counted as the libraries count."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from snnlab import compat
from snnlab.chips.board import Edges
from snnlab.chips.counting import chip_traffic, count
from snnlab.chips.partition import PARTITIONERS, anneal, co_design, libraries, partitioner
from snnlab.chips.partition import nengo_allocators as theirs
from snnlab.chips.partition.problem import Problem, least_chips
from snnlab.chips.partition.repair import repaired
from snnlab.chips.traffic import measure
from snnlab.chips.wiring import Cut
from snnlab.errors import LabError
from tests.chips.nets import unet
from tests.chips.test_wiring import build


def random_problem(seed, cores, chips, capacity, nets=None):
    """Random hyperedges, some far more used than others."""
    random = np.random.default_rng(seed)
    nets = 3 * cores if nets is None else nets
    source = np.sort(random.integers(0, cores, nets)).astype(np.int32)
    targets = [
        np.unique(random.integers(0, cores, random.integers(1, 1 + min(5, cores))))
        for _ in range(nets)
    ]
    first = np.concatenate([[0], np.cumsum([len(t) for t in targets])]).astype(np.int64)
    pins = np.concatenate([np.zeros(0, int), *targets]).astype(np.int32)
    spikes = (random.pareto(1, nets) * 10).astype(np.int64)
    edges = Edges(source, first, pins, spikes)
    return Problem((), edges, _sends(edges, cores), chips, capacity)


def _sends(edges, cores):
    each = np.diff(edges.first)
    pairs = np.repeat(edges.source, each), edges.targets
    return sparse.csr_array(
        sparse.coo_array((np.repeat(edges.spikes, each), pairs), shape=(cores, cores))
    )


@cache
def small():
    """A real net on a few dozen cores; its cut and problem for 3 chips of 24 cores."""
    _, layers, recording = unet((4, 8), 16, 60)
    shapes = {"down0": (4, 4, 4), "stride1": (4, 4, 8), "down1": (2, 4, 4)}
    names = [layer.name for layer in layers if layer.on_chip]
    cut = Cut(layers, {name: shapes.get(name, (4, 8, 2)) for name in names})
    traffic = measure(cut, recording)
    problem = Problem(cut.blocks(), traffic.edges, traffic.sends, 3, 24)
    return layers, cut, recording, problem


def by_hand(edges, chip_of):
    """Multicast, and once a core, one edge after the other."""
    multicast = per_core = within = 0
    for number in range(len(edges)):
        own, spikes = chip_of[edges.source[number]], int(edges.spikes[number])
        targets = [t for t in edges.of(number) if t != edges.source[number]]
        multicast += spikes * len({int(chip_of[t]) for t in edges.of(number)} - {int(own)})
        per_core += spikes * sum(chip_of[t] != own for t in targets)
        within += spikes * sum(chip_of[t] == own for t in targets)
    return multicast, per_core, within


@pytest.mark.parametrize("name", [item.name for item in PARTITIONERS])
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), cores=st.integers(2, 40), data=st.data())
def test_partitions_are_complete_and_within_capacity(name, seed, cores, data):
    capacity = data.draw(st.integers(1, cores))
    least = least_chips(cores, capacity)
    chips = data.draw(st.integers(least, min(cores, least + 3)))
    problem = random_problem(seed, cores, chips, capacity)
    chip_of, seconds = partitioner(name).run(problem)
    assert chip_of.shape == (cores,) and chip_of.min() >= 0
    assert np.bincount(chip_of, minlength=chips).max() <= capacity
    assert len(np.bincount(chip_of, minlength=chips)) == chips
    assert seconds >= 0
    found = count(problem, chip_of, name, "searched", seconds)
    assert (found.interchip, found.interchip_per_core, found.intrachip) == by_hand(
        problem.edges, chip_of
    )
    # both ways of writing down the multicast cost agree
    assert found.interchip == problem.pins.cost(chip_of, chips)
    assert found.chip_to_chip.sum() == found.interchip
    assert len({tuple(spot) for spot in found.place}) == chips
    assert (found.place < found.grid).all()


def test_too_few_chips_are_refused_with_the_number_that_does():
    with pytest.raises(LabError, match="choose 4 chips or more"):
        random_problem(0, 31, 3, 10)
    with pytest.raises(LabError, match="choose 5 chips or fewer"):
        random_problem(0, 5, 6, 10)


def test_a_partition_that_is_wrong_is_noticed():
    problem = random_problem(0, 10, 2, 6)
    for wrong in (np.zeros(10), np.zeros(9), np.full(10, 2), np.full(10, -1)):
        with pytest.raises(RuntimeError):
            problem.complete(wrong)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(2, 6))
def test_annealing_never_makes_worse(seed, cores, chips):
    capacity = -(-cores // chips)
    problem = random_problem(seed, cores, min(chips, cores), capacity)
    start = np.arange(cores, dtype=np.int32) % problem.chips
    for proposals in (0, 2000):
        found = co_design.annealed(problem, start, proposals, seed=seed)
        assert np.bincount(found).max() <= capacity
        assert problem.pins.cost(found, problem.chips) <= problem.pins.cost(start, problem.chips)
    # nodes of several cores, too
    sizes = np.random.default_rng(seed).integers(1, 4, cores)
    room = int(np.bincount(start, sizes).max())
    found = anneal.improve(problem.pins, start, problem.chips, sizes, room, 2000, seed=seed)
    assert np.bincount(found, sizes).max() <= room
    assert problem.pins.cost(found, problem.chips) <= problem.pins.cost(start, problem.chips)


def test_annealing_finds_the_best_of_all_partitions():
    problem = random_problem(3, 8, 2, 4)
    best = min(
        problem.pins.cost(np.array([(n >> k) & 1 for k in range(8)]), 2)
        for n in range(256)
        if n.bit_count() == 4
    )
    assert problem.pins.cost(co_design.co_design(problem), 2) == best


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(4, 60), st.integers(2, 5))
def test_the_libraries_count_as_we_do(seed, cores, chips):
    chips = min(chips, cores)
    problem = random_problem(seed, cores, chips, cores)
    chip_of, km1 = libraries.hypergraph_raw(problem)
    assert km1 == problem.pins.cost(chip_of, chips)
    chip_of, cut = libraries.metis_raw(problem)
    graph = (problem.sends + problem.sends.T).tocoo()
    off = graph.row != graph.col
    weight = np.maximum(graph.data, 1) * off
    assert cut == weight[chip_of[graph.row] != chip_of[graph.col]].sum() // 2


def test_weights_fit_the_libraries():
    weights = libraries.scaled(np.array([2**33, 2**33, 5, 0]))
    assert weights.sum() < 2**31 and weights[0] == weights[1] and weights[3] == 1
    assert (libraries.scaled(np.array([3, 4])) == [3, 4]).all()


def test_repair_moves_no_more_than_it_must():
    problem = random_problem(1, 30, 3, 10)
    start = np.r_[np.zeros(14), np.ones(10), np.full(6, 2)].astype(np.int32)
    found = repaired(problem, start)
    assert (np.bincount(found) == 10).all()
    assert (found != start).sum() == 4
    assert (repaired(problem, found) == found).all()


def test_allocators_on_the_stand_in_do_as_on_the_built_model():
    """NengoLoihi's allocators and estimate, on its own model of the same blocks."""
    layers, cut, recording, problem = small()
    model, ensembles = build(layers, cut.block_shapes)
    rates = {
        ensembles[layer.name]: recording[layer.name].counts().ravel().astype(float)
        for layer in layers
        if layer.on_chip
    }
    allocators = compat.nengo_loihi().hardware.allocators
    for name, allocator in (
        ("round-robin", allocators.RoundRobin()),
        ("greedy", allocators.Greedy(cores_per_chip=24)),
        ("greedy-interchip", allocators.GreedyInterchip(24, ensemble_rates=rates)),
    ):
        board = allocator(model, problem.chips)
        wanted = theirs.chips_of(model, board)
        chip_of, _ = partitioner(name).run(problem)
        assert (chip_of == wanted).all(), name
        block_rates = allocators.ensemble_to_block_rates(model, rates)
        estimate = allocators.estimate_interchip_activity(board, block_rates)
        found = count(problem, chip_of, name, "searched", 0.0)
        assert found.interchip_per_core == pytest.approx(estimate["interchip"])
        assert found.intrachip == pytest.approx(estimate["intrachip"])
        assert theirs.estimate(problem, chip_of) == (found.interchip_per_core, found.intrachip)


def test_multicast_counts_chips_not_cores():
    edges = Edges(
        np.array([0, 3], np.int32),
        np.array([0, 4, 5]),
        np.array([0, 1, 2, 3, 0], np.int32),
        np.array([10, 1]),
    )
    between = chip_traffic(edges, np.array([0, 0, 1, 1]), 2)
    assert between.tolist() == [[0, 10], [1, 0]]


def test_ours_is_best_on_a_real_net():
    *_, problem = small()
    costs = {}
    for item in PARTITIONERS:
        chip_of, _ = item.run(problem)
        costs[item.name] = problem.pins.cost(chip_of, problem.chips)
    assert costs["co-design"] == min(costs.values())
    assert costs["co-design"] < costs["greedy-interchip"] < costs["round-robin"]


def test_a_library_that_is_missing_is_named(monkeypatch):
    problem = random_problem(0, 12, 2, 6)
    monkeypatch.setitem(__import__("sys").modules, "pymetis", None)
    with pytest.raises(LabError, match="pip install pymetis"):
        libraries.metis(problem)
    monkeypatch.setitem(__import__("sys").modules, "mtkahypar", None)
    monkeypatch.setattr(libraries, "_mtkahypar", libraries._mtkahypar.__wrapped__)
    with pytest.raises(LabError, match="pip install mtkahypar"):
        libraries.hypergraph(problem)
    # ours works without
    assert np.bincount(co_design.co_design(problem)).max() <= 6


def test_patches_follow_the_image():
    blocks = [
        SimpleNamespace(layer="a", start=(y, x, 0), stop=(y + 1, x + 1, 1))
        for y in range(4)
        for x in range(4)
    ]
    problem = random_problem(0, 16, 4, 4)
    chip_of = co_design.patches(Problem(tuple(blocks), problem.edges, problem.sends, 4, 4))
    quarters = chip_of.reshape(4, 4)
    for y in (0, 2):
        for x in (0, 2):
            assert len(np.unique(quarters[y : y + 2, x : x + 2])) == 1
