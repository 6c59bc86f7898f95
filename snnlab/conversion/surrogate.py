"""A net that was trained as a spiking one, through time, with surrogate gradients.

Nothing is converted: the weights, batch normalisation of the input currents
folded in with statistics that all steps share, are those of the spiking net,
and it is run with the neurons of its training,

    v <- v + W s + b;  a spike where v >= 1;  then v <- v - 1 or 0,

for which training took ``1 / (1 + alpha |v - 1|)^2`` as the derivative of the
spike. A spike is an activation of 1, so a model trained for it has a firing
rate for an activation of 1 (``rate_hz``) of 1000 Hz, one spike a step.

References
----------
Ledinauskas, Ruseckas, Jursenas, Burachas (2020), "Training deep spiking neural
networks", arXiv:2006.04436.
"""

import numpy as np

from snnlab.conversion.building import build_trained
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.network import SpikingNetwork

NAME = "surrogate"


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
        Trained for this method, as its card's settings say.
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Reset and initial potential are used; give those of the training,
        which a model's card has.

    Raises
    ------
    LabError
        If the model was trained for something else.
    """
    return build_trained(model, image, NAME, settings.initial, settings.reset)
