"""The same conversion through ``nengo_dl.Converter``, and the proof of it.

NengoDL has no converter for transposed convolutions, though it can run them:
one is registered here. `verify` holds the converted network against Keras.

References
----------
NengoDL 3.6, ``nengo_dl.converter``; its ``Converter.verify``.
"""

from dataclasses import dataclass
from functools import cache

import nengo
import numpy as np

from snnlab import compat
from snnlab.conversion import rate_scaling
from snnlab.nets.keras import keras_model
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation.network import Population, SpikingNetwork


@cache
def _register_transposed() -> None:
    """Teach ``nengo_dl.Converter`` about ``Conv2DTranspose``."""
    tf, nengo_dl = compat.tensorflow(), compat.nengo_dl()

    class ConvertConv2DTranspose(nengo_dl.converter.ConvertConv):
        """Convert ``tf.keras.layers.Conv2DTranspose`` to Nengo objects."""

        def convert(self, node_id, dimensions=2):
            layer = self.layer
            kernel = tf.keras.backend.get_value(layer.kernel)
            output = self.add_nengo_obj(node_id, activation=layer.activation)
            shape = self.output_shape(node_id)
            if layer.use_bias:
                self._add_bias(node_id, output, shape, tf.keras.backend.get_value(layer.bias))
            self.add_connection(
                node_id,
                output,
                trainable=True,
                transform=nengo.transforms.ConvolutionTranspose(
                    layer.filters,
                    self.input_shape(node_id),
                    shape,
                    kernel_size=layer.kernel_size,
                    strides=layer.strides,
                    padding=layer.padding,
                    init=kernel.transpose(0, 1, 3, 2),
                ),
            )
            return output

        def _add_bias(self, node_id, output, shape, biases):
            name = f"{self.layer.name}.{node_id}.bias"
            node = nengo.Node([1], label=name)
            relay = nengo.Node(size_in=len(biases), label=f"{name}_relay")
            nengo.Connection(node, relay, transform=biases[:, None], synapse=None)
            every = np.arange(int(np.prod(shape)))
            spread = nengo.Sparse(
                (len(every), len(biases)),
                indices=np.stack([every, every % len(biases)], axis=1),
            )
            self.set_trainable(
                nengo.Connection(relay, output, transform=spread, synapse=None), False
            )

        @classmethod
        def convertible(cls, layer, converter):
            plain = layer.data_format == "channels_last"
            if not plain or layer.output_padding or set(layer.dilation_rate) != {1}:
                return False, "Only plain channels-last transposed convolutions"
            return super().convertible(layer, converter)

    nengo_dl.Converter.register(tf.keras.layers.Conv2DTranspose)(ConvertConv2DTranspose)


def convert(
    model: Model, image: np.ndarray, settings: Settings, spiking: bool = True
) -> SpikingNetwork:
    """As `rate_scaling.convert`, but made by ``nengo_dl.Converter`` from the Keras model.

    Its memory and time grow with a Python list of one tuple a neuron, so it is
    for tiles of up to 128 x 128 pixels or so.
    """
    network, converter, populations = _converted(model, image.shape, settings, spiking)
    node = converter.inputs[converter.model.input]
    node.output = np.ravel(image).astype(float)
    return SpikingNetwork(
        network,
        node,
        populations,
        rate_scaling.readout_of(model),
        settings.synapse,
        settings.reset,
    )


def _converted(model: Model, shape: tuple[int, int], settings: Settings, spiking: bool):
    _register_transposed()
    net = keras_model(model, *shape)
    rate_of = rate_scaling.rates(model, settings)
    layers = {layer.name: net.get_layer(layer.name) for layer in model.populations()}
    # the Converter divides the amplitude by the scale itself
    plain = rate_scaling.neuron(1.0, settings, spiking)
    converter = compat.nengo_dl().Converter(
        net,
        allow_fallback=False,
        inference_only=True,
        swap_activations={layer.activation: plain for layer in layers.values()},
        scale_firing_rates={layers[name]: rate for name, rate in rate_of.items()},
        synapse=settings.synapse,
    )
    populations = []
    for layer in model.populations():
        ensemble = converter.layers[layers[layer.name]].ensemble
        size = tuple(layers[layer.name].output_shape[1:])
        populations.append(
            Population(layer.name, ensemble, size, rate_of[layer.name], layer.on_chip)
        )
    return converter.net, converter, tuple(populations)


@dataclass(frozen=True)
class Verification:
    """How far a converted network is from the Keras net that it was made of.

    Attributes
    ----------
    rate_error : float
        Largest difference of a logit, network of rate neurons against Keras.
    probability_error : dict of int to float
        Mean absolute difference of the probability after so many timesteps.
    """

    rate_error: float
    probability_error: dict[int, float]

    @property
    def passed(self) -> bool:
        """Rate mode within 1e-4, and the error falls as the run gets longer."""
        errors = [self.probability_error[steps] for steps in sorted(self.probability_error)]
        return self.rate_error < 1e-4 and errors[-1] < errors[0]


def verify(
    model: Model,
    image: np.ndarray,
    settings: Settings,
    run,
    timesteps=(16, 64, 256),
    build=rate_scaling.convert,
) -> Verification:
    """Hold a conversion against Keras.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; a small one.
    run : callable
        ``run(spiking_network, timesteps) -> Recording``: a simulator.
    build : callable
        The conversion: `rate_scaling.convert` or this module's `convert`.
    """
    tf = compat.tensorflow()
    logits = keras_model(model, *image.shape)(image[None, :, :, None], training=False)
    expected = logits.numpy()[0, :, :, 0]
    # without filters a step is enough for the rates of all layers
    rated = build(model, image, settings.replace(synapse_ms=0.0), spiking=False)
    with nengo.Simulator(rated.network, progress_bar=False) as simulator:
        simulator.step()
        last = rated.populations[-1]
        signal = simulator.model.sig[last.ensemble.neurons]["out"]
        reached = simulator.signals[signal].reshape(last.shape)
    rate_error = float(np.abs(rated.readout.logits(reached) - expected).max())
    wanted = tf.sigmoid(expected).numpy()
    spiking = build(model, image, settings)
    recording = run(spiking, max(timesteps))
    errors = {
        steps: float(np.abs(spiking.probability(recording, 0, steps) - wanted).mean())
        for steps in timesteps
    }
    return Verification(rate_error, errors)
