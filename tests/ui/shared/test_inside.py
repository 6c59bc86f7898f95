"""What is said of a few neurons fits how they spike."""

import numpy as np
import pytest

from snnlab.simulation.recording import SpikeTrains
from snnlab.ui.shared import inside

NONE = np.zeros((1, 4), np.uint64)
ONE = SpikeTrains("up0", (2, 2, 1), NONE, 8)
SEVERAL = SpikeTrains.graded("up0", (2, 2, 1), np.stack([NONE] * 2), 8, 0.001, (1.0, 0.25))
CYCLES = SpikeTrains.graded(
    "up0", (2, 2, 1), np.stack([NONE] * 2), 8, 0.001, (2 / 3, 1 / 3), first=2, cycle=2
)


def test_one_threshold_is_spoken_of_where_there_is_one():
    assert "The threshold is 1 (dashed)" in inside.drawn(ONE)
    assert "keeps what was above 1" in inside.look_for(ONE)


@pytest.mark.parametrize(("trains", "sizes"), [(SEVERAL, "1, 0.25"), (CYCLES, "0.667, 0.333")])
def test_graded_spikes_have_several(trains, sizes):
    assert f"The thresholds are {sizes} (dashed)" in inside.drawn(trains)
    assert "above 1" not in inside.look_for(trains)
    assert "every 10 steps" not in inside.drawn(trains)


def test_of_a_cycle_its_length_is_told():
    assert "cycle of 2 steps" in inside.look_for(CYCLES)
