"""What the event-driven simulator supports, feature by feature, against Nengo's."""

import nengo
import numpy as np
import pytest
from nengo.dists import Choice, Uniform

from snnlab.errors import LabError
from snnlab.simulation.event import Simulator, Unsupported
from snnlab.simulation.neurons import IntegrateAndFire, Tiled
from tests.simulation.event.networks import DT
from tests.simulation.event.networks import round_weights as weights

STEPS = 100


def population(count, neurons=None, **options):
    neurons = neurons or nengo.SpikingRectifiedLinear(
        1 / 4, initial_state={"voltage": Choice([0.5])}
    )
    options = {"gain": Choice([1]), "bias": Choice([40])} | options
    return nengo.Ensemble(count, 1, neuron_type=neurons, **options)


def compare(network, steps=STEPS, exact=True):
    """Run both and compare all probes; every probe must have seen something."""
    with nengo.Simulator(network, dt=DT, progress_bar=False) as reference:
        reference.run_steps(steps)
    with Simulator(network, dt=DT, dtype="float64", threads=2) as simulator:
        simulator.run_steps(steps)
    assert network.all_probes
    for probe in network.all_probes:
        wanted, found = reference.data[probe], simulator.data[probe]
        assert np.abs(wanted).max() > 0, f"{probe} saw nothing"
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-9, err_msg=str(probe))
    return simulator


@pytest.fixture
def random():
    return np.random.RandomState(5)


@pytest.fixture
def network():
    with nengo.Network(seed=3) as made:
        yield made


def test_convolution_in_one_dimension(network, random):
    source, target = population(30), population(24)
    transform = nengo.Convolution(
        3, (15, 2), kernel_size=(3,), strides=(2,), padding="same", init=weights(random, 3, 2, 3)
    )
    nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=None)
    nengo.Probe(target.neurons)
    compare(network)


@pytest.mark.parametrize("transposed", [False, True])
def test_channels_first(network, random, transposed):
    kind = nengo.transforms.ConvolutionTranspose if transposed else nengo.Convolution
    transform = kind(
        3,
        (2, 5, 4),
        kernel_size=(3, 2),
        strides=(2, 1),
        padding="same",
        channels_last=False,
        init=weights(random, 3, 2, 2, 3),
    )
    source, target = (
        population(40, bias=random.randint(0, 90, 40) * 1.0),
        population(transform.size_out),
    )
    nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=None)
    nengo.Probe(target.neurons)
    compare(network)


def test_groups(network, random):
    transform = nengo.Convolution(
        6, (5, 5, 4), kernel_size=(3, 3), groups=2, init=weights(random, 3, 3, 2, 6)
    )
    source, target = population(100), population(54)
    nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=None)
    nengo.Probe(target.neurons)
    compare(network)


def test_a_given_output_shape_of_a_transposed_convolution(network, random):
    transform = nengo.transforms.ConvolutionTranspose(
        3,
        (4, 3, 2),
        (8, 6, 3),
        kernel_size=(2, 2),
        strides=(2, 2),
        padding="same",
        init=weights(random, 2, 2, 2, 3),
    )
    source, target = population(24), population(144)
    nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=None)
    nengo.Probe(target.neurons)
    compare(network)


def test_slices_of_both_ends(network, random):
    source, target = population(20), population(12, bias=Choice([0]))
    order = random.permutation(12)
    nengo.Connection(source.neurons[3:15], target.neurons[order], transform=2, synapse=None)
    nengo.Connection(source.neurons[::5], target.neurons[:4], synapse=nengo.Lowpass(0.01))
    nengo.Probe(target.neurons)
    compare(network)


def test_passthrough_nodes_vanish(network, random):
    """A concatenation by slices, an addition and a scaling leave only convolutions."""
    left, right = population(50), population(75, bias=random.randint(0, 90, 75) * 1.0)
    both = nengo.Node(size_in=125)
    places = np.arange(125).reshape(5, 5, 5)
    nengo.Connection(left.neurons, both[places[..., :2].ravel()], synapse=nengo.Lowpass(0.005))
    nengo.Connection(right.neurons, both[places[..., 2:].ravel()], synapse=None)
    scaled = nengo.Node(size_in=125)
    nengo.Connection(both, scaled, transform=np.tile([1, 2, -1, 0.5, 1], 25), synapse=None)
    target = population(75)
    transform = nengo.Convolution(3, (5, 5, 5), padding="same", init=weights(random, 3, 3, 5, 3))
    nengo.Connection(scaled, target.neurons, transform=transform, synapse=None)
    nengo.Probe(target.neurons)
    simulator = compare(network)
    assert [stage.target for stage in simulator._plan.stages] == [left, right, target]
    shapes = [link.operator.shape_in for link in simulator._plan.stages[2].links]
    assert shapes == [(5, 5, 2), (5, 5, 3)]


def test_filters_in_a_row_are_run_step_by_step(network, random):
    source, target = population(9), population(9)
    node = nengo.Node(size_in=9)
    nengo.Connection(source.neurons, node, synapse=nengo.Lowpass(0.005))
    nengo.Connection(node, target.neurons, synapse=nengo.Lowpass(0.02))
    nengo.Probe(target.neurons)
    nengo.Probe(node)
    compare(network)


@pytest.mark.parametrize("tau", [0.0, 0.0001, 0.02])
def test_constant_input_through_a_filter_rises(network, tau):
    node, target = nengo.Node(np.arange(1, 7) * 64.0), population(6, bias=Choice([0]))
    nengo.Connection(node, target.neurons, synapse=nengo.Lowpass(tau))
    nengo.Probe(target.neurons)
    compare(network)


def test_different_filters_into_one_population(network, random):
    sources = [population(10, bias=random.randint(0, 90, 10) * 1.0) for _ in range(4)]
    target = population(10)
    for source, tau in zip(sources, [None, 0.005, 0.02, 0.005], strict=True):
        matrix = weights(random, 10, 10)
        synapse = None if tau is None else nengo.Lowpass(tau)
        nengo.Connection(source.neurons, target.neurons, transform=matrix, synapse=synapse)
    nengo.Probe(target.neurons)
    compare(network)


def test_nodes_that_depend_on_time(network, random):
    node = nengo.Node(lambda t: [100 * np.sin(40 * t), 200 * t], size_out=2)
    process = nengo.Node(nengo.processes.PresentInput(random.rand(3, 2) * 300, 0.01))
    noise = nengo.Node(nengo.processes.WhiteNoise(seed=4), size_out=2)
    for source in (node, process, noise):
        target = population(6)
        nengo.Connection(
            source, target.neurons, transform=weights(random, 6, 2), synapse=nengo.Lowpass(0.005)
        )
        nengo.Probe(target.neurons)
        nengo.Probe(source)
    compare(network)


def test_rate_neurons_among_spiking_ones(network, random):
    image = nengo.Node(random.randint(0, 16, 36) / 16)
    steady = population(36, nengo.RectifiedLinear(1 / 8))
    spiking = population(36)
    rates = population(36, nengo.RectifiedLinear(1 / 8))
    last = population(36)
    convolution = nengo.Convolution(1, (6, 6, 1), padding="same", init=weights(random, 3, 3, 1, 1))
    nengo.Connection(image, steady.neurons, transform=40, synapse=None)
    nengo.Connection(steady.neurons, spiking.neurons, transform=convolution, synapse=None)
    nengo.Connection(
        spiking.neurons, rates.neurons, transform=convolution, synapse=nengo.Lowpass(0.01)
    )
    nengo.Connection(rates.neurons, last.neurons, transform=convolution, synapse=None)
    for ensemble in (steady, spiking, rates, last):
        nengo.Probe(ensemble.neurons)
    compare(network)


def test_random_gains_and_biases_are_those_that_nengo_draws(network):
    source = nengo.Ensemble(
        30, 2, neuron_type=IntegrateAndFire(initial_state={"voltage": Uniform(0, 1)})
    )
    target = nengo.Ensemble(
        20, 1, neuron_type=nengo.SpikingRectifiedLinear(), gain=Uniform(1, 2), bias=Uniform(5, 50)
    )
    nengo.Connection(
        source.neurons,
        target.neurons,
        transform=nengo.Dense((20, 30), init=Uniform(-1, 1)),
        synapse=None,
    )
    nengo.Probe(source.neurons)
    nengo.Probe(target.neurons)
    simulator = compare(network)
    with nengo.Simulator(network, dt=DT, progress_bar=False) as reference:
        for ensemble in (source, target):
            for name in ("gain", "bias"):
                np.testing.assert_array_equal(
                    getattr(simulator.data[ensemble], name),
                    getattr(reference.data[ensemble], name),
                )


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_gains_and_biases_that_repeat(network, random, channels):
    """As many values as channels, fewer, and such that do not go with the channels."""
    image = nengo.Node(random.rand(24) * 64)
    source = population(24, gain=Tiled([1, 2]), bias=Tiled([16, 32, 48]))
    target = population(12 * channels, gain=Tiled([0.5, 1, 2]), bias=Tiled([8, 0, 16]))
    nengo.Connection(image, source.neurons, synapse=None)
    convolution = nengo.Convolution(
        channels, (3, 4, 2), padding="same", init=weights(random, 3, 3, 2, channels)
    )
    nengo.Connection(source.neurons, target.neurons, transform=convolution, synapse=None)
    nengo.Probe(source.neurons)
    nengo.Probe(target.neurons)
    compare(network)


def test_several_spikes_in_a_step_reach_the_next_layers(network, random):
    """Through a convolution, through a matrix, and in the recording."""
    source = population(36, bias=random.randint(0, 5000, 36) * 1.0)
    folded, listed = population(36, bias=Choice([0])), population(36, bias=Choice([0]))
    convolution = nengo.Convolution(1, (6, 6, 1), padding="same", init=weights(random, 3, 3, 1, 1))
    nengo.Connection(source.neurons, folded.neurons, transform=convolution, synapse=None)
    nengo.Connection(
        source.neurons[::-1], listed.neurons, transform=-1.5, synapse=nengo.Lowpass(0.01)
    )
    nengo.Connection(source.neurons, listed.neurons, transform=2, synapse=None)
    probes = [nengo.Probe(ensemble.neurons) for ensemble in (source, folded, listed)]
    simulator = compare(network)
    assert simulator.data[probes[0]].max() > 2 * 0.25 / DT
    for trains, probe in zip(simulator.recording.populations, probes, strict=True):
        spikes = simulator.data[probe] * DT / 0.25
        np.testing.assert_array_equal(trains.counts().ravel(), spikes.sum(axis=0))
        np.testing.assert_array_equal(trains.raster(np.arange(36)), spikes)


def test_potentials_and_currents_of_some_neurons(network, random):
    source = population(40, bias=random.randint(0, 90, 40) * 1.0)
    types = [
        nengo.SpikingRectifiedLinear(initial_state={"voltage": Choice([0.25])}),
        IntegrateAndFire("subtraction"),
        IntegrateAndFire("zero", lower=-0.5),
    ]
    for neurons in types:
        convolution = nengo.Convolution(
            3, (5, 4, 2), (3, 3), padding="same", init=weights(random, 3, 3, 2, 3)
        )
        target = population(60, neurons, bias=Choice([8]))
        nengo.Connection(
            source.neurons, target.neurons, transform=convolution, synapse=nengo.Lowpass(0.003)
        )
        nengo.Probe(target.neurons[[7, 3, 59]], "voltage")
        nengo.Probe(target.neurons[10:40:7], "input")
        nengo.Probe(target.neurons, "voltage", sample_every=0.005)
        nengo.Probe(target.neurons[5:35], synapse=nengo.Lowpass(0.01))
        nengo.Probe(target.neurons, synapse=nengo.Alpha(0.01), sample_every=0.003)
    compare(network, steps=150)


UNSUPPORTED = {
    "Alpha": lambda a, b: nengo.Connection(a.neurons, b.neurons, synapse=nengo.Alpha(0.1)),
    "loop": lambda a, b: [
        nengo.Connection(a.neurons, b.neurons),
        nengo.Connection(b.neurons, a.neurons),
    ],
    "learns": lambda a, b: nengo.Connection(
        a.neurons, b.neurons, transform=np.eye(5), learning_rule_type=nengo.PES()
    ),
    "probes nodes, neurons": lambda a, b: nengo.Probe(nengo.Connection(a.neurons, b.neurons)),
    "AdaptiveLIF neurons": lambda a, b: population(4, nengo.AdaptiveLIF()),
    "noise": lambda a, b: population(4, noise=nengo.processes.WhiteNoise()),
    "computes with its input": lambda a, b: nengo.Node(lambda t, x: x, size_in=2),
}


@pytest.mark.parametrize("named", UNSUPPORTED)
def test_what_it_cannot_run_it_names(network, named):
    UNSUPPORTED[named](population(5), population(5))
    with pytest.raises(Unsupported, match=named) as caught:
        Simulator(network)
    assert isinstance(caught.value, LabError)
    assert str(caught.value).count(".") <= 1 + str(caught.value).count("ensemble.neurons")
