"""The split of a layer's error, against cases made by hand, and its sum."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.conversion.errors import PARTS, layer_errors, split, wrong_spikes
from snnlab.nets.inference import activations
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.simulation.graded import Bistable, MultiThreshold
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import Recording, SpikeTrains
from tests import small_models


def population(neuron=None, rate_hz=500.0, cycle=1):
    """As much of one as the split looks at; an activation of 1 is half a threshold a step."""
    ensemble = SimpleNamespace(neuron_type=neuron or IntegrateAndFire())
    return SimpleNamespace(ensemble=ensemble, rate_hz=rate_hz, cycle=cycle)


CASES = {
    # thresholds a step, spikes in 8 steps, the ANN's activation, and which part has the error
    "all is well": (0.5, 4, 1.0, {}),
    "its sources told too much": (0.5, 4, 0.75, {"inherited": 0.25}),
    "more than a spike a step": (1.5, 8, 3.0, {"clipping": -1.0}),
    "between two counts": (0.55, 4, 1.1, {"quantisation": -0.1}),
    "a spike missing": (0.5, 3, 1.0, {"timing": -0.25}),
    "a spike too many": (0.25, 3, 0.5, {"timing": 0.25}),
    "silence was right": (-0.3, 0, 0.0, {}),
    "spiked before it was inhibited": (-0.3, 2, 0.0, {"wrong": 0.5}),
    "the sum of it": (1.25, 7, 2.0, {"inherited": 0.5, "clipping": -0.5, "timing": -0.25}),
}


@pytest.mark.parametrize(("drive", "spikes", "ann", "expected"), CASES.values(), ids=CASES)
def test_cases_made_by_hand(drive, spikes, ann, expected):
    told = np.array([spikes / 8 / 0.5])
    parts = split(population(), np.array([drive]), told, np.array([ann]), 8)
    found = {name: float(parts[name][0]) for name in PARTS}
    assert found == pytest.approx(dict.fromkeys(PARTS, 0.0) | expected)


def test_graded_spikes_are_finer_and_may_be_twice_as_many():
    drive, ann = np.array([1.5, 0.55, 2.5]), np.array([3.0, 1.1, 5.0])
    told = np.array([1.5, 0.5625, 2.0]) / 0.5
    parts = split(population(MultiThreshold()), drive, told, ann, 8)
    np.testing.assert_allclose(parts["clipping"], [0, 0, -1.0], atol=1e-12)
    # 0.55 * 8 = 4.4, to quarters 4.5
    np.testing.assert_allclose(parts["quantisation"], [0, 0.1 / 8 / 0.5, 0], atol=1e-12)
    np.testing.assert_allclose(parts["timing"], 0, atol=1e-12)


def test_a_cycle_has_its_own_largest_rate():
    """Sizes 1/2 and 1/4 in turn: 3/8 a step."""
    neuron = population(Bistable((0.5, 0.25)), cycle=2)
    parts = split(neuron, np.array([0.5]), np.array([0.75]), np.array([1.0]), 8)
    np.testing.assert_allclose(parts["clipping"], [-0.25])


@given(st.floats(-3, 3), st.integers(0, 20), st.floats(0, 4), st.integers(1, 20))
def test_the_parts_add_up(drive, spikes, ann, steps):
    told = np.array([spikes / steps / 0.5])
    parts = split(population(), np.array([drive]), told, np.array([ann]), steps)
    np.testing.assert_allclose(sum(parts.values()), told - ann, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["rate-scaling", "data-normalisation", "ecc", "bistable", "multi-threshold"]
)
def test_errors_of_every_method(name):
    """Parts are there, the total is that of the rates, and a long run has little of each."""
    model, image = small_models.model(6), small_models.image(32)
    ann = activations(model, image)
    totals = {}
    for timesteps in (48, 480):
        settings = Settings(method=name, timesteps=timesteps, lower_hz=900, upper_hz=1000)
        network = conversion.method(name).convert(model, image, settings)
        recording = event.run(network, timesteps, threads=1)
        found = layer_errors(network, recording, ann)
        assert [item.name for item in found] == [layer.name for layer in model.populations()]
        for item in found:
            rates = recording[item.name].rates_hz()
            rate = next(p.rate_hz for p in network.populations if p.name == item.name)
            expected = np.sqrt(np.mean((rates / rate - ann[item.name]) ** 2))
            assert item.total == pytest.approx(expected, rel=1e-4)
            assert item.total <= sum(getattr(item, part) for part in PARTS) + 1e-6
        # nothing is before the encoder to be inherited
        assert found[0].inherited < 1e-5
        totals[timesteps] = np.mean([item.total for item in found])
    assert totals[480] < totals[48]


def test_wrong_spikes_are_those_of_inactive_neurons():
    spikes = np.array([[1, 0, 1, 0, 1, 0], [1, 0, 0, 0, 1, 1]])
    words, _ = pack(spikes)
    trains = SpikeTrains("layer", (1, 2, 3), words, 2)
    active = np.array([0, 0, 0.5, 0, 0, 0.1]).reshape(1, 2, 3)
    (found,) = wrong_spikes(Recording((trains,), "event", 2, 0.0), {"layer": active})
    assert (found.neurons, found.inactive, found.spikes) == (2, 4, 4)


def test_bistable_neurons_send_fewer_wrong_spikes():
    """What they are for; at the same number of steps as plain neurons."""
    model, image = small_models.model(6), small_models.image(32)
    ann, found = activations(model, image), {}
    for name in ("data-normalisation", "bistable"):
        settings = Settings(method=name, timesteps=72)
        network = conversion.method(name).convert(model, image, settings)
        recording = event.run(network, 72, threads=1)
        found[name] = sum(item.neurons for item in wrong_spikes(recording, ann))
    assert found["bistable"] < 0.5 * found["data-normalisation"]
