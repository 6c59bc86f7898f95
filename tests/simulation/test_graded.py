"""Neurons with graded spikes, against arithmetic, one number at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nengo.dists import Choice
from nengo.exceptions import ValidationError

from snnlab.simulation.graded import Bistable, MultiThreshold

DT = 0.001
DRIVES = st.lists(st.integers(-40, 60), min_size=1, max_size=60)  # sixteenths: sums are exact


def sent(neuron, drive):
    """Sizes of one neuron's spikes, step by step; ``drive`` in thresholds a step."""
    state = neuron.make_state(1)
    out, train = np.zeros(1), []
    for now in drive:
        neuron.step(1.0, np.array([float(now)]), out, **state)
        train.append(out[0] / neuron.amplitude)
    return np.array(train), state


@given(DRIVES)
def test_several_thresholds_send_the_largest_that_is_reached(drive):
    drive = [now / 16 for now in drive]
    train, state = sent(MultiThreshold(amplitude=0.5), drive)
    v, expected = 0.125, []
    for now in drive:
        v += now
        size = next((g for g in (2, 1, 0.5, 0.25) if v >= g), 0)
        v -= size
        expected.append(size)
    np.testing.assert_array_equal(train, expected)
    assert state["voltage"][0] == v


@given(st.floats(0, 1), st.integers(1, 200))
def test_several_thresholds_count_constant_current_to_an_eighth(drive, steps):
    """A quarter of the error of a neuron with one threshold, and that from the first step."""
    train, _ = sent(MultiThreshold(), np.full(steps, drive))
    for stop in range(1, steps + 1):
        # what is left is below the smallest size once the potential has come down
        assert abs(train[:stop].sum() - drive * stop) <= 0.125 + 0.25 + 1e-9
    assert abs(train.sum() / steps - drive) <= 0.375 / steps + 1e-9


@given(DRIVES)
def test_together_is_the_rule_of_the_authors_code(drive):
    """`Multi_Threshold_Neuron.forward` of SNNresearch/Spiking-UNet, number by number.

    Four comparisons with ``torch.gt`` one after the other, from 2 down, a subtraction after each.
    """
    drive = [now / 16 for now in drive]
    neuron = MultiThreshold(amplitude=0.5, initial_state={"voltage": Choice([0])}, together=True)
    train, state = sent(neuron, drive)
    v, expected = 0.0, []
    for now in drive:
        v += now
        total = 0.0
        for threshold in (2.0, 1.0, 0.5, 0.25):
            if v > threshold:
                v -= threshold
                total += threshold
        expected.append(total)
    np.testing.assert_array_equal(train, expected)
    assert state["voltage"][0] == v


def test_by_hand_one_step_may_send_all_four_sizes_or_only_the_largest():
    drive = [3.5, 0, 0, 4.0]
    authors, _ = sent(MultiThreshold(initial_state={"voltage": Choice([0])}, together=True), drive)
    np.testing.assert_array_equal(authors, [3.25, 0, 0, 3.75])  # 3.5 - 3.25 is not above 1/4
    ours, _ = sent(MultiThreshold(initial_state={"voltage": Choice([0])}), drive)
    np.testing.assert_array_equal(ours, [2, 1, 0.5, 2])


def test_a_potential_that_ran_ahead_is_paid_out_sooner():
    train, _ = sent(MultiThreshold(), [3.5, 0, 0, 0])
    np.testing.assert_array_equal(train, [2, 1, 0.5, 0])


@given(
    st.integers(1, 6).flatmap(
        lambda cycle: st.tuples(
            st.just(cycle),
            st.integers(0, 9),
            st.lists(st.integers(-40, 60), min_size=4 * cycle + 9, max_size=4 * cycle + 9),
        )
    )
)
def test_a_bistable_neuron_says_what_it_heard_a_cycle_before(drawn):
    """Cycle by cycle by hand: the sum of one cycle, in binary in the next."""
    cycle, start, drive = drawn
    drive = np.array(drive) / 16
    sizes = tuple(2.0 ** -(k + 1) for k in range(cycle))
    neuron = Bistable(sizes, start)
    train, _ = sent(neuron, drive)
    assert neuron.speaks == start + cycle
    assert not train[: start + cycle].any()
    left = sizes[-1] / 2
    for first in range(start + cycle, len(drive) - cycle + 1, cycle):
        left += drive[first - cycle : first].sum()
        for size, spike in zip(sizes, train[first : first + cycle], strict=True):
            assert spike == (size if left >= size else 0)
            left -= spike


@given(st.floats(0, 0.93))
def test_a_cycle_tells_a_number_to_half_of_its_smallest_size(value):
    train, _ = sent(Bistable(), np.full(8, value / 4))
    assert abs(train[4:].sum() - value) <= 1 / 32 + 1e-9


def test_order_within_a_cycle_does_not_matter():
    """What phase lead and lag do to other neurons: excitation first, inhibition after."""
    one, _ = sent(Bistable(), [2, -2, 0, 0.5] + [0] * 4)
    other, _ = sent(Bistable(), [-2, 0, 0.5, 2] + [0] * 4)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one, [0] * 4 + [0.5, 0, 0, 0])


def test_synchronous_neurons_are_silent_until_the_cycle_ends():
    """Whatever arrives before they listen is held back, and what is heard comes a cycle later."""
    neuron = Bistable((0.5, 0.25), start=6)
    train, _ = sent(neuron, [5.0] * 6 + [0.25, 0.5] + [0] * 4)
    np.testing.assert_array_equal(train, [0] * 8 + [0.5, 0.25, 0, 0])


def test_rates_are_the_rectified_current():
    found = MultiThreshold(amplitude=0.5).rates(np.array([-1.0, 2.0]), np.ones(1), np.zeros(1))
    np.testing.assert_allclose(found.ravel(), [0, 1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: MultiThreshold((1, 2)),
        lambda: MultiThreshold((2, 1.5, 1), together=True),
        lambda: MultiThreshold(()),
        lambda: MultiThreshold((1, 0)),
        lambda: Bistable(start=-1),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValidationError):
        make()
