"""Small networks for Loihi: converted U-Nets with random weights, and random layers."""

import nengo
import numpy as np
from hypothesis import strategies as st
from nengo.dists import Choice

from snnlab.conversion import rate_scaling
from snnlab.nets.architecture import unet, weight_shape
from snnlab.nets.model import from_float
from snnlab.settings import Settings
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire

READOUT = Readout(np.ones(1, np.float32), 0.0)


def random_unet(widths=(8, 16, 32), encoder=4, seed=0):
    """A U-Net with random weights whose layers all fire, some neurons often, some never."""
    layers = unet(encoder, widths, activation="loihi")
    random = np.random.default_rng(seed)
    kernels, biases, rates = {}, {}, {}
    for layer in layers:
        shape = weight_shape(layer, layers)
        fan_in = np.prod(shape[:3])
        mean = 0.5 if layer.name == "encoder" else 0.25 / fan_in
        kernels[layer.name] = random.normal(mean, 1.5 / np.sqrt(fan_in), shape)
        biases[layer.name] = random.uniform(-0.3, 0.5, layer.channels)
        rates[layer.name] = float(random.uniform(80, 200))
    return from_float("random", layers, kernels, biases, rates)


def converted(model, height, width, synapse_ms=0, seed=0):
    image = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    settings = Settings(reset="zero", synapse_ms=synapse_ms, initial=0.5)
    return rate_scaling.convert(model, image, settings, rates_hz=model.rate_hz)


def _ensemble(shape, bias, kind, name):
    size = int(np.prod(shape))
    return nengo.Ensemble(
        size,
        1,
        neuron_type=kind,
        gain=Choice([1.0]),
        bias=np.tile(bias, size // len(bias)),
        encoders=Choice([[1.0]]),
        n_eval_points=2,
        label=name,
    )


@st.composite
def _geometry(draw, shape, channels, kind=None):
    kernel = draw(st.tuples(*[st.integers(1, 4)] * 2))
    strides = draw(st.one_of(st.just((1, 1)), st.tuples(*[st.integers(1, 3)] * 2)))
    kinds = ["same", "same", "valid", "transposed", "doubled", "grown"]
    kind = kind or draw(st.sampled_from(kinds))
    if kind in ("halved", "grown"):
        # a U-Net's way down and up: mostly 3 x 3, to half or twice the size
        kernel, strides = (draw(st.sampled_from([3, 3, 2, 4])),) * 2, (2, 2)
    if kind in ("same", "valid", "halved"):
        if kind == "valid":
            kernel = tuple(min(pair) for pair in zip(kernel, shape, strict=False))
        padding = "valid" if kind == "valid" else "same"
        return nengo.Convolution(
            channels, shape, kernel_size=kernel, strides=strides, padding=padding
        )
    # as a Keras layer grows its input: to exactly stride times its size
    out = (shape[0] * strides[0], shape[1] * strides[1], channels)
    return nengo.transforms.ConvolutionTranspose(
        channels,
        shape,
        None if kind == "transposed" else out,
        kernel_size=kernel,
        strides=strides,
        padding="same",
    )


@st.composite
def random_networks(draw):
    """A host's encoder and one to four layers on the chip, some of them with two inputs.

    Half of them go down and up again, as a U-Net: the last layer is fed by a
    transposed convolution from below and by a convolution from the encoder.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    hourglass = draw(st.booleans())
    height, width = draw(st.tuples(*[st.integers(3, 11)] * 2))
    if hourglass:
        height, width = height // 2 * 2, width // 2 * 2
    taus = st.sampled_from(draw(st.sampled_from([[None], [0.005], [None, 0.002, 0.03]])))
    image = random.random((height, width))
    shape = (height, width, draw(st.integers(1, 5)))
    reset = draw(st.sampled_from(["zero", "subtraction"]))
    with nengo.Network() as network:
        source = nengo.Node(image.ravel())
        encoder = _ensemble(
            shape,
            random.uniform(-50, 150, shape[2]),
            IntegrateAndFire(reset, 0.01, 0 if reset == "zero" else -np.inf),
            "encoder",
        )
        nengo.Connection(
            source,
            encoder.neurons,
            synapse=None,
            transform=nengo.Convolution(
                shape[2],
                (height, width, 1),
                kernel_size=(1, 1),
                padding="same",
                init=random.uniform(-50, 300, (1, 1, 1, shape[2])),
            ),
        )
        populations = [Population("encoder", encoder, shape, 100.0, False)]
        for number in range(2 if hourglass else draw(st.integers(1, 4))):
            before = populations[-1] if hourglass else draw(st.sampled_from(populations))
            channels = draw(st.sampled_from([1, 2, 3, 4, 6, 8, 16, 24]))
            kind = ("halved", "grown")[number] if hourglass else None
            transform = draw(_geometry(before.shape, channels, kind))
            shape = transform.output_shape.shape
            if not 0 < np.prod(shape) <= 4000:
                continue
            name = f"layer{number}"
            amplitude = float(random.uniform(0.002, 0.02))
            ensemble = _ensemble(
                shape,
                random.uniform(-60, 120, channels),
                IntegrateAndFire("zero", amplitude, 0),
                name,
            )
            sources = [(before, transform)]
            # a skip: a second population of the same size on top
            same = [p for p in populations if p.shape[:2] == shape[:2] and p is not before]
            if same and (hourglass or draw(st.sampled_from([True, True, False]))):
                other = draw(st.sampled_from(same))
                sources.append(
                    (
                        other,
                        nengo.Convolution(
                            channels, other.shape, kernel_size=(3, 3), padding="same"
                        ),
                    )
                )
            for other, way in sources:
                fan_in = np.prod(way.kernel_size) * way.input_shape.n_channels
                scale = 1 / (other.ensemble.neuron_type.amplitude * np.sqrt(fan_in))
                inputs = way.input_shape.n_channels
                init = random.normal(0.3, 1, (*way.kernel_size, inputs, channels))
                type(way).init.data[way] = init * scale * draw(st.sampled_from([0.3, 1.0, 4.0]))
                nengo.Connection(
                    other.ensemble.neurons, ensemble.neurons, transform=way, synapse=draw(taus)
                )
            populations.append(Population(name, ensemble, shape, 100.0, True))
    if len(populations) == 1:
        return draw(random_networks())
    return SpikingNetwork(network, source, tuple(populations), READOUT, None, "zero")
