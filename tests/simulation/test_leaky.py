"""The leaky neuron: Nengo's LIF where it is that, and the equations' own solution elsewhere."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from snnlab.simulation.leaky import LeakyIntegrateAndFire, carried, crossing

DT = 0.001
times = st.floats(2e-4, 0.1)


def states(neurons):
    return {"voltage": np.zeros(neurons), "refractory_time": np.zeros(neurons)}


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31 - 1), times, st.floats(0, 0.01), st.sampled_from([0, -1, -np.inf]))
def test_it_is_nengos_lif_with_reset_to_zero(seed, tau_rc, tau_ref, lower):
    random = np.random.RandomState(seed)
    theirs = nengo.LIF(tau_rc, tau_ref, lower)
    ours = LeakyIntegrateAndFire(tau_rc, tau_ref, min_voltage=lower)
    one, other = states(20), states(20) | {"current": np.zeros(20)}
    found = np.zeros((2, 20))
    for _ in range(100):
        current = random.uniform(-2, 6, 20)
        theirs.step(DT, current, found[0], **one)
        ours.step(DT, current, found[1], **other)
        np.testing.assert_array_equal(*found)
        np.testing.assert_array_equal(one["voltage"], other["voltage"])
        np.testing.assert_array_equal(one["refractory_time"], other["refractory_time"])


@settings(deadline=None, max_examples=25)
@given(times, st.one_of(times, st.just(None)), st.floats(-3, 3), st.floats(-3, 0.9),
       st.floats(-3, 3))  # fmt: skip
def test_a_step_is_the_solution_of_the_equations(tau_rc, tau_syn, current, voltage, drive):
    tau_syn = tau_rc if tau_syn is None else tau_syn  # the limit in which both are the same
    neurons = LeakyIntegrateAndFire(tau_rc, tau_syn=tau_syn)
    found = {"voltage": np.array([voltage]), "current": np.array([current])}
    found["refractory_time"] = np.zeros(1)
    spikes = np.zeros(1)
    neurons.step(DT, np.array([drive]), spikes, **found)
    solved = solve_ivp(
        lambda t, y: [(y[1] - y[0]) / tau_rc, (drive - y[1]) / tau_syn],
        (0, DT), [voltage, current], rtol=1e-10, atol=1e-12,
    ).y[:, -1]  # fmt: skip
    assert found["current"][0] == pytest.approx(solved[1], abs=1e-7)
    reached = 0.0 if solved[0] > 1 + 1e-7 else solved[0]
    assert spikes[0] == 1000 * (solved[0] > 1) or abs(solved[0] - 1) < 1e-7
    assert found["voltage"][0] == pytest.approx(reached, abs=1e-7)


def test_time_constants_that_nearly_agree_give_what_equal_ones_give():
    assert carried(DT, 0.01, 0.01 * (1 + 1e-6)) == pytest.approx(carried(DT, 0.01, 0.01), rel=1e-5)


def test_subtraction_keeps_what_was_above_and_rests_whole_steps():
    """By hand: a step takes v to J + (v - J) / 2; J = 3 gives 1.5, less 1."""
    neurons = LeakyIntegrateAndFire(DT / np.log(2), 2 * DT, reset="subtraction")
    found = states(1) | {"current": np.zeros(1)}
    spikes, seen, trains = np.zeros(1), [], []
    for _ in range(8):
        neurons.step(DT, np.full(1, 3.0), spikes, **found)
        seen.append(found["voltage"][0])
        trains.append(spikes[0] > 0)
    # two steps of rest after each; then 0.5 -> 1.75 and 0.75 -> 1.875
    np.testing.assert_allclose(seen, [0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 0.875, 0.875])
    assert trains == [True, False, False, True, False, False, True, False]


def test_what_is_left_above_one_waits_for_the_end_of_the_rest():
    neurons = LeakyIntegrateAndFire(0.02, 2 * DT, reset="subtraction")
    found = {"voltage": np.full(1, 2.5), "refractory_time": np.zeros(1), "current": np.zeros(1)}
    spikes, trains = np.zeros(1), []
    for _ in range(5):
        neurons.step(DT, np.full(1, 3.0), spikes, **found)
        trains.append(bool(spikes[0]))
    assert trains == [True, False, False, True, False]


def test_a_crossing_lies_within_its_step():
    """Nengo's formula, where the potential came from below; the ends of the step elsewhere."""
    tau = 0.02
    after = 3 + (0.95 - 3) * np.exp(-DT / tau)
    when = tau * np.log((3 - 0.95) / (3 - 1))
    assert crossing(after, 3.0, DT, tau) == pytest.approx(when, abs=1e-12)
    assert crossing(1.5, 1.2, DT, tau) == 0  # above all the time
    assert crossing(1.5, 0.5, DT, tau) == DT
    assert crossing(1.5, np.float64(1), DT, tau) == DT


@pytest.mark.parametrize("given", [{"reset": "none"}, {"tau_syn": -1}, {"tau_rc": 0}])
def test_nonsense_is_refused(given):
    with pytest.raises(nengo.exceptions.ValidationError):
        LeakyIntegrateAndFire(**given)
