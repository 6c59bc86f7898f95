"""A detector of few neurons with random weights, for tests that need any."""

from dataclasses import replace

import numpy as np

from snnlab.nets.detector.model import Detector, from_float
from snnlab.nets.detector.plan import Plan
from snnlab.training.detector.fitting import with_activations

PLAN = Plan(
    (4, 5, 6, 6, 6), (False, False, True, False, False), pyramid=5, subnet=5, deep=1
)  # fmt: skip


def image(height=64, width=96, seed=0) -> np.ndarray:
    """Blobs on noise, normalised."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    made = 0.3 + random.normal(0, 0.05, (height, width))
    for _ in range(max(1, height * width // 3000)):
        cy, cx = random.uniform(0, height), random.uniform(0, width)
        made += 0.4 * (((y - cy) / 14) ** 2 + ((x - cx) / 18) ** 2 < 1)
    return np.clip(made, 0, 1).astype(np.float32)


def detector(seed=0) -> Detector:
    """Weights by He's rule; scores about a half, so that there are boxes."""
    random = np.random.default_rng(seed)
    kernels = {
        one.name: random.normal(0, np.sqrt(2 / np.prod(one.shape[:3])), one.shape)
        for one in PLAN.weights()
    }
    kernels["box-readout"] = kernels["box-readout"] * 0.3
    biases = {one.name: random.normal(0, 0.05, one.channels) for one in PLAN.weights()}
    made = from_float("mitochondria", PLAN, kernels, biases)
    card = {"name": "mitochondria", "nm": 5.0, "settings": {"threshold": 0.5}, "summary": "small"}
    return with_activations(replace(made, card=card), [image()])
