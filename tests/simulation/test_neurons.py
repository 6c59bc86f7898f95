"""The integrate-and-fire neuron, against arithmetic and in ``nengo.Simulator``."""

import math

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nengo.dists import Choice
from nengo.exceptions import ValidationError

from snnlab import compat
from snnlab.simulation.neurons import IntegrateAndFire

DT = 0.001


def spikes(neuron, drive, start=0.0):
    """Spikes of one neuron, step by step; ``drive`` in thresholds a step."""
    voltage, out, train = np.array([float(start)]), np.zeros(1), []
    for now in drive:
        neuron.step(DT, np.array([now / DT]), out, voltage)
        train.append(out[0] * DT / neuron.amplitude)
    return np.array(train), voltage[0]


@given(st.floats(0, 1), st.integers(1, 300), st.floats(0, 0.999))
def test_subtraction_counts_constant_current_to_less_than_a_spike(drive, steps, start):
    train, voltage = spikes(IntegrateAndFire("subtraction"), np.full(steps, drive), start)
    assert set(train) <= {0, 1}
    assert abs(train.sum() - (drive * steps + start - voltage)) < 1e-6  # no charge is lost
    assert -1e-9 <= voltage < 1
    assert abs(train.sum() - drive * steps) <= 1


@given(st.floats(0, 1), st.integers(1, 300))
def test_starting_from_half_a_threshold_rounds_to_the_nearest(drive, steps):
    train, _ = spikes(IntegrateAndFire(), np.full(steps, drive), 0.5)
    assert abs(train.sum() - drive * steps) <= 0.5 + 1e-6


@given(st.floats(0.02, 3), st.integers(20, 300))
def test_reset_to_zero_fires_at_a_whole_period(drive, steps):
    period = math.ceil(1 / drive)
    # sums of many small numbers reach a whole one a step early or late
    if abs(1 / drive - round(1 / drive)) < 1e-9:
        return
    train, _ = spikes(IntegrateAndFire("zero", lower=0), np.full(steps, drive))
    assert train.sum() == steps // period
    np.testing.assert_array_equal(np.diff(np.flatnonzero(train)), period)


@given(st.lists(st.floats(-2, 3), min_size=1, max_size=80), st.sampled_from([-np.inf, -1.0, 0.0]),
       st.sampled_from(["subtraction", "zero"]), st.floats(0, 0.99))  # fmt: skip
def test_each_step_is_the_equation(drive, lower, reset, start):
    """``v <- max(v + J dt, lower)``; spike at 1; ``v - 1`` or 0. One number at a time."""
    train, voltage = spikes(IntegrateAndFire(reset, 0.25, lower), drive, start)
    v, expected = start, []
    for now in drive:
        v = max(v + now / DT * DT, lower)
        expected.append(v >= 1)
        if v >= 1:
            v = v - 1 if reset == "subtraction" else 0.0
    np.testing.assert_array_equal(train, expected)
    assert voltage == pytest.approx(v, abs=1e-12)


def test_a_deficit_is_paid_back_only_where_there_is_no_floor():
    drive = [-3.0] + [0.5] * 20
    free, _ = spikes(IntegrateAndFire("subtraction"), drive)
    floored, _ = spikes(IntegrateAndFire("subtraction", lower=0), drive)
    assert free.sum() == 7 and floored.sum() == 10


@pytest.mark.parametrize("reset", ["subtraction", "zero"])
def test_nengo_simulates_it_as_the_step_says(reset):
    """A population with its own currents and starts, potentials probed, against a loop."""
    random = np.random.default_rng(0)
    count, steps = 40, 100
    current, start = random.uniform(-200, 1500, count), random.uniform(0, 1, count)
    neuron = IntegrateAndFire(reset, 0.5, -0.7, {"voltage": start})
    with nengo.Network() as network:
        ensemble = nengo.Ensemble(count, 1, neuron_type=neuron, gain=Choice([1.0]), bias=current)
        out = nengo.Probe(ensemble.neurons)
        potential = nengo.Probe(ensemble.neurons, "voltage")
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(steps)
    voltage, spiked = start.copy(), np.zeros(count)
    for step in range(steps):
        voltage += current * DT
        voltage = np.maximum(voltage, -0.7)
        fires = voltage >= 1
        voltage[fires] = voltage[fires] - 1 if reset == "subtraction" else 0
        np.testing.assert_array_equal(simulator.data[out][step], fires * 0.5 / DT)
        np.testing.assert_allclose(simulator.data[potential][step], voltage, atol=1e-12)
        spiked += fires
    assert spiked.sum() > 500


def test_it_starts_from_half_a_threshold_if_nothing_else_is_said():
    np.testing.assert_array_equal(IntegrateAndFire().make_state(3)["voltage"], 0.5)


def test_rates_are_the_rectified_current():
    neuron = IntegrateAndFire(amplitude=0.5)
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    found = neuron.rates(x, np.array([100.0]), np.array([20.0]))
    np.testing.assert_allclose(found.ravel(), [0, 10, 60, 110])
    judge = nengo.RectifiedLinear(amplitude=0.5).rates(x, np.array([100.0]), np.array([20.0]))
    np.testing.assert_allclose(found, judge)


def test_nengo_loihis_neuron_is_the_one_that_resets_to_zero():
    """But at the threshold exactly, where the chip waits for more."""
    random = np.random.default_rng(1)
    ours = IntegrateAndFire("zero", lower=0)
    theirs = compat.nengo_loihi().neurons.LoihiSpikingRectifiedLinear()
    voltage, out = np.zeros((2, 500)), np.zeros((2, 500))
    for _ in range(200):
        current = random.normal(100, 400, 500)
        ours.step(DT, current, out[0], voltage[0])
        theirs.step(DT, current, out[1], voltage[1])
        np.testing.assert_array_equal(out[0], out[1])
        np.testing.assert_array_equal(voltage[0], voltage[1])


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValidationError):
        IntegrateAndFire("soft")
    with pytest.raises(ValidationError):
        IntegrateAndFire(lower=0.5)
