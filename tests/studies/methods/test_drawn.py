"""Each picture shows what the method's equation says."""

import numpy as np
import pytest

from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.studies.methods import drawn


def line(name, called):
    return next(one for one in drawn.DRAWINGS[name]().lines if one.name == called)


@pytest.mark.parametrize("name", drawn.DRAWINGS)
def test_every_picture_has_something_to_compare(name):
    made = drawn.DRAWINGS[name]()
    assert {"right", "method"} <= {one.role for one in made.lines}
    assert all(one.x.shape == one.y.shape for one in made.lines)


def test_subtraction_is_right_within_a_rung_and_zero_is_not():
    steady = line("data-normalisation", "by subtraction")
    inside = (steady.x >= 0) & (steady.x <= 1)
    assert np.abs(steady.y - steady.x)[inside].max() <= 0.5 / 32 + 1e-9
    assert (steady.y[steady.x > 1] == 1).all()  # clipped
    zero = line("data-normalisation", "reset to zero")
    z = zero.x[1:]
    expected = (32 // np.ceil(1 / z - 1e-9)) / 32
    assert np.mean(zero.y[1:] == expected) > 0.99  # but where rounding puts z beside a rung


def test_half_a_threshold_has_no_error_on_average():
    half, none = line("ecc", "from half a threshold"), line("ecc", "from 0")
    inside = half.x <= 1 - 1 / 16
    assert abs(np.mean((half.y - half.x)[inside])) < 0.005
    assert np.mean((none.y - none.x)[inside]) == pytest.approx(-1 / 16, abs=0.005)


def test_rates_have_as_many_rungs_as_spikes():
    fast, slow = line("rate-scaling", "1000 Hz for 1"), line("rate-scaling", "125 Hz for 1")
    assert len(np.unique(fast.y[fast.x <= 1])) == 33
    assert len(np.unique(slow.y[slow.x <= 1])) == 5


def test_bistable_neurons_hold_their_tongue():
    made = drawn.bistable_course()
    given, usual, bistable = (one.y for one in made.lines)
    assert given[:4].sum() < 0 and given[4:8].sum() < 0
    assert usual[:8].sum() > 0
    # one cycle later: nothing of the first two, which are owed and taken off the third
    assert (bistable[:12] == 0).all()
    assert bistable[12:16].sum() == pytest.approx((2.4 - 0.8) / 4, abs=0.5 / 15)
    assert bistable[16:].sum() == pytest.approx(2.4 / 4, abs=0.5 / 15)


def test_four_thresholds_tell_finer():
    one, four = line("multi-threshold", "one threshold"), line("multi-threshold", "four thresholds")
    inside = one.x <= 1
    assert np.abs(four.y - four.x)[inside].mean() < 0.6 * np.abs(one.y - one.x)[inside].mean()
    assert four.y.max() > 1 == one.y.max()


def test_the_authors_thresholds_round_down_and_the_largest_alone_may_keep_more_back():
    alone = line("spiking-unet", "the largest only")
    authors = line("spiking-unet", "the authors' rule")
    # from nothing to a quarter of a threshold is left after four steps
    short = authors.x - authors.y
    assert short.min() == 0 and short.max() == 0.25 / 4
    assert short[authors.x <= 1].mean() == pytest.approx(0.25 / 2 / 4, abs=0.001)
    assert (alone.x - alone.y).max() > 2 * short.max() and (alone.x - alone.y).min() < 0


def test_as_many_steps_as_levels_count_what_was_trained():
    trained, counted = line("qcfs", "trained, 4 levels"), line("qcfs", "4 steps")
    assert np.mean(np.isclose(trained.y, counted.y)) > 0.99


def test_the_surrogate_slope_by_hand():
    slope = line("surrogate", "surrogate derivative, mean")
    at = np.argmin(np.abs(slope.x))
    assert slope.x[at] == pytest.approx(0, abs=1e-3)
    assert slope.y[at] == pytest.approx(1 / (1 + 4 * 0.5) ** 2, rel=0.02)
    paper = line("surrogate", "the paper's, α = 10")
    assert paper.y[at] == pytest.approx(1 / (1 + 10 * 0.5) ** 2, rel=0.02)


def test_the_slope_that_is_drawn_is_the_one_of_the_training():
    from snnlab.training import recipes

    trained = [stage.alpha for stage in recipes.PLANS["surrogate"].stages
               if hasattr(stage, "alpha")]  # fmt: skip
    assert set(trained) == {drawn.ALPHA}


def test_random_spikes_scatter_more_than_a_current():
    z = line("poisson", "random spikes").x
    apart = [np.abs(line("poisson", name).y - z).std() for name in
             ("random spikes", "constant current")]  # fmt: skip
    assert apart[0] > 3 * apart[1]


def test_neurons_are_run_step_by_step():
    out = drawn.sent(IntegrateAndFire(), np.full((4, 1), 0.5))
    assert out[:, 0].tolist() == [1, 0, 1, 0]
