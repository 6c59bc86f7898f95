"""A seeded random RBF network, on the features that the lab computes."""

import numpy as np

from snnlab.nets.model import quantise
from snnlab.nets.rbf import Rbf
from snnlab.nets.rbf_features import NAMES


def network(seed: int = 0, units: int = 7, mixture=(1.5, 0.5), first: Rbf | None = None) -> Rbf:
    """Centres and weights at random; it may see another's output too."""
    random = np.random.default_rng(seed)
    count = len(NAMES) * (2 if first else 1)
    centres, centre_step = quantise(random.normal(0, 1, (units, count)))
    levels, step = quantise(random.normal(0, 1, units))
    mean = random.random(count).astype(np.float32)
    spread = (0.1 + random.random(count)).astype(np.float32)
    return Rbf(
        "small", mean, spread, centres, centre_step, 6.0, mixture, levels, step, 0.25,
        {"summary": "Small.", "settings": {"threshold": 0.7}, "units": units,
         "mixture": [{"step": 5, "a1": 1.5, "a2": 0.5, "euclid": 0.6, "loss": 0.3}]},
        first,
    )  # fmt: skip
