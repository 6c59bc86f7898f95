"""Nengo's own way from a ReLU network to spikes: scale the firing rates.

A layer's input is multiplied by a rate ``s`` (Hz for an activation of 1) and
its spikes count ``1/s`` each, which for neurons with a linear rate curve
leaves the function alone and sets how often they fire. Here ``s`` is chosen
per layer so that a percentile of the layer's rates lies between two bounds:

    s = rate_hz * min(max(r_p, lower), upper) / r_p,

``r_p`` being that percentile on the training data at the rate that the model
was trained for. A layer whose percentile is inside the bounds keeps its rate.

The network is built of Nengo objects directly, without Keras, since it is
rebuilt whenever a slider moves; ``tests/conversion`` checks that
``nengo_dl.Converter`` makes the same network of the same model, spike for spike.

References
----------
``nengo_dl.Converter(scale_firing_rates=...)``, NengoDL 3.6; Patel et al.
(2021), arXiv:2106.08921.
"""

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.conversion.building import Neurons, build, readout_of
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire

SLOWEST_HZ = 1e-3  # a spike in the longest run that there is: slower is silent

__all__ = ["convert", "neuron", "rates", "readout_of"]


def rates(model: Model, settings: Settings) -> dict[str, float]:
    """Firing rate (Hz) that stands for an activation of 1, by layer."""
    chosen = {}
    for layer in model.populations():
        trained = model.rate_hz[layer.name]
        reached = model.activation_at(layer.name, settings.percentile) * trained
        wanted = max(min(max(reached, settings.lower_hz), settings.upper_hz), SLOWEST_HZ)
        # a layer that is silent at this percentile has no rate to scale
        chosen[layer.name] = trained * wanted / reached if reached > 0 else trained
    return chosen


def convert(
    model: Model,
    image: np.ndarray,
    settings: Settings,
    spiking: bool = True,
    rates_hz: dict[str, float] | None = None,
) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of 16.
    settings : Settings
        Percentile, bounds, reset, synapse and initial potential are used.
    spiking : bool
        False for a network of rate neurons, the limit of long runs.
    rates_hz : dict, optional
        Firing rate for an activation of 1, by layer, in place of `rates`.

    Returns
    -------
    SpikingNetwork
        With one ensemble a layer and one connection an input of a layer.
    """
    rate_of = rates_hz or rates(model, settings)
    return build(
        model,
        image,
        lambda layer: Neurons(rate_of[layer.name], neuron(rate_of[layer.name], settings, spiking)),
        settings.synapse,
        settings.reset,
    )


def neuron(rate_hz: float, settings: Settings, spiking: bool = True) -> nengo.neurons.NeuronType:
    """The neuron type of a layer whose activation of 1 is ``rate_hz``.

    Where spikes arrive unfiltered, excitation and inhibition come in different
    steps, and only a potential that may go as low as it must keeps their sum.
    Behind a synapse the current is their sum already; there the potential is
    clipped at zero from below, as Loihi clips it always: what a bias alone
    drove down before the input arrived need not be paid back.
    """
    if not spiking:
        return nengo.RectifiedLinear(amplitude=1 / rate_hz)
    clipped = settings.reset == "zero" or settings.synapse_ms > 0
    return IntegrateAndFire(
        reset=settings.reset,
        amplitude=1 / rate_hz,
        lower=0 if clipped else -np.inf,
        initial_state={"voltage": Choice([settings.initial])},
    )
