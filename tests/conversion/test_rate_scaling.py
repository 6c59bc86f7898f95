"""Nengo networks with scaled firing rates, by their parts, their rates and their function."""

from dataclasses import replace

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.conversion import rate_scaling
from snnlab.errors import LabError
from snnlab.nets.inference import activations
from snnlab.nets.model import PERCENTILES
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.simulation.neurons import IntegrateAndFire
from tests import small_models

BOUNDS = st.tuples(st.floats(1, 1000), st.floats(1, 1000)).map(sorted)


@st.composite
def models(draw):
    """Any quantiles and trained rates; the weights do not matter here."""
    made = small_models.untuned()
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([1e-3, 1, 100]))
    quantiles = {
        layer.name: np.sort(random.exponential(scale, len(PERCENTILES))).astype(np.float32)
        for layer in made.populations()
    }
    rate_hz = {name: float(random.uniform(1, 500)) for name in quantiles}
    return replace(made, quantiles=quantiles, rate_hz=rate_hz)


@given(models(), BOUNDS, st.floats(50, 100))
def test_the_percentile_of_the_rates_is_put_between_the_bounds(model, bounds, percentile):
    lower, upper = bounds
    settings = Settings(lower_hz=lower, upper_hz=upper, percentile=percentile)
    for name, rate in rate_scaling.rates(model, settings).items():
        activation = np.interp(percentile, PERCENTILES, model.quantiles[name].astype(float))
        assert lower * (1 - 1e-5) <= activation * rate <= upper * (1 + 1e-5)
        before = activation * model.rate_hz[name]
        if lower <= before <= upper:
            assert rate == pytest.approx(model.rate_hz[name], rel=1e-6)
        else:  # no further than it has to go
            nearest = lower if before < lower else upper
            assert activation * rate == pytest.approx(nearest, rel=1e-5)


def test_a_silent_layer_keeps_its_rate():
    model = small_models.untuned()
    silent = {name: np.zeros(len(PERCENTILES), np.float32) for name in model.rate_hz}
    found = rate_scaling.rates(replace(model, quantiles=silent), Settings())
    assert found == model.rate_hz


def test_the_network_has_one_ensemble_a_layer_and_one_connection_an_input():
    model, image = small_models.model(), small_models.image(32)[:16]
    network = rate_scaling.convert(model, image, Settings(synapse_ms=4))
    made = network.network
    assert len(made.all_ensembles) == len(model.populations())
    wires = [(name, layer.name) for layer in model.populations() for name in layer.inputs]
    assert [c.label for c in made.all_connections] == [f"{a} to {b}" for a, b in wires]
    assert made.all_nodes == [network.image]
    np.testing.assert_allclose(network.image.output, image.ravel())
    rate_of = rate_scaling.rates(model, Settings())
    for population, layer in zip(network.populations, model.populations(), strict=True):
        ensemble = population.ensemble
        assert (population.name, population.on_chip) == (layer.name, layer.on_chip)
        assert population.rate_hz == rate_of[layer.name]
        assert ensemble.n_neurons == np.prod(population.shape)
        assert ensemble.neuron_type.amplitude == pytest.approx(1 / population.rate_hz)
        # row-major, channels last: each position has the channels' biases
        bias = (
            ensemble.bias.sample(ensemble.n_neurons).reshape(population.shape) / population.rate_hz
        )
        expected = np.broadcast_to(model.biases[layer.name], bias.shape)
        np.testing.assert_allclose(bias, expected, rtol=1e-6, atol=1e-9)
    for connection in made.all_connections:
        if connection.pre_obj is network.image:
            assert connection.synapse is None
        else:
            assert connection.synapse == nengo.Lowpass(0.004)


@pytest.mark.parametrize("reset", ["subtraction", "zero"])
def test_neurons_are_as_the_settings_want_them(reset):
    settings = Settings(reset=reset, initial=0.25)
    neuron = rate_scaling.neuron(125.0, settings)
    assert isinstance(neuron, IntegrateAndFire) and neuron.reset == reset
    assert neuron.amplitude == pytest.approx(1 / 125)
    assert neuron.lower == (0 if reset == "zero" else -np.inf)
    np.testing.assert_array_equal(neuron.initial_state["voltage"].sample(5), 0.25)


def test_rates_measured_on_the_training_data_are_between_the_bounds():
    """Simulated: the percentile over neurons, give or take the share of a spike."""
    model = small_models.model(6)
    settings = Settings(percentile=99, lower_hz=90, upper_hz=110)
    timesteps, measured = 400, {}
    for seed in (2, 3):  # the images of the model's quantiles
        network = rate_scaling.convert(model, small_models.image(32, seed=seed), settings)
        recording = nengo_reference.run(network, timesteps)
        for trains in recording.populations:
            measured.setdefault(trains.name, []).append(trains.rates_hz(100).ravel())
    for name, rates in measured.items():
        # what rate curves leave out grows from layer to layer, so the last one is worst
        assert 85 <= np.percentile(np.concatenate(rates), 99) <= 125, name


def test_the_bounds_change_how_fast_a_network_is_and_not_what_it_computes():
    """Rate neurons: the same activations whatever the scale."""
    model, image = small_models.model(6), small_models.image(32)
    expected = activations(model, image)
    for bounds in ((10, 20), (400, 500)):
        settings = Settings(lower_hz=bounds[0], upper_hz=bounds[1])
        network = rate_scaling.convert(model, image, settings, spiking=False)
        with nengo.Simulator(network.network, progress_bar=False) as simulator:
            simulator.step()
            for population in network.populations:
                signal = simulator.model.sig[population.ensemble.neurons]["out"]
                found = simulator.signals[signal].reshape(population.shape)
                np.testing.assert_allclose(found, expected[population.name], atol=1e-4)


def test_rates_may_be_given():
    model, image = small_models.untuned(), small_models.image(32)
    given_rates = {name: 50.0 + index for index, name in enumerate(model.rate_hz)}
    network = rate_scaling.convert(model, image, Settings(), rates_hz=given_rates)
    assert {p.name: p.rate_hz for p in network.populations} == given_rates


def test_the_readout_is_the_last_layer():
    model = small_models.untuned()
    readout = rate_scaling.readout_of(model)
    active = np.random.default_rng(0).uniform(size=(4, 5, 3)).astype(np.float32)
    expected = active @ model.kernels["readout"][0, 0, :, 0] + model.biases["readout"][0]
    np.testing.assert_allclose(readout.logits(active), expected, rtol=1e-6)
    np.testing.assert_allclose(readout.probability(active), 1 / (1 + np.exp(-expected)), rtol=1e-6)


def test_an_image_of_another_size_is_refused():
    with pytest.raises(ValueError, match="not a multiple of 4"):
        rate_scaling.convert(small_models.model(), np.zeros((30, 32), np.float32), Settings())


def test_a_model_that_does_not_know_its_activations_is_refused():
    with pytest.raises(LabError, match="small-0 does not say how active its layers are"):
        rate_scaling.convert(small_models.untuned(), small_models.image(32), Settings())


def test_methods_are_found_by_name_and_say_what_they_are():
    model, image = small_models.model(), small_models.image(32)
    for item in conversion.METHODS:
        assert conversion.method(item.name) is item
        assert item.summary.endswith(".") and item.limits.endswith(".")
    network = conversion.method("rate-scaling").convert(model, image, Settings())
    assert len(network.populations) == len(model.populations())
    with pytest.raises(LabError, match="no conversion method 'magic'; choose one of rate-scaling,"):
        conversion.method("magic")
