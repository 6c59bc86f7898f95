"""Spikes that were taken away are those that were recorded."""

import csv
import io

import numpy as np
import pytest

from snnlab.export import spikes
from tests.results.test_segmentation import SHAPES, made


@pytest.mark.parametrize("many", [False, True], ids=["one a step", "several a step"])
def test_the_packed_file_comes_back(many):
    result = made(many=many)
    found = spikes.read(spikes.npz(result))
    assert (found.simulator, found.timesteps) == ("event", result.timesteps)
    for name, shape in SHAPES.items():
        everyone = np.arange(np.prod(shape))
        assert found[name].shape == shape
        np.testing.assert_array_equal(
            found[name].raster(everyone), result.recording[name].raster(everyone)
        )


def test_the_packed_file_needs_numpy_alone():
    result = made()
    with np.load(io.BytesIO(spikes.npz(result)), allow_pickle=False) as stored:
        words = stored["last/words"]
        step, neuron = 67, 5
        spiked = bool(words[step // 64, neuron] >> np.uint64(step % 64) & np.uint64(1))
    assert spiked == bool(result.recording["last"].raster([neuron])[step, 0])


@pytest.mark.parametrize("many", [False, True], ids=["one a step", "several a step"])
def test_the_list_of_events_is_the_raster(many):
    trains = made(many=many).recording["last"]
    neurons = np.array([0, 3, 17, 300, 767])
    rows = list(csv.DictReader(io.StringIO(spikes.events_csv(trains, neurons).decode())))
    assert tuple(rows[0]) == spikes.COLUMNS
    found = np.zeros((trains.timesteps, trains.neurons), int)
    for row in rows:
        place = tuple(int(row[key]) for key in ("row", "column", "channel"))
        assert np.ravel_multi_index(place, trains.shape) == int(row["neuron"])
        assert row["layer"] == "last"
        found[round(float(row["time_ms"])) - 1, int(row["neuron"])] += int(row["spikes"])
    np.testing.assert_array_equal(found[:, neurons], trains.raster(neurons))
    assert found.sum() == trains.raster(neurons).sum()
    times = [float(row["time_ms"]) for row in rows]
    assert times == sorted(times)


def test_a_list_is_never_longer_than_its_limit_and_neurons_are_whole():
    trains = made().recording["last"]
    counts = trains.counts().ravel()
    assert len(spikes.listed(trains)) == trains.neurons
    for limit in (0, 1, 100, int(counts.sum()) - 1, int(counts.sum())):
        chosen = spikes.listed(trains, limit)
        assert counts[chosen].sum() <= limit
        assert len(np.unique(chosen)) == len(chosen)
        assert np.all(np.diff(chosen) > 0)
    few = spikes.listed(trains, 100)
    # one more neuron would have been too many
    assert counts[few].sum() + counts.max() > 100


def test_a_layer_that_is_silent_has_an_empty_list():
    from snnlab.simulation.recording import SpikeTrains

    trains = SpikeTrains("quiet", (2, 2, 1), np.zeros((1, 4), np.uint64), 10)
    lines = spikes.events_csv(trains, spikes.listed(trains)).decode().splitlines()
    assert len(lines) == 1
