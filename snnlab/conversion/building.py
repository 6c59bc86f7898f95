"""The Nengo network of a U-Net, whatever the method: one ensemble a layer, one connection a wire.

A method says how many spikes a second stand for an activation of 1 in each
layer, and which neurons fire them (`Neurons`); everything else is the same for
all. A layer's input is multiplied by its rate and a spike of rate ``s`` counts
``1/s``, so every wire of a layer, each branch of a skip too, has the scale of
its own source.

Where the U-Net pools, gates (`snnlab.simulation.gates`) stand between the
source and the layer, as a population of their own; where it has two classes,
their difference is read out, whose sigmoid is the softmax of the two, and where
it has more, each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.errors import LabError
from snnlab.nets.architecture import IMAGE, Layer, Wire, shapes, wires
from snnlab.nets.model import Model
from snnlab.simulation.gates import MaxPoolGate, gate_weights
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire, Tiled

POOLED = "pool-"  # name of a population of gates, before that of the layer that it feeds


@dataclass(frozen=True)
class Neurons:
    """What a method decides about a layer.

    Attributes
    ----------
    rate_hz : float
        Firing rate (graded spikes counted by their sizes) for an activation of 1.
    neuron_type : nengo.neurons.NeuronType
        With amplitude ``1 / rate_hz``, or another: it is what a spike counts.
    first : int
        First step in which they may spike.
    cycle : int
        Steps over a multiple of which their rate is measured.
    """

    rate_hz: float
    neuron_type: nengo.neurons.NeuronType
    first: int = 0
    cycle: int = 1


def build_trained(
    model: Model, image: np.ndarray, method: str, initial: float, reset: str = "subtraction"
) -> SpikingNetwork:
    """Make the network of a model whose rates and neurons are those of its training.

    Parameters
    ----------
    model : Model
        Trained for the method, as its card's settings say.
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    method : str
    initial : float
        Potential to begin with, in thresholds.
    reset : {"subtraction", "zero"}

    Raises
    ------
    LabError
        If the model was trained for something else.
    """
    if model.card.get("settings", {}).get("method") != method:
        raise LabError(
            f"the model {model.name} was not trained for {method}; choose one that was, or train "
            f"one."
        )

    def neurons(layer):
        rate = model.rate_hz[layer.name]
        start = {"voltage": Choice([initial])}
        return Neurons(rate, IntegrateAndFire(reset, 1 / rate, initial_state=start))

    return build(model, image, neurons, reset=reset)


def build(
    model: Model,
    image: np.ndarray,
    neurons: Callable[[Layer], Neurons],
    synapse: float | None = None,
    reset: str = "subtraction",
    pixels: Neurons | None = None,
    relay: Callable[[Wire, Layer], Neurons | None] | None = None,
) -> SpikingNetwork:
    """Make the network that segments one image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of the model's.
    neurons : callable
        Says what each layer is made of.
    synapse : float, optional
        Time constant (s) of the low-pass filter behind every population.
    reset : str
        To note in the result.
    pixels : Neurons, optional
        Neurons that turn pixels into spikes, ``rate_hz`` for a grey value of
        1; without them the image is a constant current.
    relay : callable, optional
        Says for each wire whether neurons of their own pass its spikes on,
        and which.
    """
    return _Builder(model, image, synapse, pixels, relay).build(neurons, reset)


class _Builder:
    def __init__(self, model, image, synapse, pixels, relay):
        self.model, self.image, self.synapse = model, image, synapse
        self.pixels, self.relay = pixels, relay or (lambda wire, layer: None)
        self.shape = shapes(model.layers, *image.shape) | {IMAGE: (*image.shape, 1)}
        self.populations: list[Population] = []
        self.outputs = {}

    def build(self, neurons, reset) -> SpikingNetwork:
        model = self.model
        with nengo.Network(label=model.name) as network:
            source = nengo.Node(np.ravel(self.image).astype(float), label=IMAGE)
            self.outputs[IMAGE] = source
            if self.pixels is not None:
                self._pixels(source)
            for layer in model.populations():
                chosen = neurons(layer)
                sources = [self._source(wire, layer) for wire in wires(layer, model.layers)]
                bias = model.biases[layer.name].astype(float) * chosen.rate_hz
                ensemble = self._population(
                    layer.name, self.shape[layer.name], chosen, bias, layer.on_chip
                )
                for wire, output, shape in sources:
                    self._connect(wire, layer, output, shape, ensemble, chosen.rate_hz)
                self.outputs[layer.name] = ensemble.neurons
        return SpikingNetwork(
            network, source, tuple(self.populations), readout_of(model), self.synapse, reset
        )

    def _population(self, name, shape, chosen: Neurons, bias, on_chip: bool) -> nengo.Ensemble:
        ensemble = nengo.Ensemble(
            int(np.prod(shape)),
            dimensions=1,
            neuron_type=chosen.neuron_type,
            gain=Choice([1.0]),
            bias=Tiled(bias),
            # only the neurons are used: nothing is encoded or decoded
            encoders=Choice([[1.0]]),
            n_eval_points=2,
            label=name,
        )
        self.populations.append(
            Population(name, ensemble, shape, chosen.rate_hz, on_chip, chosen.first, chosen.cycle)
        )
        return ensemble

    def _pixels(self, source) -> None:
        ensemble = self._population(IMAGE, self.shape[IMAGE], self.pixels, np.zeros(1), False)
        nengo.Connection(
            source,
            ensemble.neurons,
            transform=convolution((1, 1), 1, self.shape[IMAGE], [[[[self.pixels.rate_hz]]]]),
            synapse=None,
            label=f"pixels to {IMAGE}",
        )
        self.outputs[IMAGE] = ensemble.neurons

    def _source(self, wire: Wire, layer: Layer):
        """What a wire comes from, gates and relays included, and its shape."""
        output, shape = self.outputs[wire.source], self.shape[wire.source]
        if wire.pool > 1:
            output, shape = self._gates(wire, layer, output, shape)
        passed = self.relay(wire, layer)
        if passed is not None:
            output = self._relay(wire, layer, output, shape, passed)
        return wire, output, shape

    def _connect(self, wire: Wire, layer: Layer, output, shape, ensemble, rate_hz: float) -> None:
        # levels times one number, in double precision: so they are levels still to who looks
        levels = self.model.levels[layer.name][:, :, wire.first : wire.last].astype(float)
        kernel = levels * (float(np.float32(self.model.steps[layer.name])) * rate_hz)
        nengo.Connection(
            output,
            ensemble.neurons,
            transform=transform(wire, kernel, shape, self.shape[layer.name]),
            synapse=self._synapse(output),
            label=f"{wire.source} to {layer.name}",
        )

    def _gates(self, wire, layer, output, shape):
        source = next((p for p in self.populations if p.name == wire.source), None)
        side = wire.pool
        if source is None or side != 2:
            raise LabError(
                f"{layer.name} pools what no gate can; spiking gates take 2 x 2 neurons."
            )
        small = (shape[0] // side, shape[1] // side, shape[2])
        amplitude = source.ensemble.neuron_type.amplitude
        chosen = Neurons(source.rate_hz, MaxPoolGate(side * side, amplitude), source.first)
        gates = self._population(f"{POOLED}{layer.name}", small, chosen, np.zeros(1), False)
        weights = gate_weights(side * side, amplitude).reshape(side, side, 1, 1)
        nengo.Connection(
            output,
            gates.neurons,
            # a gate counts spikes, and so does without the filter
            transform=convolution(
                (side, side), side, shape, np.tile(weights, shape[2]), "valid", groups=shape[2]
            ),
            synapse=None,
            label=f"{wire.source} to gates of {layer.name}",
        )
        return gates.neurons, small

    def _relay(self, wire, layer, output, shape, passed: Neurons):
        name = f"{wire.source}-to-{layer.name}"
        held = self._population(name, shape, passed, np.zeros(1), True)
        # an activation in, the same activation out
        kernel = np.full((1, 1, 1, shape[2]), passed.rate_hz)
        nengo.Connection(
            output,
            held.neurons,
            transform=convolution((1, 1), 1, shape, kernel, groups=shape[2]),
            synapse=self._synapse(output),
            label=f"{wire.source} to {name}",
        )
        return held.neurons

    def _synapse(self, output) -> float | None:
        return None if isinstance(output, nengo.Node) else self.synapse


def readout_of(model: Model) -> Readout:
    """The model's last layer, a 1x1 convolution that the host computes.

    Of two classes the difference, of more a column each: the softmax is over what
    their neurons, which add up and do not fire, would have as potentials.
    """
    last = model.layers[-1].name
    kernel, bias = model.kernels[last][0, 0], model.biases[last]
    if len(bias) > 2:
        return Readout(kernel, bias)
    if len(bias) == 2:
        return Readout(kernel[:, 1] - kernel[:, 0], float(bias[1] - bias[0]))
    return Readout(kernel[:, 0], float(bias[0]))


def convolution(size, stride, shape_in, kernel, padding="same", groups=1) -> nengo.Convolution:
    """A two-dimensional convolution with that kernel."""
    kernel = np.asarray(kernel)
    return nengo.Convolution(
        kernel.shape[3],
        shape_in,
        kernel_size=size,
        strides=(stride, stride),
        padding=padding,
        init=kernel,
        groups=groups,
    )


def transform(wire: Wire, kernel, shape_in, shape_out):
    """Nengo's transform of a wire."""
    size = (wire.kernel, wire.kernel)
    if wire.kind == "conv":
        return convolution(size, wire.stride, shape_in, kernel)
    return nengo.transforms.ConvolutionTranspose(
        kernel.shape[3],
        shape_in,
        shape_out,
        kernel_size=size,
        strides=(wire.stride, wire.stride),
        padding="same",
        init=kernel,
    )
