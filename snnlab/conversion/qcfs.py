"""Quantisation-clip-floor-shift: a net trained to be what its spikes will count.

The activation of each layer in training, with a trained threshold ``lambda`` and
``L`` levels (the floor's gradient is passed straight through), is

    h(z) = lambda clip(floor(z L / lambda + 1/2) / L, 0, 1).

Its neurons are integrate-and-fire with threshold ``lambda``, reset by
subtraction, and begin at ``lambda / 2``. In ``T`` steps of even input they count
``clip(floor(z T / lambda + 1/2), 0, T)``, which is ``h`` where ``T = L``; for
other ``T`` the expected difference from ``h`` is zero.

In this lab ``lambda`` is kept as the model's firing rate for an activation of
1: ``rate_hz = 1000 / lambda``, so one spike a step is an activation of ``lambda``.

References
----------
Bu, Fang, Ding, Dai, Yu, Huang (2022), "Optimal ANN-SNN conversion for
high-accuracy and ultra-low-latency spiking neural networks", ICLR.
"""

import numpy as np

from snnlab.conversion.building import build_trained
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.network import SpikingNetwork

NAME = "qcfs"
SHIFT = 0.5  # of a threshold


def activation(z: np.ndarray, threshold: float, levels: int) -> np.ndarray:
    """``h(z)``.

    Parameters
    ----------
    z : numpy.ndarray
        Input, any shape.
    threshold : float
        ``lambda``.
    levels : int
        ``L``.
    """
    return threshold * np.clip(np.floor(z * levels / threshold + SHIFT) / levels, 0, 1)


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
        Trained for this method, as its card's settings say.
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Of which nothing is used: the training has set all.

    Raises
    ------
    LabError
        If the model was trained for something else.
    """
    return build_trained(model, image, NAME, SHIFT)
