"""Neurons held against their bounds by their spikes, against plain counting."""

import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.errors import Cancelled
from snnlab.nets.model import with_card
from snnlab.simulation import nengo_reference
from snnlab.training import ranging, spike_ranging
from snnlab.training.regulariser import RateRange
from tests import small_models

IMAGES = np.stack([small_models.image(64, seed=seed) for seed in (2, 3, 4)])
BOUNDS = RateRange(lower_hz=21.0, upper_hz=119.0, percentile=75.0)


def test_it_is_the_percentile_of_each_neurons_spike_counts():
    made, rates = small_models.model(), {}
    settings = spike_ranging.regime(made)
    for image in IMAGES:
        network = rate_scaling.convert(made, image, settings, rates_hz=made.rate_hz)
        recording = nengo_reference.run(network, settings.timesteps)
        for part in network.populations:
            spikes = recording[part.name].counts(spike_ranging.SETTLED).astype(float)
            rates.setdefault(part.name, []).append(
                1000 * spikes.reshape(recording[part.name].shape) / spike_ranging.WINDOW
            )
    inside = {}
    for layer in made.populations():
        reached = np.percentile(np.stack(rates[layer.name]), 75, axis=0)
        inside[layer.name] = ((reached >= 21 * layer.on_chip) & (reached <= 119)).mean()
    found = spike_ranging.kept(made, IMAGES, BOUNDS)
    assert found.windows == 3
    assert found.neurons == sum(np.asarray(part[0]).size for part in rates.values())
    for name, share in inside.items():
        assert found.share[name] == pytest.approx(share, abs=2e-3)
    assert 0 < found.share["all"] < 1


def test_spikes_and_activations_are_two_numbers():
    made = small_models.model()
    spikes = spike_ranging.kept(made, IMAGES, BOUNDS).share["all"]
    assert spikes != ranging.kept(made, IMAGES, BOUNDS)["all"]


def test_a_model_is_run_as_its_last_stage_was_trained():
    recipe = {"reset": "zero", "synapse_ms": 3.0, "initial": 0.0, "timesteps": 160}
    card = {"stages": [{"recipe": {"reset": "subtraction"}}, {"recipe": recipe}]}
    found = spike_ranging.regime(with_card(small_models.model(), **card))
    assert (found.reset, found.synapse_ms, found.initial) == ("zero", 3.0, 0.0)
    assert found.timesteps == spike_ranging.SETTLED + spike_ranging.WINDOW


def test_it_stops_when_asked():
    with pytest.raises(Cancelled):
        spike_ranging.kept(small_models.model(), IMAGES, BOUNDS, cancel=lambda: True)
