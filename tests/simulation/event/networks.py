"""Random feed-forward networks, small enough for Nengo's own simulator.

Either all weights, currents and times are multiples of powers of two, so that
sums are exact in double precision, in whatever order they are taken; or all
are of any value, so that no potential lands on its threshold but by chance.
Filters come with the latter, since what they settle at is a round number but
for rounding. What differs from Nengo is then a mistake and not a rounding.
"""

import nengo
import numpy as np
from hypothesis import strategies as st
from nengo.dists import Choice

from snnlab import compat
from snnlab.simulation.neurons import IntegrateAndFire

DT = 1 / 1024
LOIHI = compat.nengo_loihi().neurons.LoihiSpikingRectifiedLinear


def round_weights(random, *shape):
    """Multiples of 1/8."""
    return random.randint(-8, 12, size=shape) / 8


def any_weights(random, *shape):
    """Of any value in the same range."""
    return random.uniform(-1, 1.5, size=shape)


@st.composite
def neuron_types(draw, spiking=False):
    amplitude = draw(st.sampled_from([1 / 4, 1 / 2, 1]))
    start = {"voltage": Choice([draw(st.sampled_from([0, 1 / 2, 3 / 4]))])}
    kinds = ["rectified", "loihi", "subtraction", "zero", "random"]
    kind = draw(st.sampled_from(kinds if spiking else [*kinds, "rate"]))
    if kind == "rate":
        return nengo.RectifiedLinear(amplitude / 16)
    if kind == "rectified":
        return nengo.SpikingRectifiedLinear(amplitude, initial_state=start)
    if kind == "random":
        return nengo.SpikingRectifiedLinear(amplitude)
    if kind == "loihi":
        return LOIHI(amplitude, initial_state=start)
    lower = draw(st.sampled_from([-np.inf, -1.5, 0]))
    return IntegrateAndFire(kind, amplitude, lower, start)


@st.composite
def convolutions(draw, shape, random, scale, weights):
    """A convolution, transposed or not, of a signal of that shape."""
    channels, kernel = draw(st.integers(1, 9)), draw(st.tuples(*[st.integers(1, 4)] * 2))
    strides = draw(st.tuples(*[st.integers(1, 3)] * 2))
    padding = draw(st.sampled_from(["same", "valid"]))
    kind = nengo.Convolution
    if draw(st.booleans()):
        kind = nengo.transforms.ConvolutionTranspose
    elif padding == "valid":
        kernel = tuple(min(pair) for pair in zip(kernel, shape, strict=False))
    init = weights(random, *kernel, shape[2], channels) * scale
    return kind(channels, shape, kernel_size=kernel, strides=strides, padding=padding, init=init)


@st.composite
def growths(draw, shape, random, scale, weights):
    """The U-Net's way up: a transposed convolution onto twice the size, as Keras places it."""
    channels, kernel = draw(st.integers(1, 9)), (draw(st.sampled_from([3, 3, 2, 4])),) * 2
    return nengo.transforms.ConvolutionTranspose(
        channels,
        shape,
        (2 * shape[0], 2 * shape[1], channels),
        kernel_size=kernel,
        strides=(2, 2),
        padding="same",
        init=weights(random, *kernel, shape[2], channels) * scale,
    )


def skips(shape, channels, random, scale, weights):
    """A convolution of 3 x 3 that keeps the size, for a second input."""
    init = weights(random, 3, 3, shape[2], channels) * scale
    return nengo.Convolution(channels, shape, kernel_size=(3, 3), padding="same", init=init)


@st.composite
def transforms(draw, shape, random, scale, weights):
    """Any transform of a signal of that shape, and the shape of its result."""
    size = int(np.prod(shape))
    kinds = ["convolution"] * 4 + ["growth"] * 2 + ["dense", "scalar", "diagonal", "sparse"]
    kind = draw(st.sampled_from(kinds))
    if kind in ("convolution", "growth"):
        made = convolutions if kind == "convolution" else growths
        transform = draw(made(shape, random, scale, weights))
        return transform, transform.output_shape.shape
    if kind == "scalar":
        return scale, shape
    if kind == "diagonal":
        return weights(random, size) * scale, shape
    out = draw(st.integers(1, 30))
    matrix = weights(random, out, size) * scale / 4
    if kind == "dense":
        return matrix, (1, 1, out)
    places = np.argwhere(random.rand(out, size) < 0.3)
    if not len(places):
        return matrix, (1, 1, out)
    return nengo.Sparse((out, size), places, matrix[tuple(places.T)]), (1, 1, out)


@st.composite
def networks(draw, spiking=False, rounded=None):
    """A network and its ensembles; every ensemble feeds from one or two earlier ones."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    rounded = draw(st.booleans()) if rounded is None else rounded
    weights = round_weights if rounded else any_weights
    synapses = st.sampled_from([None] if rounded else [None, nengo.Lowpass(0.005)])
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)))
    with nengo.Network(seed=draw(st.integers(0, 1000))) as network:
        image = nengo.Node(random.randint(0, 17, size=int(np.prod(shape))) / 16)
        sources, shapes, ensembles = [image], [shape], []
        for _ in range(draw(st.integers(1, 4))):
            place = draw(st.integers(0, len(sources) - 1))
            # an image is current, spikes come a thousand a second
            scale = 512.0 if place == 0 else 1.0
            transform, shape = draw(transforms(shapes[place], random, scale, weights))
            size = int(np.prod(shape))
            if not 0 < size <= 2500:
                continue
            bias = weights(random, shape[2]) * 256
            ensemble = nengo.Ensemble(
                size,
                1,
                neuron_type=draw(neuron_types(spiking)),
                gain=Choice([draw(st.sampled_from([1, 1, 0.5]))]),
                bias=np.tile(bias, size // len(bias)),
                label=f"layer {len(ensembles)}",
            )
            nengo.Connection(
                sources[place], ensemble.neurons, transform=transform, synapse=draw(synapses)
            )
            if len(sources) > 1 and draw(st.booleans()):
                other = draw(st.integers(1, len(sources) - 1))
                if shapes[other][:2] == shape[:2]:
                    second = skips(shapes[other], shape[2], random, 1.0, weights)
                else:
                    second = weights(random, size, sources[other].size_out) / 4
                    second *= random.rand(*second.shape) < 0.2
                nengo.Connection(
                    sources[other], ensemble.neurons, transform=second, synapse=draw(synapses)
                )
            ensembles.append(ensemble)
            sources.append(ensemble.neurons)
            shapes.append(shape)
    return network, ensembles


@st.composite
def hourglasses(draw, rounded=None):
    """Down by strided convolutions and up again, as a U-Net.

    On the way up a population is fed by a transposed convolution from below
    and by a convolution of 3 x 3 from the same level on the way down.
    """
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    rounded = draw(st.booleans()) if rounded is None else rounded
    weights = round_weights if rounded else any_weights
    synapses = st.sampled_from([None] if rounded else [None, nengo.Lowpass(0.005)])
    levels = draw(st.integers(1, 2))
    shape = tuple(draw(st.integers(1, 12 >> levels)) << levels for _ in range(2)) + (1,)
    with nengo.Network(seed=draw(st.integers(0, 1000))) as network:
        ensembles = []

        def population(*inputs):
            shape = inputs[0][1].output_shape.shape
            bias = weights(random, shape[2]) * 128
            ensemble = nengo.Ensemble(
                int(np.prod(shape)),
                1,
                neuron_type=draw(neuron_types(spiking=True)),
                gain=Choice([draw(st.sampled_from([1, 0.5]))]),
                bias=np.tile(bias, shape[0] * shape[1]),
                label=f"layer {len(ensembles)}",
            )
            for source, transform in inputs:
                synapse = draw(synapses)
                nengo.Connection(source, ensemble.neurons, transform=transform, synapse=synapse)
            ensembles.append(ensemble)
            return ensemble.neurons, shape

        image = nengo.Node(random.randint(0, 17, size=shape[0] * shape[1]) / 16)
        channels = draw(st.integers(1, 9))
        first = nengo.Convolution(
            channels, shape, kernel_size=(1, 1), init=weights(random, 1, 1, 1, channels) * 512
        )
        way_down = [population((image, first))]
        for _ in range(levels):
            source, shape = way_down[-1]
            channels = draw(st.integers(1, 9))
            way_down.append(
                population(
                    (
                        source,
                        nengo.Convolution(
                            channels,
                            shape,
                            kernel_size=(3, 3),
                            strides=(2, 2),
                            padding="same",
                            init=weights(random, 3, 3, shape[2], channels),
                        ),
                    )
                )
            )
        below = way_down.pop()
        while way_down:
            source, shape = way_down.pop()
            up = draw(growths(below[1], random, 1.0, weights))
            skip = skips(shape, up.n_filters, random, 1.0, weights)
            below = population((below[0], up), (source, skip))
    return network, ensembles
