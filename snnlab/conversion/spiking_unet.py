"""Spiking-UNet as its authors' public code runs it: all four thresholds may fire in one step.

A neuron compares its potential with 2, 1, 1/2 and 1/4 of the threshold in turn,
from the largest down, and sends each that it is above, taking it off: up to 3.75
thresholds in one step (`simulation.graded.MultiThreshold`, ``together``). It
begins at a potential of 0, and an activation of ``lambda`` is one threshold a
step. `multi_threshold` is this lab's own form of the same idea, which sends only
the largest spike, begins at half of the smallest and scales otherwise.

Normalisation is connection-wise as there: the weights from source ``i`` to layer
``l`` are multiplied by ``lambda_i / lambda_l``, with ``lambda`` the percentile
(99.9 in the paper) of the non-zero activations.

What differs from the authors' code: they read out the sum of all steps, this lab
the last half of them, as with every method; their nets pool by averages, with
neurons of their own; and they fine-tune the weights afterwards, the forward pass
being the run in spikes and the backward pass that of a ReLU net whose derivative
is 1 where the summed input is positive, for 100 epochs on a GPU. That is not done here.

References
----------
Li et al. (2024), "Deep multi-threshold spiking-UNet for image processing",
Neurocomputing, arXiv:2307.10974; github.com/SNNresearch/Spiking-UNet,
``snn/spiking_neuron.py``, ``snn/simulation/__init__.py``, ``snn_train_seg.py``.
"""

import numpy as np
from nengo.dists import Choice

from snnlab.conversion.building import Neurons, build
from snnlab.conversion.data_normalisation import FULL_RATE, lambdas
from snnlab.conversion.multi_threshold import SIZES, refuse_pools
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.graded import MultiThreshold
from snnlab.simulation.network import SpikingNetwork


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Percentile and synapse are used.

    Raises
    ------
    LabError
        If the model pools: a gate counts spikes, and these have sizes.
    """
    refuse_pools(model)
    largest = lambdas(model, settings)

    def neurons(layer):
        rate = FULL_RATE / largest[layer.name]
        start = {"voltage": Choice([0.0])}
        return Neurons(rate, MultiThreshold(SIZES, 1 / rate, start, together=True))

    return build(model, image, neurons, settings.synapse)
