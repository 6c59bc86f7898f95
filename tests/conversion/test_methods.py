"""What all conversion methods have in common, and the defining property of each."""

import math
from dataclasses import replace

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.dists import get_samples
from scipy.special import softmax

from snnlab import conversion
from snnlab.conversion import (
    bistable,
    building,
    calibration,
    data_normalisation,
    ecc,
    multi_threshold,
)
from snnlab.errors import LabError
from snnlab.nets.architecture import wires
from snnlab.nets.inference import activations, segment
from snnlab.nets.model import PERCENTILES
from snnlab.settings import Settings
from snnlab.simulation import closed_form, event, nengo_reference
from snnlab.simulation.graded import Bistable, MultiThreshold
from snnlab.simulation.network import Population
from tests import small_models

METHODS = (
    "rate-scaling", "data-normalisation", "ecc", "bistable", "multi-threshold", "spiking-unet",
)  # fmt: skip


def converted(name, model=None, size=32, **chosen):
    model = model or small_models.model(6)
    chosen = Settings(method=name, **chosen)
    return conversion.method(name).convert(model, small_models.image(size), chosen)


def same(one, other):
    """Whether two recordings hold the same spikes, of the same sizes."""
    return all(
        np.array_equal(trains.words, other[trains.name].words)
        and np.array_equal(trains.planes, other[trains.name].planes)
        for trains in one.populations
    )


@pytest.mark.parametrize("name", METHODS)
def test_the_event_simulator_spikes_as_nengo(name):
    network = converted(name, timesteps=66, lower_hz=900, upper_hz=1000)
    reference = nengo_reference.run(network, 66)
    assert reference[network.populations[-1].name].total() > 0
    for dtype in ("float32", "float64"):
        assert same(reference, event.run(network, 66, dtype=dtype, threads=1))


@pytest.mark.parametrize("chosen", [{"input": "poisson", "seed": 3}, {"reset": "zero"},
                                    {"synapse_ms": 3}, {"percentile": 95}])  # fmt: skip
def test_so_it_does_for_the_ways_of_data_normalisation(chosen):
    network = converted("data-normalisation", timesteps=66, **chosen)
    assert same(nengo_reference.run(network, 66), event.run(network, 66, threads=1))


@pytest.mark.parametrize("name", METHODS)
def test_a_long_run_comes_to_the_ann(name):
    model, image = small_models.model(6), small_models.image(32)
    expected, errors = segment(model, image).probability, []
    for timesteps in (40, 1000):
        network = converted(name, timesteps=timesteps, lower_hz=900, upper_hz=1000, percentile=100)
        found = network.probability(event.run(network, timesteps, threads=1))
        errors.append(np.abs(found - expected).mean())
    assert errors[1] < 0.02 and errors[1] < errors[0]


def test_methods_say_what_they_are():
    for item in conversion.METHODS:
        for text in (item.summary, item.limits, item.assumes, item.needs):
            assert text.endswith(".") and len(text) > 10
    able = {item.name for item in conversion.METHODS if item.loihi}
    assert able == {"rate-scaling", "nengo-dl-converter"}


# ---- statistics


@given(st.integers(0, 2**31), st.floats(0.0, 0.98), st.floats(90, 99.9))
@settings(max_examples=60)
def test_percentiles_of_the_active_follow_from_those_of_all(seed, silent, percentile):
    """Against a million activations, most of them 0, of which only percentiles are kept."""
    random = np.random.default_rng(seed)
    values = random.gamma(2.0, 1.0, 200_000) * (random.random(200_000) >= silent)
    model = replace(
        small_models.untuned(),
        quantiles={"down0": np.percentile(values, PERCENTILES).astype(np.float32)},
    )
    assert calibration.silent_share(model, "down0") == pytest.approx(silent, abs=0.12)
    found = calibration.percentile_of_active(model, "down0", percentile)
    active = values[values > 0]
    low, high = np.percentile(active, [percentile - 2.5, min(percentile + 2.5, 100)])
    assert low <= found <= high
    assert calibration.largest(model, "down0") == pytest.approx(values.max())


def test_a_silent_layer_is_left_as_it_is():
    quantiles = dict.fromkeys(small_models.untuned().rate_hz, np.zeros(len(PERCENTILES)))
    model = replace(small_models.untuned(), quantiles=quantiles)
    assert set(data_normalisation.lambdas(model, Settings()).values()) == {1.0}


# ---- data normalisation


def test_weights_and_biases_are_normalised_as_the_paper_says():
    """``W lambda_source / lambda``, each branch by its own; one spike a step is ``lambda``."""
    model = small_models.model(6)
    network = converted("data-normalisation")
    largest = data_normalisation.lambdas(model, Settings())
    made = {c.label: c for c in network.network.all_connections}
    for population, layer in zip(network.populations, model.populations(), strict=True):
        assert population.rate_hz == pytest.approx(1000 / largest[layer.name])
        bias = get_samples(population.ensemble.bias, layer.channels) * 0.001
        np.testing.assert_allclose(bias, model.biases[layer.name] / largest[layer.name], rtol=1e-6)
        for wire in wires(layer, model.layers):
            connection = made[f"{wire.source} to {layer.name}"]
            sent = 1.0
            if wire.source != "image":
                sent = connection.pre_obj.ensemble.neuron_type.amplitude / 0.001
            kernel = model.kernels[layer.name][:, :, wire.first : wire.last]
            scale = largest.get(wire.source, 1.0) / largest[layer.name]
            np.testing.assert_allclose(
                connection.transform.init * sent * 0.001, kernel * scale, rtol=1e-5
            )


@given(st.floats(0, 1), st.integers(1, 200))
def test_subtraction_tells_a_constant_to_less_than_a_spike(z, steps):
    neuron = data_normalisation.neuron(1000.0, Settings(initial=0.0))
    assert abs(counted(neuron, z, steps) / steps - z) < 1 / steps + 1e-9


@given(st.floats(0.02, 1), st.integers(1, 200))
def test_reset_to_zero_has_a_rate_of_one_in_a_whole_number(z, steps):
    if abs(1 / z - round(1 / z)) < 1e-9:
        return
    neuron = data_normalisation.neuron(1000.0, Settings(initial=0.0, reset="zero"))
    assert counted(neuron, z, steps) == steps // math.ceil(1 / z)


def counted(neuron, z, steps):
    """Spikes of a neuron given ``z`` thresholds a step."""
    state, out, count = neuron.make_state(1), np.zeros(1), 0
    for _ in range(steps):
        neuron.step(1.0, np.array([z]), out, **state)
        count += out[0] > 0
    return count


def test_poisson_input_is_seeded_and_means_the_image():
    image = small_models.image(32)
    one, again, other = (
        event.run(converted("data-normalisation", input="poisson", seed=seed), 400, threads=1)
        for seed in (1, 1, 2)
    )
    assert same(one, again) and not same(one, other)
    rates = one["image"].rates_hz()[..., 0] / 1000
    np.testing.assert_allclose(rates, image, atol=5 * 0.5 / np.sqrt(400))


def test_where_the_net_pools_gates_pass_the_largest_rate():
    model, image = small_models.pooled_model(6), small_models.image(32)
    network = conversion.method("data-normalisation").convert(model, image, Settings())
    names = [population.name for population in network.populations]
    assert names[:4] == ["encoder", "down0", "pool-down1", "down1"]
    reference = nengo_reference.run(network, 66)
    recording = event.run(network, 66, threads=1)
    assert same(reference, recording)
    below = recording["down0"].counts().reshape(16, 2, 16, 2, -1)
    # the number of spikes of the most active of each window
    np.testing.assert_array_equal(recording["pool-down1"].counts(), below.max(axis=(1, 3)))
    # and the steps are those of one of them, the argmax, once it leads by far
    long = event.run(network, 512, threads=1)
    trains = long["down0"].raster(np.arange(long["down0"].neurons)).reshape(512, 16, 2, 16, 2, -1)
    trains = trains.transpose(0, 1, 3, 5, 2, 4).reshape(512, -1, 4)
    gates = long["pool-down1"].raster(np.arange(long["pool-down1"].neurons))
    counts = trains[:256].sum(axis=0)
    ordered = np.sort(counts, axis=1)
    clear = (ordered[:, 3] - ordered[:, 2] > 20) & (
        trains.sum(axis=0).argmax(axis=1) == counts.argmax(axis=1)
    )
    assert clear.sum() > 50
    best = np.take_along_axis(trains[256:], counts.argmax(axis=1)[None, :, None], axis=2)[..., 0]
    np.testing.assert_array_equal(gates[256:, clear], best[:, clear])


def test_the_pooled_net_comes_to_its_ann():
    model, image = small_models.pooled_model(6), small_models.image(32)
    network = conversion.method("data-normalisation").convert(model, image, Settings())
    found = network.probability(event.run(network, 1000, threads=1), 500)
    assert np.abs(found - segment(model, image).probability).mean() < 0.02


def test_a_spiking_softmax_shares_its_spikes_by_probability():
    model, image = small_models.pooled_model(6), small_models.image(32)
    network = conversion.method("data-normalisation").convert(model, image, Settings())
    added = data_normalisation.with_spiking_softmax(network, model, seed=4)
    whole = replace(network, populations=(*network.populations, added))
    reference, recording = nengo_reference.run(whole, 40), event.run(whole, 40, threads=1)
    assert same(reference, recording)
    spikes = event.run(whole, 1000, threads=1)
    shares = spikes["softmax"].counts() / 1000
    active = spikes["up0"].rates_hz() / network.populations[-1].rate_hz
    logits = active @ model.kernels["readout"][0, 0] + model.biases["readout"]
    # the potentials were others on the way; drawing adds 1 / sqrt(steps)
    assert np.abs(shares - softmax(logits, axis=-1)).mean() < 0.03
    with pytest.raises(LabError, match="has one class"):
        data_normalisation.with_spiking_softmax(network, small_models.model(6))


# ---- explicit current control


def test_ecc_is_its_closed_form_where_input_is_even():
    """Encoders, whose image is constant; and all layers, if rates are none or one a step."""
    network = converted("ecc")
    recording = event.run(network, 37, threads=1)
    formula = closed_form.closed_form(network, 37)
    np.testing.assert_array_equal(recording["encoder"].counts(), formula["encoder"])
    first, *_, last = ecc.difference(network, recording)
    assert first.unequal == 0 and last.unequal > 0
    # a bias far above or below the threshold: every step, or never
    model = small_models.model(6)
    random = np.random.default_rng(0)
    strong = {
        layer.name: random.choice([-1e4, 1e4], layer.channels).astype(np.float32)
        for layer in model.populations()
    } | {"readout": model.biases["readout"]}
    for layer in model.populations()[-1:]:
        strong[layer.name] = model.biases[layer.name]  # the last one is given even input
    even = converted("ecc", replace(model, biases=strong))
    recording = event.run(even, 37, threads=1)
    assert all(item.unequal == 0 for item in ecc.difference(even, recording))
    assert 0 < recording["up0"].counts().mean() < 37


def test_the_closed_form_is_spkerass():
    """Written out for one layer, with a threshold of 100."""
    model, image = small_models.model(6), small_models.image(32)
    formula = closed_form.closed_form(converted("ecc"), 25)
    kernel = model.kernels["encoder"][0, 0, 0] / calibration.largest(model, "encoder")
    bias = model.biases["encoder"] / calibration.largest(model, "encoder")
    v_thr = 100
    summed = v_thr * (image[..., None] * 25 * kernel + bias * 25)
    expected = np.clip(np.floor((np.maximum(summed, 0) + v_thr / 2) / v_thr), 0, 25)
    assert (formula["encoder"] != expected).mean() < 1e-3  # ties, in single precision


def test_the_closed_form_is_of_one_kind_of_neuron():
    with pytest.raises(LabError, match="integrate-and-fire neurons that reset by subtraction"):
        closed_form.closed_form(converted("multi-threshold"), 8)


def test_mean_drive_is_what_the_spikes_bring():
    """Against Nengo's own input to the neurons, averaged over the steps."""
    for name in ("data-normalisation", "multi-threshold"):
        network = converted(name)
        with network.network:
            probes = {p.name: nengo.Probe(p.ensemble.neurons, "input") for p in network.populations}
        with nengo.Simulator(network.network, progress_bar=False) as simulator:
            simulator.run_steps(50)
        recording = nengo_reference.run(network, 50)
        drive = closed_form.mean_drive(network, recording, 10, 45)
        for population in network.populations:
            expected = simulator.data[probes[population.name]][10:45].mean(axis=0) * 0.001
            np.testing.assert_allclose(drive[population.name].ravel(), expected, atol=1e-9)


# ---- bistable


def test_layers_listen_one_after_the_other_and_skips_are_held_back():
    model = small_models.model(6)
    network = converted("bistable", timesteps=60)
    steps = bistable.cycle(model, 60)
    depth = bistable.depths(model)
    starts = {p.name: p.ensemble.neuron_type.start for p in network.populations}
    for layer in model.populations():
        assert starts[layer.name] == depth[layer.name] * steps
    held = [p for p in network.populations if "-to-" in p.name]
    assert {p.name for p in held} == {"down0-to-up0", "down1-to-up1"}
    recording = event.run(network, 60, threads=1)
    for population in network.populations:
        assert isinstance(population.ensemble.neuron_type, Bistable)
        trains = recording[population.name]
        # silent until the cycle in which they listened has ended
        assert trains.total(0, population.first) == 0
        assert trains.total(population.first, population.first + steps) > 0
    for relay in held:
        source, target = relay.name.split("-to-")
        assert starts[relay.name] + steps == starts[target]
        # a cycle later, the same
        first = starts[relay.name]
        sent = recording[source].sums(first, first + steps)
        np.testing.assert_allclose(
            recording[relay.name].sums(first + steps, first + 2 * steps), sent, atol=1e-6
        )


def test_a_cycle_is_the_ann_with_its_activations_rounded():
    """Layer by layer from the spikes of the one before: exact to half of the smallest size."""
    model, image = small_models.model(6), small_models.image(32)
    timesteps = 6 * (max(bistable.depths(model).values()) + 2)
    network = converted("bistable", timesteps=timesteps, percentile=100)
    recording = event.run(network, timesteps, threads=1)
    ann = activations(model, image)
    for population in network.populations:
        if population.name in ann:
            found = recording[population.name].rates_hz() / population.rate_hz
            bound = 12 / (2**6 - 1) / (population.rate_hz * 0.006)
            assert np.abs(found - ann[population.name]).max() < bound


@given(st.integers(1, 1000))
def test_a_result_is_complete_in_the_time_there_is(timesteps):
    model = small_models.model(6)
    cycles = max(bistable.depths(model).values()) + 2
    steps = bistable.cycle(model, timesteps)
    assert 1 <= steps <= bistable.LONGEST
    assert steps * cycles <= max(timesteps, cycles)
    assert steps == bistable.LONGEST or (steps + 1) * cycles > timesteps
    assert sum(bistable.sizes(steps)) == pytest.approx(1)


# ---- multi-threshold


def test_spikes_of_four_sizes_come_from_every_layer_normalised_by_connection():
    network = converted("multi-threshold")
    plain = converted("data-normalisation")
    recording = event.run(network, 32, threads=1)
    for population, other in zip(network.populations, plain.populations, strict=True):
        neuron = population.ensemble.neuron_type
        assert isinstance(neuron, MultiThreshold) and neuron.sizes == multi_threshold.SIZES
        # the percentile is one and a half thresholds a step
        assert population.rate_hz == pytest.approx(1.5 * other.rate_hz)
        assert recording[population.name].planes[-1].any()
    for one, other in zip(
        network.network.all_connections, plain.network.all_connections, strict=True
    ):
        np.testing.assert_allclose(one.transform.init, 1.5 * other.transform.init, rtol=1e-6)


def test_the_authors_form_has_their_scale_and_start_and_sends_several_at_once():
    """``v_reset = 0``, ``vth = 1`` for an activation of lambda: `Parser.convert_to_snn`."""
    network, plain = converted("spiking-unet"), converted("data-normalisation")
    recording = event.run(network, 32, threads=1)
    for population, other in zip(network.populations, plain.populations, strict=True):
        neuron = population.ensemble.neuron_type
        assert neuron.together and neuron.sizes == (2, 1, 0.5, 0.25)
        assert neuron.make_state(1)["voltage"] == 0
        assert population.rate_hz == other.rate_hz
    assert any(t.total() > np.bitwise_count(t.words).sum() for t in recording.populations)
    for one, other in zip(
        network.network.all_connections, plain.network.all_connections, strict=True
    ):
        np.testing.assert_allclose(one.transform.init, other.transform.init, rtol=1e-6)


def test_it_is_nearer_to_the_ann_after_as_many_steps():
    model, image = small_models.model(6), small_models.image(32)
    expected, errors = segment(model, image).probability, {}
    for name in ("data-normalisation", "multi-threshold"):
        network = converted(name)
        found = network.probability(event.run(network, 16, threads=1))
        errors[name] = np.abs(found - expected).mean()
    assert errors["multi-threshold"] < errors["data-normalisation"]


@pytest.mark.parametrize("name", ["bistable", "multi-threshold"])
def test_graded_spikes_do_not_go_through_gates(name):
    with pytest.raises(LabError, match="gate"):
        converted(name, small_models.pooled_model(6))


def test_a_relay_keeps_what_it_passes_on():
    model = small_models.model(6)
    network = building.build(
        model,
        small_models.image(32),
        lambda layer: building.Neurons(500.0, MultiThreshold(amplitude=1 / 500)),
        relay=lambda wire, layer: (
            building.Neurons(250.0, MultiThreshold(amplitude=1 / 250))
            if wire.source == "down0" and layer.name == "up0"
            else None
        ),
    )
    (relay,) = (p for p in network.populations if p.name == "down0-to-up0")
    assert isinstance(relay, Population) and relay.shape == (32, 32, 3)
    recording = event.run(network, 300, threads=1)
    np.testing.assert_allclose(
        recording["down0-to-up0"].rates_hz() / 250,
        recording["down0"].rates_hz() / 500,
        atol=2 * 0.375 / 300 / 0.25,
    )
