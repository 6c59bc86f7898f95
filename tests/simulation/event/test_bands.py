"""A large network is run in bands of rows: the same spikes, and no layer stands in memory whole."""

import numpy as np
import pytest

from snnlab.simulation.event import Unsupported, bands, reading, run, running
from snnlab.simulation.event.bands import turns
from snnlab.simulation.event.engine import Engine
from snnlab.simulation.event.plan import Outer
from tests.simulation.event.unets import random_unet

SIZE = 64
STEPS = 70  # two words a neuron


def in_rows(network, **options):
    """All populations' words, put together from the rows as they pass by."""
    found = {population.name: [] for population in network.populations}

    def passing(population, top, trains):
        assert top == sum(len(part) for part in found[population.name])
        found[population.name].append(
            trains.words.reshape(len(trains.words), *trains.shape).swapaxes(0, 1).copy()
        )

    recording = run(network, STEPS, threads=2, passing=passing, **options)
    words = {
        name: np.concatenate(parts).swapaxes(0, 1).reshape(-(-STEPS // 64), -1)
        for name, parts in found.items()
    }
    return recording, words, {name: len(parts) for name, parts in found.items()}


@pytest.mark.parametrize("reset", ["subtraction", "zero"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("by_rows", [False, True])
def test_spikes_are_those_of_a_run_in_one_piece(monkeypatch, reset, dtype, by_rows):
    network = random_unet(SIZE, reset)
    whole = run(network, STEPS, threads=2, dtype=dtype)
    last = network.populations[-1].name
    monkeypatch.setattr(reading, "LARGE", 1 if by_rows else 10**9)
    plan = reading.read(network.network, running.DT, by_rows=True)
    assert isinstance(plan.stages[0].bias, Outer) is by_rows
    for limit, more_than in ((10**9, 0), (200_000, 4), (40_000, 20)):
        monkeypatch.setattr(bands, "BAND_BYTES", limit)
        recording, words, parts = in_rows(network, dtype=dtype, keep=[last])
        assert parts[last] > more_than
        assert (recording[last].words == whole[last].words).all()
        for name, found in words.items():
            assert (found == whole[name].words).all(), name


def test_nothing_need_be_kept(monkeypatch):
    network = random_unet(SIZE)
    whole = run(network, STEPS)
    monkeypatch.setattr(bands, "BAND_BYTES", 40_000)
    recording, words, _ = in_rows(network, keep=[])
    assert recording.populations == ()
    for population in network.populations:
        assert (words[population.name] == whole[population.name].words).all()


def test_all_that_is_kept_is_run_at_once():
    network = random_unet(SIZE)
    _, _, parts = in_rows(network)
    assert set(parts.values()) == {1}


@pytest.mark.parametrize("number_of_bands", [1, 2, 7, 64, 200])
def test_every_row_is_run_once_after_what_it_reads_and_dropped_once_after_its_readers(
    number_of_bands,
):
    plan = reading.read(random_unet(SIZE).network, running.DT)
    prepared = Engine(plan, running.DT, threads=2).prepared
    done, dropped = [0] * len(prepared), [0] * len(prepared)
    held = most = 0
    for turn in turns(prepared, number_of_bands, set()):
        row = plan.stages[turn.stage].neurons // plan.stages[turn.stage].shape[0]
        if turn.drop:
            assert dropped[turn.stage] == turn.first < turn.last <= done[turn.stage]
            dropped[turn.stage] = turn.last
            held -= (turn.last - turn.first) * row
            continue
        assert done[turn.stage] == turn.first < turn.last
        done[turn.stage] = turn.last
        held += (turn.last - turn.first) * row
        most = max(most, held)
        for link in plan.stages[turn.stage].links:
            # by the rule of convolutions, worked out for each kernel row: see `operators`
            operator = link.operator
            met = [operator.meet(0, tap) for tap in range(operator.kernel.shape[0])]
            read = [y for o, s in met for y in s[(o >= turn.first) & (o < turn.last)]]
            assert dropped[link.source] <= min(read) and max(read) < done[link.source]
    heights = [stage.shape[0] for stage in plan.stages]
    assert done == dropped == heights and held == 0
    total = sum(stage.neurons for stage in plan.stages)
    if number_of_bands >= 64:
        assert most < 0.6 * total  # at 64 pixels a kernel's reach is most of the image


def test_what_cannot_be_cut_is_run_in_one_piece(monkeypatch):
    """Spikes beyond the first in a step are found by neuron, over all rows."""
    import nengo

    monkeypatch.setattr(bands, "BAND_BYTES", 1)
    network = random_unet(32, neurons=nengo.SpikingRectifiedLinear(amplitude=0.01))
    whole = run(network, STEPS)
    _, words, parts = in_rows(network, keep=[])
    assert set(parts.values()) == {1}
    assert all((words[name] == whole[name].words).all() for name in words)


def test_a_population_that_does_not_spike_is_refused_as_ever():
    import nengo

    network = random_unet(16, neurons=nengo.RectifiedLinear())
    with pytest.raises(Unsupported, match="do not spike"):
        run(network, 4, passing=lambda *_: None)
