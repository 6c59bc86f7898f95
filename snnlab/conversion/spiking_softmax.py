"""Data-based normalisation, with the classes told by spikes too.

Behind the last layer stand neurons, one a class and pixel, that add up their
input and share the spikes of a generator: in each step it sends one, and one of
them gets it, drawn with the softmax of their mean input so far
(`simulation.softmax.SpikingSoftmax`). What is read out is the share of the spikes
that all classes but membrane got, which comes to the probability of cell, to
``1 / sqrt(T)``; of three classes, each one's own share too.

**One draw is shared by the classes.** SNNtoolbox draws for each class by itself, a
spike with the probability of its softmax, so that in a step both may spike or none;
and it takes the softmax of the potentials, which grow with time, so that it ends as
a maximum. Here they are divided by the time. Without this method the softmax is
taken of what the output neurons hold, and nothing is drawn (`data_normalisation`).

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682; SNNtoolbox,
``softmax_activation`` of its backends.
"""

from dataclasses import replace

import numpy as np

from snnlab.conversion import data_normalisation
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.network import Readout, SpikingNetwork


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
        Of two classes or more, membrane first.
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        As of `data_normalisation`; the seed is of the draws too.

    Raises
    ------
    LabError
        If the model has one class only.
    """
    network = data_normalisation.convert(model, image, settings)
    added = data_normalisation.with_spiking_softmax(network, model, settings.seed)
    cell = np.ones(model.layers[-1].channels, np.float32)
    cell[0] = 0
    share = Readout(cell, 0.0, shares=True)
    return replace(network, populations=(*network.populations, added), readout=share)
