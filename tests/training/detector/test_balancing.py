"""Scaling channels changes their percentiles, and nothing that is answered."""

import numpy as np

from snnlab.nets.detector.graph import detector_graph
from snnlab.nets.detector.plan import Plan
from snnlab.nets.graph.forward import answer, forward
from snnlab.training.detector.balancing import balanced, groups

PLAN = Plan((4, 6, 8, 8, 8), pyramid=6, subnet=5)
RANDOM = np.random.default_rng(5)
KERNELS = {
    one.name: RANDOM.normal(0, np.sqrt(2 / np.prod(one.shape[:3])), one.shape).astype(np.float32)
    for one in PLAN.weights()
}
BIASES = {
    one.name: RANDOM.normal(0.1, 0.1, one.channels).astype(np.float32) for one in PLAN.weights()
}
IMAGE = RANDOM.random((1, 64, 96, 1)).astype(np.float32)


def reached(kernels, biases):
    graph, found = detector_graph("some", PLAN, kernels, biases, 64, 96), {}
    whose = groups(PLAN)
    for name, values in forward(graph, IMAGE):
        if name in whose:
            found.setdefault(whose[name], []).append(values.reshape(-1, values.shape[-1]))
    return {name: np.percentile(np.concatenate(v), 99, axis=0) for name, v in found.items()}, graph


def test_percentiles_reach_the_target_and_the_answer_stays():
    before, graph = reached(KERNELS, BIASES)
    kernels, biases = balanced(PLAN, KERNELS, BIASES, before, 0.7)
    after, same = reached(kernels, biases)
    for name, values in before.items():
        in_reach = (values > 0.7 / 8) & (values < 0.7 * 8)
        np.testing.assert_allclose(after[name][in_reach], 0.7, rtol=1e-3)
        np.testing.assert_array_equal(after[name][values == 0], 0)
        assert in_reach.mean() > 0.3
    expected = answer(graph, IMAGE)
    np.testing.assert_allclose(answer(same, IMAGE), expected, atol=1e-3 * np.abs(expected).max())


def test_populations_that_share_weights_or_are_added_share_a_factor():
    whose = groups(PLAN)
    assert whose["score1-level3"] == whose["score1-level5"] != whose["box1-level5"]
    assert whose["level3"] == whose["level4"] == whose["level5"]
