"""Activations measured by simulation, against Nengo and against the rate curve."""

import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.nets.inference import activations
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.training.spiking_forward import measured
from tests import small_models

BATCH = np.stack([small_models.image(32, seed=seed)[:16, :24] for seed in (1, 2)])[..., None]


@pytest.mark.parametrize("synapse_ms", [0.0, 5.0])
@pytest.mark.parametrize("faster", [1.0, 2.5])
def test_measured_is_nengos_rate_over_the_readout_window(synapse_ms, faster):
    model = small_models.untuned(1)
    settings = Settings(timesteps=30, synapse_ms=synapse_ms)
    found = measured(model, BATCH, settings, faster)
    start = 21 if synapse_ms else 15  # the last 30 %, or half
    rates_hz = {name: rate * faster for name, rate in model.rate_hz.items()}
    spiking = 0
    for index, image in enumerate(BATCH):
        network = rate_scaling.convert(model, image[:, :, 0], settings, rates_hz=rates_hz)
        recording = nengo_reference.run(network, 30)
        for name, values in found.items():
            assert values.dtype == np.float32
            raster = recording[name].raster(np.arange(recording[name].neurons))
            spikes = raster[start:].sum(0).reshape(values.shape[1:])
            expected = spikes / ((30 - start) * 0.001) / rates_hz[name]
            # float32 against float64: a spike may fall on the other side of a step
            assert np.isclose(values[index], expected, rtol=1e-5).mean() > 0.995
            spiking += spikes.sum()
    assert spiking > 1000


def test_many_fast_spikes_measure_the_rate_curve():
    model = small_models.untuned(1)
    curve = activations(model, BATCH[0, :, :, 0])
    errors = []
    for timesteps in (16, 256):
        found = measured(model, BATCH[:1], Settings(timesteps=timesteps))
        below = curve["encoder"] * 150 < 1000  # a neuron can do no more than a spike a step
        off = np.abs(found["encoder"][0] - curve["encoder"])[below]
        # constant current, reset by subtraction: within half a spike
        # between two counts, each within half a spike
        assert off.max() <= 1 / (0.150 * timesteps / 2) + 1e-5
        errors.append(np.mean([np.abs(found[x][0] - curve[x]).mean() for x in curve]))
    assert errors[1] < 0.25 * errors[0]
