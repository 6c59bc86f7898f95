"""The readout: from the last population's spikes to a probability."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from snnlab.conversion import rate_scaling
from snnlab.settings import Settings
from snnlab.simulation.network import Readout, read_classes, read_out
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains
from tests import small_models


def made(seed, steps, shape=(3, 4, 2)):
    random = np.random.default_rng(seed)
    spikes = random.integers(0, 2, (steps, int(np.prod(shape))))
    words, extra = pack(spikes)
    return SpikeTrains("last", shape, words, steps, 0.001, extra), spikes.reshape(steps, *shape)


@given(st.integers(0, 2**31), st.integers(2, 150), st.data())
def test_readout_is_the_sigmoid_of_weighted_rates_over_the_window(seed, steps, data):
    start = data.draw(st.integers(0, steps - 1))
    stop = data.draw(st.integers(start + 1, steps))
    trains, spikes = made(seed, steps)
    readout = Readout(np.float32([1.5, -2.5]), 0.25)
    # an activation of 1 is 200 spikes a second; dt = 1 ms
    activation = spikes[start:stop].sum(0) / ((stop - start) * 0.001) / 200
    logits = activation @ [1.5, -2.5] + 0.25
    found = read_out(trains, 200.0, readout, start, stop)
    assert found.dtype == np.float32 and found.shape == (3, 4)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(readout.logits(activation), logits, rtol=1e-5, atol=1e-5)


def test_without_an_end_the_window_is_the_rest_of_the_run():
    trains, _ = made(0, 70)
    readout = Readout(np.float32([1, 2]), 0.0)
    np.testing.assert_array_equal(
        read_out(trains, 100.0, readout, 30), read_out(trains, 100.0, readout, 30, 70)
    )


@pytest.mark.parametrize("logit", [-1000.0, -90.0, 0.0, 90.0, 1000.0])
def test_far_logits_are_certain_and_give_no_warning(logit, recwarn):
    found = Readout(np.float32([logit]), 0.0).probability(np.ones((1, 1, 1), np.float32))
    assert 0 <= found[0, 0] <= 1
    assert round(float(found[0, 0]), 3) == {-1: 0.0, 0: 0.5, 1: 1.0}[int(np.sign(logit))]
    assert not recwarn.list


def test_a_network_reads_its_own_last_population():
    network = rate_scaling.convert(small_models.model(), small_models.image(32), Settings())
    last = network.populations[-1]
    assert last.name == "up0"
    trains, _ = made(1, 40, (32, 32, 3))

    class Recording(dict):
        pass

    found = network.probability(Recording({"up0": trains}), 5, 25)
    np.testing.assert_array_equal(found, read_out(trains, last.rate_hz, network.readout, 5, 25))


@given(st.integers(0, 2**31), st.integers(2, 150))
def test_several_classes_are_the_softmax_of_weighted_rates(seed, steps):
    trains, spikes = made(seed, steps)
    random = np.random.default_rng(seed)
    weights = random.normal(0, 3, (2, 3)).astype(np.float32)
    bias = random.normal(0, 1, 3).astype(np.float32)
    readout = Readout(weights, bias)
    activation = spikes.sum(0) / (steps * 0.001) / 200
    wanted = softmax(activation @ weights + bias, -1)
    found = read_classes(trains, 200.0, readout)
    assert found.dtype == np.float32 and found.shape == (3, 4, 3) and readout.outputs == 3
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-5)
    cell = read_out(trains, 200.0, readout)
    np.testing.assert_allclose(cell, 1 - wanted[..., 0], rtol=1e-3, atol=1e-5)
    assert cell.dtype == np.float32


def test_of_a_spiking_softmax_each_class_has_its_share():
    drawn = np.array([[[1, 2, 5], [0, 0, 0]]], np.float32)
    readout = Readout(np.float32([0, 1, 1]), 0.0, shares=True)
    np.testing.assert_allclose(readout.classes(drawn), [[[0.125, 0.25, 0.625], [1 / 3] * 3]])
    np.testing.assert_allclose(readout.probability(drawn), [[0.875, 0.5]])


def test_of_cell_alone_the_other_class_is_membrane():
    readout = Readout(np.float32([1.0]), 0.0)
    found = readout.classes(np.zeros((1, 1, 1), np.float32))
    np.testing.assert_allclose(found, [[[0.5, 0.5]]])
