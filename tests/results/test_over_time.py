"""Segmentations at many moments at once against one at a time."""

import numpy as np
import pytest

from snnlab.results.over_time import classes_over_time, read_out_over_time
from snnlab.simulation.network import Readout, read_classes, read_out
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains


@pytest.mark.parametrize("first", [0, 10])
def test_each_moment_is_what_it_is_alone(first):
    random = np.random.default_rng(0)
    packed, _ = pack((random.random((90, 8 * 9 * 4)) < 0.3).astype(int))
    trains = SpikeTrains("layer", (8, 9, 4), packed, 90, first=first)
    # weights so large that some probabilities are 0 and 1 to the last digit
    readout = Readout(random.normal(0, 40, 4).astype(np.float32), 3.0)
    windows = [(0, 1), (0, 64), (0, 90), (30, 90), (63, 65), (0, 200)]
    found = list(read_out_over_time(trains, 150.0, readout, windows))
    for (start, stop), probability in zip(windows, found, strict=True):
        wanted = read_out(trains, 150.0, readout, start, stop)
        assert probability.dtype == np.float32
        np.testing.assert_allclose(probability, wanted, rtol=1e-4, atol=1e-6)
    assert found[2].min() < 1e-6
    assert found[2].max() > 1 - 1e-6


def test_so_is_each_class():
    random = np.random.default_rng(1)
    packed, _ = pack((random.random((70, 8 * 9 * 4)) < 0.3).astype(int))
    trains = SpikeTrains("layer", (8, 9, 4), packed, 70)
    bias = random.normal(0, 1, 3).astype(np.float32)
    readout = Readout(random.normal(0, 4, (4, 3)).astype(np.float32), bias)
    windows = [(0, 1), (0, 64), (35, 70)]
    kinds = list(classes_over_time(trains, 150.0, readout, windows))
    cells = list(read_out_over_time(trains, 150.0, readout, windows))
    for (start, stop), kind, cell in zip(windows, kinds, cells, strict=True):
        wanted = read_classes(trains, 150.0, readout, start, stop)
        assert kind.dtype == np.uint8 and cell.dtype == np.float32
        np.testing.assert_array_equal(kind, wanted.argmax(-1))
        np.testing.assert_allclose(cell, 1 - wanted[..., 0], atol=1e-5)
