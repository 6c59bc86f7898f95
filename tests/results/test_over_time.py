"""Segmentations at many moments at once against one at a time."""

import numpy as np
import pytest

from snnlab.results.over_time import read_out_over_time
from snnlab.simulation.network import Readout, read_out
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
