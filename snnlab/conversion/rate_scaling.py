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

from dataclasses import dataclass

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.errors import LabError
from snnlab.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.unet.architecture import IMAGE, Layer, channels, shapes
from snnlab.unet.model import Model


@dataclass(frozen=True)
class Scaling:
    """What rate scaling depends on, apart from model and image.

    Attributes
    ----------
    percentile : float
        Of a layer's rates, over all its neurons and the training data; 50..100.
    lower_hz, upper_hz : float
        Between which that percentile is put.
    reset : {"subtraction", "zero"}
        Loihi 1 can only reset to zero.
    synapse_ms : float
        Time constant (ms) of the low-pass filter on every connection; 0: none.
    initial : float
        Potential at the start, as a share of the threshold.
    spiking : bool
        False for a network of rate neurons, the limit of long runs.
    """

    percentile: float = 99.9
    lower_hz: float = 75.0
    upper_hz: float = 150.0
    reset: str = "subtraction"
    synapse_ms: float = 0.0
    initial: float = 0.5
    spiking: bool = True


def rates(model: Model, scaling: Scaling) -> dict[str, float]:
    """Firing rate (Hz) that stands for an activation of 1, by layer.

    Raises
    ------
    LabError
        If the bounds are not ``0 < lower <= upper``.
    """
    if not 0 < scaling.lower_hz <= scaling.upper_hz:
        raise LabError("the rate bounds must be above 0 Hz, the lower one first.")
    chosen = {}
    for layer in model.populations():
        trained = model.rate_hz[layer.name]
        reached = model.activation_at(layer.name, scaling.percentile) * trained
        wanted = min(max(reached, scaling.lower_hz), scaling.upper_hz)
        # a layer that is silent at this percentile has no rate to scale
        chosen[layer.name] = trained * wanted / reached if reached > 0 else trained
    return chosen


def convert(model: Model, image: np.ndarray, scaling: Scaling) -> SpikingNetwork:
    """Make the spiking network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of 16.
    scaling : Scaling

    Returns
    -------
    SpikingNetwork
        With one ensemble a layer and one connection an input of a layer.
    """
    rate_of = rates(model, scaling)
    shape_of = shapes(model.layers, *image.shape) | {IMAGE: (*image.shape, 1)}
    width_of = channels(model.layers)
    synapse = scaling.synapse_ms / 1000 if scaling.synapse_ms else None
    populations = []
    with nengo.Network(label=model.name) as network:
        source = nengo.Node(np.ravel(image).astype(float), label=IMAGE)
        outputs = {IMAGE: source}
        for layer in model.populations():
            rate = rate_of[layer.name]
            ensemble = _ensemble(layer, shape_of[layer.name], model.biases[layer.name], rate, scaling)
            first = 0
            for name in layer.inputs:
                last = first + width_of[name]
                kernel = model.kernels[layer.name][:, :, first:last] * np.float32(rate)
                nengo.Connection(
                    outputs[name],
                    ensemble.neurons,
                    transform=_transform(layer, kernel, shape_of[name], shape_of[layer.name]),
                    synapse=None if name == IMAGE else synapse,
                    label=f"{name} to {layer.name}",
                )
                first = last
            outputs[layer.name] = ensemble.neurons
            populations.append(
                Population(layer.name, ensemble, shape_of[layer.name], rate, layer.on_chip)
            )
    return SpikingNetwork(
        network, source, tuple(populations), readout_of(model), synapse, scaling.reset
    )


def readout_of(model: Model) -> Readout:
    """The model's last layer, a 1x1 convolution that the host computes."""
    last = model.layers[-1].name
    return Readout(model.kernels[last][0, 0, :, 0], float(model.biases[last][0]))


def neuron(rate_hz: float, scaling: Scaling) -> nengo.neurons.NeuronType:
    """The neuron type of a layer whose activation of 1 is ``rate_hz``."""
    if not scaling.spiking:
        return nengo.RectifiedLinear(amplitude=1 / rate_hz)
    return IntegrateAndFire(
        reset=scaling.reset,
        amplitude=1 / rate_hz,
        # Loihi clips the potential at zero from below; subtraction is an
        # idealised neuron, whose deficit must be paid back to keep its rate
        lower=0 if scaling.reset == "zero" else -np.inf,
        initial_state={"voltage": Choice([scaling.initial])},
    )


def _ensemble(layer: Layer, shape, bias, rate, scaling) -> nengo.Ensemble:
    count = int(np.prod(shape))
    return nengo.Ensemble(
        count,
        dimensions=1,
        neuron_type=neuron(rate, scaling),
        gain=Choice([1.0]),
        bias=np.tile(bias.astype(float) * rate, count // len(bias)),
        # only the neurons are used: nothing is encoded or decoded
        encoders=Choice([[1.0]]),
        n_eval_points=2,
        label=layer.name,
    )


def _transform(layer: Layer, kernel, shape_in, shape_out):
    size, stride = (layer.kernel, layer.kernel), (layer.stride, layer.stride)
    if layer.kind == "conv":
        return nengo.Convolution(
            layer.channels, shape_in, kernel_size=size, strides=stride, padding="same", init=kernel
        )
    return nengo.transforms.ConvolutionTranspose(
        layer.channels, shape_in, shape_out, kernel_size=size, strides=stride, padding="same",
        init=kernel,
    )
