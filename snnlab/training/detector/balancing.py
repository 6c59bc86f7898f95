"""Each channel brought to the same high percentile, which changes nothing that the net computes.

As `snnlab.training.balancing`, for weights that levels share: all populations of one set of weights
are scaled alike, and so are the levels of the pyramid, each of which is added to the next one.
"""

import numpy as np

from snnlab.nets.detector.plan import IMAGE, Plan

PYRAMID = "pyramid"
MOST = 8.0  # a channel that hardly fires is not blown up further


def group_of(weights: str) -> str:
    """Populations of one group have one factor for each channel."""
    return PYRAMID if weights.startswith("lateral") else weights


def groups(plan: Plan) -> dict[str, str]:
    """The group of each population, by the step's name."""
    return {step.name: group_of(step.weights) for step in plan.steps() if step.neurons}


def balanced(plan: Plan, kernels: dict, biases: dict, reached: dict, target: float):
    """Rescale every channel so that its percentile activation is the target.

    Parameters
    ----------
    kernels, biases : dict of str to numpy.ndarray
        By weights.
    reached : dict of str to numpy.ndarray
        ``(channels,)``, by group: the percentile of each channel's activation. One at 0 is silent
        and left alone.
    target : float

    Returns
    -------
    kernels, biases : dict
        New arrays.
    """
    factor = {
        name: np.where(
            values > 0, np.clip(target / np.maximum(values, 1e-9), 1 / MOST, MOST), 1.0
        ).astype(np.float32)
        for name, values in reached.items()
    }
    group, source = groups(plan), {}
    for step in plan.steps():
        source.setdefault(step.weights, step.source)
    new_kernels, new_biases = {}, {}
    for one in plan.weights():
        before, after = source[one.name], factor.get(group_of(one.name))
        kernel, bias = kernels[one.name].copy(), biases[one.name].copy()
        if before != IMAGE:
            kernel /= factor[group[before]][None, None, :, None]
        if after is not None:
            kernel, bias = kernel * after, bias * after
        new_kernels[one.name], new_biases[one.name] = kernel, bias
    return new_kernels, new_biases
