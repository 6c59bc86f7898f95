"""A detector as a spiking network, by the methods that graphs know.

Every ReLU is a population of integrate-and-fire neurons. What the pyramid adds is two connections
into one population, of which the upper one is a transposed convolution of ones; a subnet's weights
are the same for all levels, and each level has populations of its own. The two readouts, whose
values have signs, are weighted sums of the last populations' rates, which a host computes: signed
values need no spikes of their own. So neurons and weights are as many as the ANN's. The first layer
is a host's, too, where there is a chip: it turns pixels into spikes.

References
----------
Royo-Miquel et al. (2021), arXiv:2106.05624: RetinaNet in spikes.
"""

from dataclasses import replace

import numpy as np

from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.scaling import FULL_RATE, METHODS
from snnlab.conversion.rate_scaling import SLOWEST_HZ
from snnlab.errors import LabError
from snnlab.nets.detector.model import Detector
from snnlab.nets.detector.plan import IMAGE
from snnlab.nets.model import PERCENTILES
from snnlab.settings import Settings

ALL, ABOVE = 0, 1  # rows of `Detector.active`


def rates(detector: Detector, settings: Settings) -> dict[str, float]:
    """Firing rate (Hz) that stands for an activation of 1, by population.

    Parameters
    ----------
    detector : Detector
        With ``active``.
    settings : Settings
        Method, percentile and bounds are used: ``rate-scaling`` brings the percentile of all
        activations between the bounds, ``data-normalisation`` that of those above zero to one
        spike a step, ``ecc`` the largest.

    Raises
    ------
    LabError
        If the method is none of `METHODS`, or the detector does not say how active it is.
    """
    if settings.method not in METHODS:
        raise LabError(
            f"a detector cannot be converted by {settings.method}; choose {', '.join(METHODS)}."
        )
    if not detector.active:
        raise LabError(f"the detector {detector.name} does not say how active it is; train it.")
    found = {}
    for name, quantiles in detector.active.items():
        if settings.method == "ecc":
            high = float(quantiles[ALL, -1])
        else:
            row = ALL if settings.method == "rate-scaling" else ABOVE
            high = float(np.interp(settings.percentile, PERCENTILES, quantiles[row]))
            high = high or float(quantiles[ALL, -1])
        wanted = FULL_RATE
        if settings.method == "rate-scaling":
            wanted = max(min(settings.upper_hz, FULL_RATE), SLOWEST_HZ)
        found[name] = wanted / high if high > 0 else FULL_RATE
    return found


def convert(detector: Detector, image: np.ndarray, settings: Settings) -> GraphNetwork:
    """Make the spiking network that looks for things in one image.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, normalised; sides multiples of the plan's.
    settings : Settings
        As `rates`; reset, synapse and initial potential too.

    Raises
    ------
    LabError
        As `rates`; also if the image is too large.
    """
    made = build(
        detector.graph(*image.shape),
        image[..., None],
        rates(detector, settings),
        settings.initial,
        settings.reset,
        settings.synapse,
    )
    entering = {step.name for step in detector.plan.steps() if step.source == IMAGE}
    populations = tuple(replace(p, on_chip=p.name not in entering) for p in made.populations)
    return replace(made, populations=populations)
