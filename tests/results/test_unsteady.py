"""What flickers late: the spread of the SNN's probability over the second half of a run."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.results import unsteady


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def test_the_second_half_holds_its_middle():
    assert unsteady.late(tuple(range(1, 65))) == tuple(range(32, 65))
    assert unsteady.late((1, 2, 3, 8, 20)) == (20,)


def test_it_is_the_standard_deviation_of_each_pixel(result):
    frames = np.stack([result.snn(step) for step in range(32, 65)]).astype(np.float64)
    assert result.timesteps == 64
    assert np.abs(unsteady.spread(result) - frames.std(0)).max() < 1e-6


def test_a_run_of_one_moment_has_none(result):
    with pytest.raises(LabError, match="no second half"):
        unsteady.spread(replace(result, moments={64: result.snn()}))


def test_what_flickers_is_more_often_wrong(result):
    cells = result.snn() >= result.settings.threshold
    spread, wrong = unsteady.spread(result), cells != result.picture.labels
    assert spread[wrong].mean() > 1.5 * spread[~wrong].mean()
