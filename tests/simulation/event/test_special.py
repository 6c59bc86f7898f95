"""Graded neurons, gates and chance in the event-driven simulator: the spikes are Nengo's."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.dists import Choice

from snnlab.simulation import nengo_reference
from snnlab.simulation.chance import Poisson
from snnlab.simulation.event import Simulator, Unsupported, prepare, run
from snnlab.simulation.gates import MaxPoolGate, gate_weights
from snnlab.simulation.graded import Bistable, MultiThreshold
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.softmax import SpikingSoftmax
from snnlab.simulation.words import tally
from tests.simulation.event.unets import random_unet

UNIT = 1 / 100


def graded_unet(kind, size, seed=0, gain=8.0):
    """The random U-Net with graded neurons; bistable ones start layer after layer."""
    authors = kind == "spiking-unet"
    network = random_unet(size, seed=seed, neurons=MultiThreshold(amplitude=UNIT, together=authors))
    for index, population in enumerate(network.populations):
        population.ensemble.gain = Choice([gain])
        if kind == "bistable":
            population.ensemble.neuron_type = Bistable(start=3 * index, amplitude=UNIT)
    return network


def differing(one, other):
    """Words of any size that differ."""
    return sum(int((a.planes != other[a.name].planes).sum()) for a in one.populations)


@pytest.mark.parametrize("kind", ["multi-threshold", "spiking-unet", "bistable"])
def test_graded_unets_spike_as_in_nengo(kind):
    network = graded_unet(kind, 32)
    reference = nengo_reference.run(network, 70)
    for dtype in ("float64", "float32"):
        found = run(network, 70, dtype=dtype, threads=2)
        assert differing(reference, found) == 0
        for trains in found.populations:
            np.testing.assert_array_equal(trains.words, np.bitwise_or.reduce(trains.planes))
            total = reference[trains.name].sums()
            np.testing.assert_allclose(trains.sums(), total)
            each = sum(np.bitwise_count(plane).sum(0) for plane in trains.planes)
            np.testing.assert_array_equal(trains.counts().ravel(), each)
            histogram, positions = tally(trains)
            assert histogram @ np.arange(len(histogram)) == positions.sum() == each.sum()
            some = np.arange(0, trains.neurons, 97)
            np.testing.assert_array_equal(trains.raster(some).sum(0), each[some])
    if kind == "spiking-unet":
        assert any(t.total() > np.bitwise_count(t.words).sum() for t in found.populations)
    assert sum(reference[name].total() for name in ("up0", "down0")) > 1000
    for plane in range(4):  # all sizes occur
        assert any(trains.planes[plane].any() for trains in reference.populations)


@pytest.mark.parametrize("kind", ["multi-threshold", "spiking-unet", "bistable"])
def test_single_precision_is_settled_for_graded_spikes(monkeypatch, kind):
    network = graded_unet(kind, 96, seed=1, gain=1.5)
    exact = run(network, 130, dtype="float64", threads=2)
    assert differing(exact, run(network, 130, threads=2)) == 0
    monkeypatch.setattr(prepare, "DOUBT", 0.0)
    assert differing(exact, run(network, 130, threads=2)) > 0


def test_sizes_that_single_precision_rounds_are_settled_exactly():
    """Sums that land on a threshold of a seventh: in single precision it is another number."""
    sizes = (4 / 7, 2 / 7, 1 / 7)
    drive = np.arange(1, 4001) / 7 / 8 / 3  # many of the cycles' sums end on a half of a size
    with nengo.Network() as network:
        made = nengo.Ensemble(
            4000, 1, neuron_type=Bistable(sizes), gain=Choice([1.0]), bias=drive * 1000 % 300
        )
        probe = nengo.Probe(made.neurons)
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(60)
    for dtype in ("float32", "float64"):
        with Simulator(network, progress_bar=False, dtype=dtype) as simulator:
            simulator.run_steps(60)
            np.testing.assert_allclose(simulator.data[probe], reference.data[probe])


@st.composite
def mixed(draw):
    """Two to four populations of any kind, one after the other, and a probe on each."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    shape = draw(st.tuples(st.integers(2, 7), st.integers(2, 7), st.integers(1, 3)))
    with nengo.Network(seed=1) as network:
        image = nengo.Node(random.rand(int(np.prod(shape))))
        pixels = nengo.Ensemble(
            image.size_out,
            1,
            neuron_type=draw(st.sampled_from([Poisson(5, UNIT), IntegrateAndFire(amplitude=UNIT)])),
            gain=Choice([1.0]),
            bias=Choice([0.0]),
        )
        nengo.Connection(image, pixels.neurons, transform=700, synapse=None)
        before, probes = pixels, [nengo.Probe(pixels.neurons)]
        for _ in range(draw(st.integers(1, 3))):
            kind = draw(st.sampled_from(["if", "multi", "bistable", "dense"]))
            channels = draw(st.integers(1, 5))
            count = shape[0] * shape[1] * channels
            neurons = {
                "if": IntegrateAndFire(amplitude=UNIT),
                "multi": MultiThreshold(draw(st.sampled_from([(2, 1, 0.5, 0.25), (1, 0.5)])), UNIT),
                "bistable": Bistable((0.5, 0.25, 0.125), draw(st.integers(0, 9)), UNIT),
                "dense": MultiThreshold((4, 2, 1, 0.5, 0.25, 0.125), UNIT),
            }[kind]
            ensemble = nengo.Ensemble(
                count,
                1,
                neuron_type=neurons,
                gain=Choice([1.0]),
                bias=np.tile(random.uniform(-100, 200, channels), count // channels),
            )
            if kind == "dense":
                transform = random.uniform(-20, 30, (count, before.n_neurons)) / shape[0]
            else:
                init = random.uniform(-30, 60, (3, 3, shape[2], channels))
                transform = nengo.Convolution(channels, shape, (3, 3), (1, 1), "same", init=init)
            synapse = draw(st.sampled_from([None, nengo.Lowpass(0.004)]))
            nengo.Connection(before.neurons, ensemble.neurons, transform=transform, synapse=synapse)
            before, shape = ensemble, (*shape[:2], channels)
            probes.append(nengo.Probe(ensemble.neurons))
    return network, probes


@settings(max_examples=40, deadline=None)
@given(mixed(), st.integers(1, 60), st.integers(1, 80))
def test_networks_of_all_kinds_spike_as_in_nengo(drawn, first, then):
    """In two calls, so that what neurons keep is handed on."""
    network, probes = drawn
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(first + then)
    with Simulator(network, progress_bar=False, dtype="float64") as simulator:
        simulator.run_steps(first)
        simulator.run_steps(then)
        for probe in probes:
            # a filtered sum that lands on a threshold may go either way
            np.testing.assert_allclose(simulator.data[probe], reference.data[probe], rtol=1e-9)


def pooled(seed):
    """Pixels by chance, neurons, gates, a softmax: the ways of `data-normalisation`."""
    random = np.random.RandomState(seed)
    with nengo.Network(seed=1) as network:
        image = nengo.Node(random.rand(12 * 10))
        one = Choice([1.0])
        pixels = nengo.Ensemble(120, 1, neuron_type=Poisson(3), gain=one, bias=np.zeros(120))
        nengo.Connection(image, pixels.neurons, transform=1000, synapse=None)
        source = nengo.Ensemble(
            480, 1, neuron_type=IntegrateAndFire(amplitude=UNIT), gain=one, bias=np.zeros(480)
        )
        init = random.uniform(-0.2, 0.5, (3, 3, 1, 4))
        wide = nengo.Convolution(4, (12, 10, 1), (3, 3), (1, 1), "same", init=init)
        nengo.Connection(pixels.neurons, source.neurons, transform=wide, synapse=None)
        gate = nengo.Ensemble(
            120, 1, neuron_type=MaxPoolGate(4, UNIT), gain=one, bias=np.zeros(120)
        )
        kernel = np.tile(gate_weights(4, UNIT).reshape(2, 2, 1, 1), 4)
        pool = nengo.Convolution(4, (12, 10, 4), (2, 2), (2, 2), "valid", init=kernel, groups=4)
        nengo.Connection(source.neurons, gate.neurons, transform=pool, synapse=None)
        share = nengo.Ensemble(
            60, 1, neuron_type=SpikingSoftmax(2, 0.7, 5), gain=one, bias=np.zeros(60)
        )
        init = random.randn(1, 1, 4, 2) * 300
        out = nengo.Convolution(2, (6, 5, 4), (1, 1), (1, 1), "same", init=init)
        nengo.Connection(gate.neurons, share.neurons, transform=out, synapse=None)
        probes = [nengo.Probe(part.neurons) for part in (pixels, source, gate, share)]
    return network, probes


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gates_and_chance_spike_as_in_nengo(dtype):
    for seed in range(3):
        network, probes = pooled(seed)
        with nengo.Simulator(network, progress_bar=False) as reference:
            reference.run_steps(150)
        with Simulator(network, progress_bar=False, dtype=dtype) as simulator:
            simulator.run_steps(37)
            simulator.run_steps(113)
            for probe in probes:
                np.testing.assert_array_equal(simulator.data[probe], reference.data[probe])
                assert reference.data[probe].any()


def test_what_the_simulator_cannot_show_is_refused():
    network = graded_unet("bistable", 16)
    with network.network:
        nengo.Probe(network.populations[0].ensemble.neurons, "voltage")
    with pytest.raises(Unsupported, match="follows that of integrate-and-fire neurons"):
        Simulator(network.network)


def test_classes_of_a_softmax_must_be_channels():
    with nengo.Network() as network:
        image = nengo.Ensemble(16, 1, neuron_type=Poisson(), gain=Choice([1.0]), bias=Choice([9]))
        made = nengo.Ensemble(
            48, 1, neuron_type=SpikingSoftmax(2), gain=Choice([1.0]), bias=np.zeros(48)
        )
        init = np.ones((1, 1, 1, 3))
        nengo.Connection(
            image.neurons,
            made.neurons,
            transform=nengo.Convolution(3, (4, 4, 1), (1, 1), init=init),
        )
    with pytest.raises(Unsupported, match="softmax over 2 classes, but has 3 channels"):
        Simulator(network)


def test_a_gate_is_one_synapse_of_each_of_its_inputs():
    """A grouped convolution has zeros between its groups, which are no synapses."""
    network, _ = pooled(0)
    with Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(64)
    source = simulator.recording.populations[1]
    events = simulator.recording.synaptic_events()
    assert events[source.name, simulator.recording.populations[2].name] == source.total()
