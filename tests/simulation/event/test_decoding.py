"""Ensembles by decoders and encoders, feed-forward: as Nengo's own simulator runs them."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.simulation.event import Simulator
from snnlab.simulation.event.decoding import decodes

FUNCTIONS = (None, np.square, lambda x: [x[0], -x[0], 0.5])


@st.composite
def decoded(draw):
    """A signal, and two to four ensembles one after the other; probes of all."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    with nengo.Network(seed=draw(st.integers(0, 1000))) as network:
        size = draw(st.integers(1, 3))
        given_ = random.uniform(-1, 1, size)
        wave = draw(st.booleans())
        source = nengo.Node((lambda t: given_ * np.sin(60 * t)) if wave else given_)
        probes, ensembles = [], []
        for _ in range(draw(st.integers(2, 4))):
            kinds = [nengo.LIF(), nengo.LIFRate(), nengo.SpikingRectifiedLinear()]
            ensemble = nengo.Ensemble(
                draw(st.integers(10, 40)), draw(st.integers(1, 3)),
                neuron_type=draw(st.sampled_from(kinds)), radius=draw(st.sampled_from([1, 1.5])),
            )  # fmt: skip
            function, post = None, ensemble
            options = {"synapse": draw(st.sampled_from([None, 0.005]))}
            if isinstance(source, nengo.Ensemble):
                function = draw(st.sampled_from(FUNCTIONS))
                if function is None and draw(st.booleans()):
                    options["solver"] = nengo.solvers.LstsqL2(weights=True)
                options["function"] = function
            if ensemble.dimensions > 1 and "solver" not in options and draw(st.booleans()):
                post = ensemble[1:]
            into = ensemble.dimensions - (post is not ensemble)
            out = 3 if function is FUNCTIONS[2] else source.size_out
            transform = random.uniform(-1, 1, (into, out))
            nengo.Connection(source, post, transform=transform, **options)
            probes += [nengo.Probe(ensemble), nengo.Probe(ensemble.neurons)]
            probes.append(nengo.Probe(ensemble[-1:], synapse=0.01))
            ensembles.append(ensemble)
            source = ensemble
    return network, ensembles, probes


@settings(deadline=None, max_examples=40)
@given(decoded(), st.sampled_from([1, 40, 100]))
def test_decoded_networks_run_as_in_nengo(made, steps):
    network, ensembles, probes = made
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(steps)
    with Simulator(network, dtype="float64") as simulator:
        simulator.run_steps(steps)
    for probe in probes:
        wanted = reference.data[probe]
        np.testing.assert_allclose(
            simulator.data[probe], wanted, rtol=1e-7, atol=1e-7, err_msg=str(probe)
        )
    for ensemble in ensembles:
        for name in ("gain", "bias", "encoders", "eval_points"):
            one, other = (getattr(s.data[ensemble], name) for s in (reference, simulator))
            np.testing.assert_array_equal(one, other)
    for connection in network.all_connections:
        np.testing.assert_array_equal(
            simulator.data[connection].weights, reference.data[connection].weights
        )


def test_arrays_and_nodes_between_ensembles():
    with nengo.Network(seed=3) as network:
        source = nengo.Node([0.3, -0.7])
        array = nengo.networks.EnsembleArray(30, 2)
        product = nengo.networks.Product(40, 1)
        nengo.Connection(source, array.input)
        nengo.Connection(array.output[0], product.input_a)
        nengo.Connection(array.output[1], product.input_b)
        probe = nengo.Probe(product.output, synapse=0.02)
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(150)
    with Simulator(network) as simulator:  # in single precision values between are rounded
        simulator.run_steps(60)
        simulator.run_steps(90)
    assert abs(reference.data[probe][-1, 0] + 0.21) < 0.1
    with Simulator(network, dtype="float64") as exact:
        exact.run_steps(150)
    np.testing.assert_allclose(exact.data[probe], reference.data[probe], atol=1e-9)
    assert np.abs(simulator.data[probe] - reference.data[probe]).max() < 0.1


def test_a_node_that_gives_no_numbers_is_named():
    with nengo.Network() as network:
        nengo.Probe(nengo.Node(lambda t: "word" if t > 0 else 0.0, label="speaker", size_out=1))
    with (
        Simulator(network) as simulator,
        pytest.raises(nengo.exceptions.SimulationError, match="speaker.* is not 1 numbers"),
    ):
        simulator.run_steps(3)


def test_networks_of_neurons_are_not_built_by_nengo():
    with nengo.Network() as network:
        ensemble = nengo.Ensemble(4, 1)
        nengo.Connection(nengo.Node(1), ensemble.neurons, transform=np.ones((4, 1)))
        nengo.Probe(ensemble.neurons)
    assert not decodes(network)
    with network:
        nengo.Probe(ensemble)
    assert decodes(network)
