"""After Spiking-UNet: neurons with four thresholds, each connection with its own scale.

A neuron compares its potential with 2, 1, 1/2 and 1/4 of the threshold and
sends the largest that it reaches (`simulation.graded.MultiThreshold`), so that
a step tells two bits more than a spike does, and a potential that has run
ahead is paid out twice as fast. In the authors' public code all four may fire in
one step: that is `spiking_unet`.

Connection-wise normalisation: the weights from source ``i`` to layer ``l`` are
multiplied by ``lambda_i / lambda_l``, each branch of a skip by its own, with
``lambda`` the 99.9th percentile of the non-zero activations (the percentile of
the settings).

How many thresholds a step ``lambda`` is, is this lab's choice, `REACH`: at 1 the
smallest size is coarse, at 2 nothing is left to catch up with. On 256 x 256
pixels of the training sections 2, 9 and 15, eight steps differed from the ANN by
0.022 at 1, 0.010 at 1.5 and 0.012 at 2 (mean absolute difference of probability,
model ``relu``; 0.013, 0.010, 0.015 with ``phantom``).

Neurons begin at half of their smallest threshold (the settings' initial
potential, as a share of that one), so that a sum rounds to the nearest.

References
----------
Li et al. (2024), "Deep multi-threshold spiking-UNet for image processing",
Neurocomputing, arXiv:2307.10974.
"""

import numpy as np
from nengo.dists import Choice

from snnlab.conversion.building import Neurons, build
from snnlab.conversion.data_normalisation import FULL_RATE, lambdas
from snnlab.errors import LabError
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.graded import MultiThreshold
from snnlab.simulation.network import SpikingNetwork

SIZES = (2.0, 1.0, 0.5, 0.25)
REACH = 1.5  # thresholds a step for an activation of lambda


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Percentile, initial potential and synapse are used.

    Raises
    ------
    LabError
        If the model pools: a gate counts spikes, and these have sizes.
    """
    refuse_pools(model)
    largest = lambdas(model, settings)
    start = {"voltage": Choice([settings.initial * SIZES[-1]])}

    def neurons(layer):
        rate = REACH * FULL_RATE / largest[layer.name]
        return Neurons(rate, MultiThreshold(SIZES, 1 / rate, start))

    return build(model, image, neurons, settings.synapse)


def refuse_pools(model: Model) -> None:
    """Refuse a model that pools.

    Raises
    ------
    LabError
    """
    if any(layer.pool > 1 for layer in model.layers):
        raise LabError("graded spikes are none that a max-pooling gate can count.")
