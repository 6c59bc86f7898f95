"""The plan: levels share the subnets' weights, and every step comes after what feeds it."""

import pytest

from snnlab.nets.detector.plan import IMAGE, LEVELS, OFFSETS, Plan


def test_each_step_uses_known_weights_of_fitting_channels():
    plan = Plan()
    weights = {one.name: one for one in plan.weights()}
    assert len(weights) == len(plan.weights())
    channels = {IMAGE: 1}
    for step in plan.steps():
        assert weights[step.weights].inputs == channels[step.source]
        if step.above is not None:
            assert channels[step.above] == weights[step.weights].channels
        channels[step.name] = weights[step.weights].channels
    assert {step.weights for step in plan.steps()} == set(weights)


def test_subnets_are_one_set_of_weights_and_a_population_a_level():
    steps = Plan(deep=3).steps()
    for subnet in ("score", "box"):
        for number in (1, 2, 3):
            users = [step.name for step in steps if step.weights == f"{subnet}{number}"]
            assert users == [f"{subnet}{number}-level{level}" for level in LEVELS]
    readouts = [step for step in steps if not step.neurons]
    assert len(readouts) == 2 * len(LEVELS)
    score, box = (
        next(one.channels for one in Plan().weights() if one.name == f"{name}-readout")
        for name in ("score", "box")
    )
    assert box == OFFSETS * score


@pytest.mark.parametrize("change", [{"widths": (8, 8)}, {"pyramid": 0}, {"subnet": 5000}])
def test_what_is_no_plan_is_refused(change):
    with pytest.raises(ValueError):
        Plan(**change)
