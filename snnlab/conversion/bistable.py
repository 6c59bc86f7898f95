"""Bistable neurons: a layer listens for a cycle, then says what it heard.

An integrate-and-fire neuron may spike before the inhibition that would have
kept it silent has arrived: phase lead and lag make "spikes of inactivated
neurons". Here no neuron speaks before its sources have said all. Time goes in
cycles of ``K`` steps; the layer at depth ``d`` takes no notice of anything
until cycle ``d``, gathers its input in that cycle, and in the next one sends
the sum as a binary number, spike by spike:

    activation / lambda = sum_k sizes[k] spike_k,   sizes[k] = 2^(K-1-k) / (2^K - 1)

(`simulation.graded.Bistable`). From then on every cycle does so again. On a
skip, which is a short way to a late layer, synchronous neurons hold the spikes
back until the long way has come as far, and pass them on a cycle late; so the
two branches of a layer are of the same cycle.

The price is the delay: the first result of a net of ``D`` layers in a row is
complete after ``(D + 1) K`` steps. ``K`` is the longest cycle of up to 8 steps
with which that is within the timesteps of the settings; in fewer than ``D + 1``
steps nothing arrives at the readout at all.

Notes
-----
The equations of the paper could not be read; this is built from its
description (bistable neurons deliver the information after one cycle, against
phase lead and phase lag; synchronous neurons for the fast shortcuts). That a
cycle is a binary number is this lab's choice, and so is ``lambda``, the
percentile of the non-zero activations that `data_normalisation` uses.

References
----------
Li, Zhao, Zeng (2022), "BSNN: Towards faster and better conversion of
artificial neural networks to spiking neural networks with bistable neurons",
10.3389/fnins.2022.991851, arXiv:2105.12917.
"""

import numpy as np

from snnlab.conversion.building import Neurons, build
from snnlab.conversion.data_normalisation import FULL_RATE, lambdas
from snnlab.errors import LabError
from snnlab.nets.architecture import IMAGE
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.graded import Bistable
from snnlab.simulation.network import SpikingNetwork

LONGEST = 8  # steps a cycle; 255 levels


def depths(model: Model) -> dict[str, int]:
    """Layers between the image and each population, on the longest way."""
    depth = {IMAGE: -1}
    for layer in model.populations():
        depth[layer.name] = 1 + max(depth[name] for name in layer.inputs)
    return depth


def cycle(model: Model, timesteps: int) -> int:
    """Steps a cycle, so that one result is complete in so many timesteps."""
    cycles = max(depths(model).values()) + 2  # each layer's, and that of the last one's spikes
    return max(1, min(LONGEST, timesteps // cycles))


def sizes(steps: int) -> tuple[float, ...]:
    """Sizes of the spikes of a cycle; they add up to 1."""
    return tuple(2 ** (steps - 1 - k) / (2**steps - 1) for k in range(steps))


def convert(model: Model, image: np.ndarray, settings: Settings) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    settings : Settings
        Percentile and timesteps are used.

    Raises
    ------
    LabError
        If the model pools: a gate counts spikes, and these have sizes.
    """
    if any(layer.pool > 1 for layer in model.layers):
        raise LabError("bistable neurons send graded spikes, which no max-pooling gate can count.")
    steps, depth = cycle(model, settings.timesteps), depths(model)
    largest = lambdas(model, settings)

    def made(name: str, start: int) -> Neurons:
        rate = FULL_RATE / (steps * largest[name])
        neuron = Bistable(sizes(steps), start, amplitude=1 / rate)
        return Neurons(rate, neuron, neuron.speaks, steps)

    def relay(wire, layer):
        if wire.source == IMAGE or depth[wire.source] + 1 == depth[layer.name]:
            return None
        return made(wire.source, (depth[layer.name] - 1) * steps)

    return build(
        model,
        image,
        lambda layer: made(layer.name, depth[layer.name] * steps),
        reset=settings.reset,
        relay=relay,
    )
