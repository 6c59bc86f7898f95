"""Explicit current control: normalised currents, half a threshold to begin with.

1. Current normalisation: with ``lambda_l`` the largest activation of a layer on
   the training data and a threshold ``V_thr = kappa``, the current of a step is
   ``kappa (W_l lambda_{l-1} s + b_l) / lambda_l``, ``s`` being the spikes of the
   layer before in that step. So no activation that was seen is clipped.
   ``kappa`` (100 in SpKeras) keeps small weights from rounding; in floating
   point it cancels, and potentials here are in thresholds (``kappa = 1``).
2. Thresholding for residual elimination: neurons begin at half a threshold,
   so that a count is rounded to the nearest instead of down.
3. Consistent batch normalisation: the same epsilon (0.001) when it is trained
   and when it is folded; the shipped models were folded so (`unet.keras_net`).

SpKeras does not run a network in time: it computes each layer's spike counts
from the counts of the layer before,

    n_l = clip(floor((max(W n_{l-1} + b T, 0) + V_thr / 2) / V_thr), 0, T).

This is the run in time; `closed_form` is that formula, and `difference` says
how far they are apart. They agree where input comes evenly: a neuron knows
its sum only at the end, and has then spiked already, or can no longer.

References
----------
Wu, Yi, Huang (2021), arXiv:2103.00944; SpKeras.
"""

from dataclasses import dataclass

import numpy as np
from nengo.dists import Choice

from snnlab.conversion.building import Neurons, build
from snnlab.conversion.calibration import largest, scale
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.closed_form import closed_form
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.recording import Recording

FULL_RATE = 1000.0  # Hz; one spike a step of 1 ms
HALF = 0.5  # of a threshold


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Of which nothing is used: the method sets all itself.
    """

    def neurons(layer):
        rate = FULL_RATE / scale(largest(model, layer.name))
        neuron = IntegrateAndFire(amplitude=1 / rate, initial_state={"voltage": Choice([HALF])})
        return Neurons(rate, neuron)

    return build(model, image, neurons)


@dataclass(frozen=True)
class Difference:
    """A run in time against the closed form, one layer.

    Attributes
    ----------
    name : str
    mean, largest : float
        Of the absolute difference of spike counts.
    unequal : float
        Share of neurons whose counts differ.
    """

    name: str
    mean: float
    largest: float
    unequal: float


def difference(network: SpikingNetwork, recording: Recording) -> tuple[Difference, ...]:
    """Hold a run against SpKeras's formula, layer by layer.

    Each layer's formula is fed the formula's counts of the layer before, as in
    SpKeras, so what differs adds up with depth.
    """
    formula = closed_form(network, recording.timesteps)
    found = []
    for trains in recording.populations:
        apart = np.abs(trains.counts().astype(float) - formula[trains.name])
        found.append(
            Difference(
                trains.name, float(apart.mean()), float(apart.max()), float((apart > 0).mean())
            )
        )
    return tuple(found)
