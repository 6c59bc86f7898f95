"""The U-Net as data: layers, the wires between them, and the sizes that follow.

The shape is that of the paper this lab is built on and of its authors' public
examples: no pooling (downsampling by strided, upsampling by transposed
convolution), ``same`` padding, a 1x1 convolution off chip that turns pixels
into spikes, and a 1x1 readout off chip. A layer with several inputs is fed
their concatenation along the channels; since a convolution of a concatenation
is the sum of one convolution an input, each input is a wire of its own
(`wires`). Nothing here imports TensorFlow.

References
----------
Patel, Hunsberger, Batir, Eliasmith (2021), arXiv:2106.08921.
Ronneberger, Fischer, Brox (2015), arXiv:1505.04597.
"""

from dataclasses import dataclass, replace

IMAGE = "image"


@dataclass(frozen=True)
class Layer:
    """One convolution and the neurons that it drives.

    Attributes
    ----------
    name : str
        Unique; also the name of the neuron population.
    kind : {"conv", "conv_transpose", "up"}
        ``"up"`` takes its first input, of lower resolution, through a
        transposed convolution with the stride, and the others, the skips,
        through convolutions without.
    inputs : tuple of str
        Earlier layers, or ``"image"``; concatenated along channels, in order.
    channels : int
        Output channels.
    kernel, stride : int
        Side of the square kernel and stride, in pixels; padding is ``same``.
    activation : {"relu", "loihi", "linear"}
    on_chip : bool
        False for the spike encoder and the readout, which a host computes.
    pool : int
        Side of the windows of which the input's maximum is taken first; of a
        ``"conv"`` with one input.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    channels: int
    kernel: int
    stride: int = 1
    activation: str = "relu"
    on_chip: bool = True
    pool: int = 1


def unet(
    encoder: int = 4,
    widths: tuple[int, ...] = (8, 16, 32, 64, 64),
    activation: str = "relu",
    outputs: int = 1,
) -> tuple[Layer, ...]:
    """Lay out the U-Net.

    On the way down a level is two populations, on the way up one: each takes
    some steps until its first spike, so depth costs an SNN time.

    Parameters
    ----------
    encoder : int
        Channels of the off-chip 1x1 layer that turns pixels into spikes.
    widths : tuple of int
        Channels at full, half, quarter ... resolution.
    activation : {"relu", "loihi"}
        Of every neuron population.
    outputs : int
        Of the readout: 1, the logit of cell, or one a class, membrane first.

    Returns
    -------
    tuple of Layer
        In an order in which each layer comes after its inputs; the readout last.
    """
    a = activation
    layers = [
        Layer("encoder", "conv", (IMAGE,), encoder, 1, activation=a, on_chip=False),
        Layer("down0", "conv", ("encoder",), widths[0], 3, activation=a),
    ]
    below = "down0"
    skips = [below]
    for level, width in enumerate(widths[1:], start=1):
        layers.append(Layer(f"stride{level}", "conv", (below,), width, 3, 2, a))
        below = f"down{level}"
        layers.append(Layer(below, "conv", (f"stride{level}",), width, 3, activation=a))
        skips.append(below)
    for level in reversed(range(len(widths) - 1)):
        up = f"up{level}"
        layers.append(Layer(up, "up", (below, skips[level]), widths[level], 3, 2, a))
        below = up
    readout = Layer("readout", "conv", (below,), outputs, 1, activation="linear", on_chip=False)
    return (*layers, readout)


@dataclass(frozen=True)
class Wire:
    """One input of a layer, and how the layer convolves it.

    Attributes
    ----------
    source : str
        A layer, or ``"image"``.
    kind : {"conv", "conv_transpose"}
    kernel, stride : int
    first, last : int
        Input channels ``first:last`` of the layer's kernel are this wire's.
    pool : int
        Side of the windows whose maximum is convolved; 1 for no pooling.
    """

    source: str
    kind: str
    kernel: int
    stride: int
    first: int
    last: int
    pool: int = 1


def wires(layer: Layer, layers: tuple[Layer, ...]) -> tuple[Wire, ...]:
    """The inputs of a layer, in order."""
    width = channels(layers)
    found, first = [], 0
    for index, source in enumerate(layer.inputs):
        kind, stride = layer.kind, layer.stride
        if kind == "up":
            kind, stride = ("conv_transpose", stride) if index == 0 else ("conv", 1)
        last = first + width[source]
        found.append(Wire(source, kind, layer.kernel, stride, first, last, layer.pool))
        first = last
    return tuple(found)


def resolution(layers: tuple[Layer, ...]) -> dict[str, int]:
    """Downsampling factor of each layer against the image (1, 2, 4, ...)."""
    factor = {IMAGE: 1}
    for layer in layers:
        before = factor[layer.inputs[0]]
        factor[layer.name] = (
            before * layer.stride * layer.pool if layer.kind == "conv" else before // layer.stride
        )
    return factor


def multiple(layers: tuple[Layer, ...]) -> int:
    """Image sides must be a multiple of this, or the skips do not line up."""
    return max(resolution(layers).values())


def channels(layers: tuple[Layer, ...]) -> dict[str, int]:
    """Output channels by layer, the image's single channel included."""
    return {IMAGE: 1} | {layer.name: layer.channels for layer in layers}


def shapes(layers: tuple[Layer, ...], height: int, width: int) -> dict[str, tuple[int, int, int]]:
    """Output shape ``(height, width, channels)`` of each layer.

    Parameters
    ----------
    height, width : int
        Of the image; multiples of `multiple`.

    Raises
    ------
    ValueError
        If they are not.
    """
    side = multiple(layers)
    if height % side or width % side:
        raise ValueError(f"{height}x{width} is not a multiple of {side}")
    factor = resolution(layers)
    return {
        layer.name: (height // factor[layer.name], width // factor[layer.name], layer.channels)
        for layer in layers
    }


def weight_shape(layer: Layer, layers: tuple[Layer, ...]) -> tuple[int, int, int, int]:
    """``(rows, columns, in, out)`` of a layer's kernel, for both kinds of layer."""
    width = channels(layers)
    return (layer.kernel, layer.kernel, sum(width[name] for name in layer.inputs), layer.channels)


def halo(layers: tuple[Layer, ...]) -> int:
    """How far, in pixels, an output can see; a multiple of `multiple`.

    A tile cut with this margin, at a multiple of `multiple`, gives in its
    inside what the whole image gives there.
    """
    factor = resolution(layers)
    reach = {IMAGE: 0}
    for layer in layers:
        # a strided convolution looks one input pixel to one side only, but
        # which side depends on parity: the larger is counted for both
        reach[layer.name] = max(
            reach[name] + (layer.kernel // 2 * layer.pool + layer.pool - 1) * factor[name]
            for name in layer.inputs
        )
    side = multiple(layers)
    return -(-reach[layers[-1].name] // side) * side


def fan_out(wire: Wire | Layer, size_in: int, size_out: int) -> tuple[int, ...]:
    """Outputs that each input position reaches along one axis, borders exact.

    Parameters
    ----------
    wire : Wire or Layer
        A layer, if all its inputs are convolved alike.
    size_in, size_out : int
        Positions along the axis before and after.

    Returns
    -------
    tuple of int
        ``size_in`` numbers. The synapses of an input neuron are the product of
        its row's and its column's number and of the layer's channels. Those of
        a window that is pooled are put down at its first position.
    """
    if wire.pool > 1:
        pooled = fan_out(replace(wire, pool=1), size_in // wire.pool, size_out)
        return tuple(pooled[at // wire.pool] if at % wire.pool == 0 else 0 for at in range(size_in))
    reached = [0] * size_in
    wide, narrow = (size_in, size_out) if wire.kind == "conv" else (size_out, size_in)
    # `same` padding as TensorFlow places it: the odd pixel goes behind
    before = max((narrow - 1) * wire.stride + wire.kernel - wide, 0) // 2
    for at in range(narrow):
        for tap in range(wire.kernel):
            position = at * wire.stride + tap - before
            if 0 <= position < wide:
                reached[position if wire.kind == "conv" else at] += 1
    return tuple(reached)
