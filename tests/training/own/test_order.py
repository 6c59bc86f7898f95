"""Stages and budgets of what is ordered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.training import recipes
from snnlab.training.own import order
from snnlab.training.own.order import Order, stages


@pytest.mark.parametrize("kind", order.kinds())
def test_a_chain_begins_with_random_weights(kind):
    parts, name = [], kind
    while name is not None:
        parts[:0] = recipes.PLANS[name].stages
        name = recipes.PLANS[name].start
    assert order.chain(kind) == tuple(parts)
    assert parts[0].spiking != "event"  # which wants a trained model to start from


@given(st.sampled_from(order.kinds()), st.integers(1, 5000))
def test_stages_share_the_steps(kind, steps):
    parts = order.chain(kind)
    if steps < len(parts):
        with pytest.raises(LabError, match="stages; give it"):
            Order(kind, steps=steps)
        return
    found = stages(Order(kind, steps=steps), 4096)
    assert sum(recipe.steps for recipe in found) == steps
    whole = sum(recipe.minutes for recipe in parts)
    for recipe, part in zip(found, parts, strict=True):
        assert recipe.steps >= 1
        assert abs(recipe.steps - steps * part.minutes / whole) < len(parts) + 1
        assert recipe.side == part.side


def test_stages_share_the_minutes():
    found = stages(Order("regularised", minutes=10), 4096)
    assert sum(recipe.minutes for recipe in found) == pytest.approx(10)
    assert all(recipe.steps is None for recipe in found)


def test_without_a_budget_steps_are_those_of_the_recipe():
    found = stages(Order("relu"), 4096)
    assert [recipe.steps for recipe in found] == [5500, 1300, 2700]


@pytest.mark.parametrize("kind", order.kinds())
def test_every_recipe_has_a_budget_of_steps(kind):
    # minutes would make another model on a slower machine
    assert all(recipe.steps for recipe in order.chain(kind))


def test_crops_fit_into_the_sections():
    assert {recipe.side for recipe in stages(Order("relu"), 96)} == {96}


def test_a_seed_is_another_one_in_every_stage():
    one, other = (stages(Order("regularised", seed=seed), 96) for seed in (0, 1))
    assert all(a.seed != b.seed for a, b in zip(one, other, strict=True))


def test_bounds_are_those_asked_for():
    found = stages(Order("regularised", lower_hz=20, upper_hz=60, percentile=99), 96)
    for recipe in found:
        bounds = recipe.rates
        assert (bounds.percentile, bounds.lower_hz, bounds.upper_hz) == (99, 20, 60)
        assert recipe.rate_hz == 60
    # what is not asked for is the recipe's
    last = recipes.PLANS["regularised"].stages[-1].rates
    assert stages(Order("regularised", lower_hz=20), 96)[-1].rates.upper_hz == last.upper_hz
    assert stages(Order("relu"), 96)[0].rates is None


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("there is no recipe for 'phantom'", {"kind": "phantom"}),
        ("small letters, digits and hyphens", {"name": "../x"}),
        ("budget must be above 0", {"minutes": 0.0}),
        ("budget must be above 0", {"minutes": float("nan")}),
        ("must not be above", {"lower_hz": 200.0, "upper_hz": 100.0}),
        ("trains its rates itself", {"kind": "qcfs", "upper_hz": 100.0}),
    ],
)
def test_refusals(said, asked):
    with pytest.raises(LabError, match=said):
        Order(**asked)
