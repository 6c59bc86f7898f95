"""Subsamples and intervals, against loops that are easy to check."""

from types import SimpleNamespace

import numpy as np
import pytest

from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains
from snnlab.ui.shared import views


def trains(seed, steps=90, shape=(3, 4, 2), name="up0"):
    random = np.random.default_rng(seed)
    neurons = int(np.prod(shape))
    spikes = (random.random((steps, neurons)) < random.random(neurons) * 0.5).astype(np.uint8)
    spikes[:, 5] = 0
    words, extra = pack(spikes)
    return SpikeTrains(name, shape, words, steps, extra=extra), spikes


@pytest.mark.parametrize("seed", range(3))
def test_intervals(seed):
    found, spikes = trains(seed)
    neurons = np.array([0, 5, 7, 23])
    expected = {}
    for neuron in neurons:
        times = [t for t in range(len(spikes)) if spikes[t, neuron]]
        for i in range(1, len(times)):
            between = times[i] - times[i - 1]
            expected[between] = expected.get(between, 0) + 1
    steps, count = views.intervals(found, neurons)
    assert {int(s): int(c) for s, c in zip(steps, count, strict=True) if c} == expected


def test_no_intervals_of_silence():
    found, _ = trains(0)
    _, count = views.intervals(found, np.array([5]))
    assert count.sum() == 0


@pytest.mark.parametrize("active", [True, False])
def test_drawn_neurons_are_busiest_first(active):
    (one, spikes), (two, _) = trains(1), trains(2, name="down0")
    result = SimpleNamespace(recording=SimpleNamespace(populations=(one, two)))
    found, silent = views.drawn(result, 8, active)
    again, _ = views.drawn(result, 8, active)
    assert list(found) == ["up0", "down0"]
    assert len(set(found["up0"])) == len(found["up0"]) == 8
    counts = spikes[:, found["up0"]].sum(0)
    assert list(counts) == sorted(counts, reverse=True)
    assert not active or counts.min() > 0
    assert silent["up0"] == int((spikes.sum(0) == 0).sum())
    assert all(np.array_equal(found[name], again[name]) for name in found)


@pytest.mark.parametrize("active", [True, False])
def test_of_a_pool_the_busiest_are_drawn(active):
    one, spikes = trains(1)
    result = SimpleNamespace(recording=SimpleNamespace(populations=(one,)))
    pool = np.array([5, 3, 20, 11])  # neuron 5 is silent
    found, _ = views.drawn(result, 3, active, {"up0": pool})
    by_count = sorted(pool, key=lambda neuron: -int(spikes[:, neuron].sum()))
    assert list(found["up0"]) == by_count[:3]
    every, _ = views.drawn(result, 99, active, {"up0": pool})
    assert set(every["up0"]) == set(pool) - ({5} if active else set())


def test_more_rows_than_neurons():
    one, spikes = trains(1)
    result = SimpleNamespace(recording=SimpleNamespace(populations=(one,)))
    found, _ = views.drawn(result, 1000, True)
    assert len(found["up0"]) == int((spikes.sum(0) > 0).sum())


def test_spread_goes_from_quiet_to_busy():
    found, spikes = trains(3)
    named = views.spread(found)
    counts = [int(spikes[:, index].sum()) for index in named.values()]
    assert list(named) == ["quiet", "typical", "busy"]
    assert 0 < counts[0] <= counts[1] <= counts[2]


def test_place_is_row_major():
    found, _ = trains(0)
    assert views.place(found, (1 * 4 + 2) * 2 + 1) == "row 1, column 2, channel 1"
