"""The event-driven simulator against Nengo's, spike for spike."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nengo.dists import Choice

from snnlab.simulation.event import Simulator, prepare
from tests.simulation.event.networks import DT, hourglasses, networks

RATES = nengo.RectifiedLinear


def probes_of(network, ensembles):
    with network:
        return [(ensemble, nengo.Probe(ensemble.neurons)) for ensemble in ensembles]


def same(network, ensembles, probes, steps, **options):
    with nengo.Simulator(network, dt=DT, progress_bar=False) as reference:
        reference.run_steps(steps)
    with Simulator(network, dt=DT, **options) as simulator:
        simulator.run_steps(steps)
    for ensemble, probe in probes:
        wanted, found = reference.data[probe], simulator.data[probe]
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-9, err_msg=str(ensemble))


@settings(deadline=None, max_examples=40)
@given(
    st.one_of(networks(), hourglasses()), st.sampled_from([1, 7, 64, 65, 130]), st.integers(1, 2)
)
def test_spikes_are_nengos(made, steps, threads):
    network, ensembles = made
    same(network, ensembles, probes_of(network, ensembles), steps, dtype="float64", threads=threads)


@settings(deadline=None, max_examples=25)
@given(st.one_of(networks(rounded=True), hourglasses(rounded=True)), st.sampled_from([5, 64, 100]))
def test_single_precision_is_exact_where_sums_are(made, steps):
    """The same kernels with all scales folded into the weights."""
    network, ensembles = made
    for ensemble in ensembles:
        if hasattr(ensemble.neuron_type, "initial_state"):
            start = ensemble.neuron_type.initial_state
            if start is None and ensemble.neuron_type.spiking:
                # Nengo draws those of any value
                ensemble.neuron_type = nengo.SpikingRectifiedLinear(
                    ensemble.neuron_type.amplitude, initial_state={"voltage": Choice([0.25])}
                )
    same(network, ensembles, probes_of(network, ensembles), steps, dtype="float32", threads=2)


@settings(deadline=None, max_examples=25)
@given(st.one_of(networks(), hourglasses()), st.sampled_from([5, 64, 130]))
def test_every_neuron_run_again_alone_gives_the_same(made, steps):
    """With no trust in single precision at all, the second look alone decides."""
    network, ensembles = made
    probes = probes_of(network, ensembles)
    if any(type(ensemble.neuron_type) is RATES for ensemble in ensembles):
        # what comes from rate neurons is rounded, and not looked at again
        probes = probes[: [type(e.neuron_type) for e in ensembles].index(RATES)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepare, "DOUBT", 2.0)
        same(network, ensembles, probes, steps, dtype="float32", threads=2)
