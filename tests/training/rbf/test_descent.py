"""Gradients against numerical ones and hand-worked numbers; the descent against exact solutions."""

import math

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.training.rbf import making
from snnlab.training.rbf.descent import Parameters, descend, euclids_share, gradient


def batch(n=40, units=6, seed=0):
    random = np.random.default_rng(seed)
    return random.random((n, units)), random.uniform(-1, 1, (n, units)), random.random(n)


def test_by_hand():
    # two units, one sample: y = (2 * 0.5 + 1 * -1) * 1 + (2 * 0.25 + 1 * 0.5) * 3 + 0.5 = 3.5
    now = Parameters(np.array([1.0, 3.0, 0.5, 2.0, 1.0]))
    euclid, cosine = np.array([[0.5, 0.25]]), np.array([[-1.0, 0.5]])
    loss, slope = gradient(now, euclid, cosine, np.array([1.0]), squared=True)
    # e = 2.5: times phi = (0, 1); times 1; times E w = 1.25; times C w = 0.5
    assert loss == pytest.approx(0.5 * 2.5**2)
    assert slope == pytest.approx([0, 2.5, 2.5, 2.5 * 1.25, 2.5 * 0.5])
    loss, slope = gradient(now, euclid, cosine, np.array([1.0]))
    e = 1 / (1 + math.exp(-3.5)) - 1
    assert loss == pytest.approx(math.log(1 + math.exp(-3.5)))
    assert slope == pytest.approx([0, e, e, e * 1.25, e * 0.5])


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_against_numerical_gradients(squared, decay):
    euclid, cosine, target = batch()
    values = np.random.default_rng(1).normal(0, 1, 9)
    _, slope = gradient(Parameters(values), euclid, cosine, target, squared, decay)
    for index in range(len(values)):
        around = []
        for by in (-1e-5, 1e-5):
            moved = values.copy()
            moved[index] += by
            around.append(gradient(Parameters(moved), euclid, cosine, target, squared, decay)[0])
        assert slope[index] == pytest.approx((around[1] - around[0]) / 2e-5, abs=1e-7)


def test_the_descent_finds_least_squares():
    euclid, cosine, target = batch(200, 5)
    start = Parameters.begin(5, (1.0, 0.5))
    found = descend(start, euclid, cosine, target, 4000, adaptive=False, squared=True)
    phi = np.c_[euclid + 0.5 * cosine, np.ones(200)]
    exact, *_ = np.linalg.lstsq(phi, target, rcond=None)
    assert found.mixture == (1.0, 0.5)
    assert np.r_[found.weights, found.bias] == pytest.approx(exact, abs=1e-3)


def test_a_mixture_that_is_learned_is_the_one_that_made_the_data():
    euclid, cosine, _ = batch(400, 8)
    weights = np.random.default_rng(2).normal(0, 1, 8)
    target = (1.6 * euclid + 0.4 * cosine) @ weights
    start = Parameters.begin(8, (0.5, 0.5))
    found = descend(start, euclid, cosine, target, 6000, squared=True)
    a1, a2 = found.mixture
    assert a2 / a1 == pytest.approx(0.25, abs=0.01)  # a factor of both is one of the weights
    assert a1 * found.weights == pytest.approx(1.6 * weights, abs=0.05)


def test_what_is_rounded_is_what_is_trained_for():
    euclid, cosine, target = batch(300, 8)
    target = (target > 0.5).astype(float)
    found = descend(
        Parameters.begin(8, (0.5, 0.5)), euclid, cosine, target, 600, rounded=making.rounded
    )
    assert len(np.unique(making.rounded(found.weights))) <= 255


def test_the_mixture_is_told_as_it_goes():
    euclid, cosine, target = batch()
    told = []
    descend(Parameters.begin(6, (0.5, 0.5)), euclid, cosine, target, 200, heard=told.append)
    assert [now.step for now in told] == list(range(5, 201, 5))
    assert told[-1].loss < told[0].loss
    assert told[-1].a1 != told[0].a1 and all(0 <= now.euclid <= 1 for now in told)


def test_shares_of_the_output():
    euclid, cosine, _ = batch(4000, 6)
    now = Parameters(np.r_[np.ones(6), 0, 2.0, 0.5])
    near, toward = 2 * np.std(euclid.sum(1)), 0.5 * np.std(cosine.sum(1))
    assert euclids_share(now, euclid, cosine) == pytest.approx(near / (near + toward))
    assert euclids_share(Parameters(np.r_[np.ones(6), 0, 1, 0]), euclid, cosine) == 1
    assert euclids_share(Parameters(np.r_[np.ones(6), 0, 0, 1]), euclid, cosine) == 0


def test_it_can_be_stopped():
    with pytest.raises(Cancelled):
        descend(Parameters.begin(6, (1, 0)), *batch(), 100, cancel=lambda: True)
