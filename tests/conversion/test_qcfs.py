"""QCFS: its activation, and what its neurons count, against each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.conversion import qcfs
from snnlab.errors import LabError
from snnlab.settings import Settings
from snnlab.simulation import event, nengo_reference
from snnlab.simulation.closed_form import closed_form
from tests import small_models


def trained(seed=6):
    """A small net that says it was trained so, with a threshold of its own in each layer."""
    model = small_models.model(seed)
    rates = {
        layer.name: 1000 / (0.7 * max(model.activation_at(layer.name, 100), 0.1))
        for layer in model.populations()
    }
    return replace(model, rate_hz=rates, card={"settings": {"method": "qcfs"}})


def counts(z, threshold, steps):
    """Spikes of neurons given a constant input."""
    voltage, total = np.full(np.shape(z), 0.5), np.zeros(np.shape(z))
    for _ in range(steps):
        voltage += z / threshold
        fired = voltage >= 1
        voltage -= fired
        total += fired
    return total


@given(st.integers(1, 32), st.floats(0.1, 5), st.integers(0, 2**31))
def test_neurons_count_the_activation_where_steps_are_levels(levels, threshold, seed):
    z = np.random.default_rng(seed).uniform(-1, 2, 200) * threshold
    apart = np.abs(z * levels / threshold + 0.5 - np.rint(z * levels / threshold + 0.5))
    z = z[apart > 1e-6]
    told = threshold * counts(z, threshold, levels) / levels
    np.testing.assert_allclose(told, qcfs.activation(z, threshold, levels), atol=1e-9)


@pytest.mark.parametrize("levels", [4, 8])
@pytest.mark.parametrize("steps", [2, 3, 7, 16, 33])
def test_the_expected_error_is_zero_at_any_number_of_steps(levels, steps):
    """Over inputs that are uniform in 0..lambda, as the paper's theorem has it."""
    grid = (np.arange(200_000) + 0.5) / 200_000
    told = np.clip(np.floor(grid * steps + 0.5), 0, steps) / steps
    assert abs((told - qcfs.activation(grid, 1.0, levels)).mean()) < 1e-5
    # without the shift it is not
    down = np.clip(np.floor(grid * steps), 0, steps) / steps
    assert abs((down - grid).mean()) > 0.4 / steps
    # and the neurons count what the formula says
    some = grid[::997]
    np.testing.assert_array_equal(counts(some, 1.0, steps), told[::997] * steps)


def test_thresholds_are_the_trained_ones():
    model = trained()
    network = qcfs.convert(model, small_models.image(32), Settings(initial=0.0))
    for population in network.populations:
        assert population.rate_hz == model.rate_hz[population.name]
        neuron = population.ensemble.neuron_type
        assert neuron.reset == "subtraction" and neuron.lower == -np.inf
        np.testing.assert_array_equal(neuron.initial_state["voltage"].sample(2), 0.5)


@pytest.mark.parametrize("levels", [4, 8])
def test_even_input_gives_the_trained_nets_activations(levels):
    """The whole net by the closed form with T = L: ``h`` after each layer, in NumPy."""
    model, image = trained(), small_models.image(32)
    network = qcfs.convert(model, image, Settings())
    formula = closed_form(network, levels)
    kernel, bias = model.kernels["encoder"][0, 0, 0], model.biases["encoder"]
    threshold = 1000 / model.rate_hz["encoder"]
    expected = qcfs.activation(image[..., None] * kernel + bias, threshold, levels)
    found = formula["encoder"] / levels * threshold
    assert (np.abs(found - expected) > 1e-6).mean() < 1e-3  # ties, in single precision
    recording = event.run(network, levels, threads=1)
    np.testing.assert_array_equal(recording["encoder"].counts(), formula["encoder"])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_event_simulator_spikes_as_nengo(dtype):
    network = conversion.method("qcfs").convert(trained(), small_models.image(32), Settings())
    reference = nengo_reference.run(network, 16)
    found = event.run(network, 16, dtype=dtype, threads=1)
    for trains in reference.populations:
        np.testing.assert_array_equal(found[trains.name].words, trains.words)
        assert trains.total() > 0


def test_a_model_that_was_not_trained_for_it_is_refused():
    with pytest.raises(LabError, match="small-6 was not trained for qcfs"):
        qcfs.convert(small_models.model(6), small_models.image(32), Settings())
