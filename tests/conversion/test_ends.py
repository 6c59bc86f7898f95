"""Settings at the ends of the floats run without a warning, or are refused in a sentence."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.lab.finetune_wish import Wish
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.training.own.order import Order, stages
from snnlab.training.regulariser import RateRange
from tests import small_models

TINY = 5e-324
ENDS = (
    {"lower_hz": TINY}, {"lower_hz": TINY, "upper_hz": TINY},
    {"lower_hz": 1e-300, "upper_hz": 1e-300}, {"lower_hz": 1000.0, "upper_hz": 1000.0},
    {"synapse_ms": TINY}, {"synapse_ms": 1e-300}, {"synapse_ms": 1e-9}, {"synapse_ms": 50.0},
    {"initial": TINY}, {"initial": -0.0}, {"threshold": TINY}, {"percentile": 50.0},
    {"percentile": 100.0}, {"seed": 2**32 - 1}, {"timesteps": 1},
)  # fmt: skip


@pytest.mark.parametrize("asked", ENDS, ids=str)
@pytest.mark.parametrize(
    "method", [one.name for one in conversion.METHODS if one.name not in ("qcfs", "surrogate")]
)
def test_a_run_at_the_ends(method, asked):
    settings = Settings(**{"method": method, "timesteps": 4} | asked)
    image = small_models.image(32)
    two = method == "spiking-softmax"  # which needs as many classes
    made = small_models.pooled_model(3) if two else small_models.model(3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = conversion.method(method).convert(made, image, settings)
        recording = event.run(network, settings.timesteps)
        probability = network.probability(recording, 0, settings.timesteps)
    assert np.isfinite(probability).all()


def test_a_synapse_that_is_shorter_than_can_be_told_is_as_short_as_can_be():
    assert Settings(synapse_ms=0.0).synapse is None
    assert Settings(synapse_ms=TINY).synapse == pytest.approx(1e-5)
    assert Settings(synapse_ms=3.0).synapse == pytest.approx(3e-3)


@pytest.mark.parametrize("bounds", [(TINY, TINY), (1e-300, 75.0), (float("nan"), 1.0), (1.0, 3e38)])
def test_training_into_bounds_at_the_ends_is_refused(bounds):
    lower, upper = bounds
    with pytest.raises(LabError, match="can be trained into bounds from 0.01 to 1000 Hz"):
        RateRange(lower, upper)
    with pytest.raises(LabError):
        RateRange(layers=(("down1", lower, upper),))
    with pytest.raises(LabError):
        Wish("relu", lower_hz=lower, upper_hz=upper)
    with pytest.raises(LabError):
        stages(Order("regularised", lower_hz=lower, upper_hz=upper), 64)


@pytest.mark.parametrize("asked", [{"weight": TINY}, {"weight": 1000.0}, {"minutes": TINY}])
def test_a_wish_at_the_ends_can_be_worked_out(asked):
    wish = replace(Wish("relu", lower_hz=0.01, upper_hz=0.01), **asked)
    Settings(**wish.settings)
    assert np.isfinite(wish.recipe(64).rates.weight)
