"""Data-based normalisation: a layer's largest activation becomes one spike a step.

With ``lambda_l`` a high percentile of the non-zero activations of layer ``l``
on the training data,

    W_l <- W_l lambda_{l-1} / lambda_l,    b_l <- b_l / lambda_l,

so that an activation of ``lambda_l`` is the highest rate there is. Each branch
of a skip is multiplied by the ``lambda`` of its own source. Batch
normalisation is folded into the weights already when a model is shipped
(``W gamma / sigma``, ``beta + gamma / sigma (b - mu)``; `unet.keras_net`).

The image is a constant current, or spikes drawn with the grey value as their
probability (``input="poisson"``, seeded). Where the net pools, gates pass the
spikes of the input with the highest estimated rate (`simulation.gates`); where
it has two classes, the softmax is taken over what its output neurons, which do
not fire, have added up (`building.readout_of`), or spikes are drawn with it
(`simulation.softmax.SpikingSoftmax`, which `with_spiking_softmax` adds; the
method `spiking_softmax`).

With reset by subtraction a constant input is told to within ``1 / T`` of it;
with reset to zero a rate is ``1 / ceil(1 / z)``, however long the run.

References
----------
Rueckauer, Lungu, Hu, Pfeiffer (2016), arXiv:1612.04052; Rueckauer et al.
(2017), 10.3389/fnins.2017.00682.
"""

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.conversion.building import Neurons, build, convolution
from snnlab.conversion.calibration import percentile_of_active, scale
from snnlab.conversion.rate_scaling import neuron
from snnlab.errors import LabError
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.chance import Poisson
from snnlab.simulation.network import Population, SpikingNetwork
from snnlab.simulation.neurons import Tiled
from snnlab.simulation.softmax import SpikingSoftmax

SOFTMAX = "softmax"  # the population of its neurons

FULL_RATE = 1000.0  # Hz; one spike a step of 1 ms


def lambdas(model: Model, settings: Settings) -> dict[str, float]:
    """The activation that becomes one spike a step, by layer."""
    return {
        layer.name: scale(percentile_of_active(model, layer.name, settings.percentile))
        for layer in model.populations()
    }


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Percentile, reset, input, synapse, initial potential and seed are used;
        the bounds of the rates are not: the highest rate is one spike a step.

    Raises
    ------
    LabError
        If the model has no statistics of its activations.
    """
    largest = lambdas(model, settings)
    pixels = None
    if settings.input == "poisson":
        pixels = Neurons(FULL_RATE, Poisson(settings.seed, 1 / FULL_RATE))

    def neurons(layer):
        rate = FULL_RATE / largest[layer.name]
        return Neurons(rate, neuron(rate, settings))

    return build(
        model,
        image,
        neurons,
        settings.synapse,
        settings.reset,
        pixels,
    )


def with_spiking_softmax(
    network: SpikingNetwork, model: Model, seed: int = 0, rate: float = 1.0
) -> Population:
    """Add output neurons, one a class and pixel, that spike by their softmax.

    Parameters
    ----------
    network : SpikingNetwork
        Of a model with two classes or more; changed.
    rate : float
        0..1, spikes a step and pixel.

    Returns
    -------
    Population
        ``(height, width, classes)``; the share of a class's spikes approaches
        its probability, to ``1 / sqrt(T)``. Give it to a simulator as one of
        the network's.

    Raises
    ------
    LabError
        If the model has one class only.
    """
    readout, last = model.layers[-1], network.populations[-1]
    if readout.channels < 2:
        raise LabError(f"the model {model.name} has one class; a softmax needs two: choose pooled.")
    shape = (*last.shape[:2], readout.channels)
    count = int(np.prod(shape))
    with network.network:
        ensemble = nengo.Ensemble(
            count,
            1,
            neuron_type=SpikingSoftmax(readout.channels, rate, seed, 1 / FULL_RATE),
            gain=Choice([1.0]),
            bias=Tiled(model.biases[readout.name].astype(float) * FULL_RATE),
            encoders=Choice([[1.0]]),
            n_eval_points=2,
            label=SOFTMAX,
        )
        kernel = model.kernels[readout.name] * np.float32(FULL_RATE)
        nengo.Connection(
            last.ensemble.neurons,
            ensemble.neurons,
            transform=convolution((1, 1), 1, last.shape, kernel),
            synapse=network.synapse,
            label=f"{last.name} to {SOFTMAX}",
        )
    return Population(SOFTMAX, ensemble, shape, FULL_RATE * rate, False)
