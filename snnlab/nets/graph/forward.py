"""The forward pass of a graph, in NumPy: what Keras computes, to the rounding of sums."""

from collections import deque
from collections.abc import Iterator, Mapping
from functools import singledispatch

import numpy as np
from scipy.special import expit, softmax

from snnlab.nets.graph.net import IMAGE, Graph
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.sums import convolved, transposed
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution


def forward(
    graph: Graph, images: np.ndarray, given: Mapping[str, np.ndarray] | None = None
) -> Iterator[tuple[str, np.ndarray]]:
    """Node by node, what a net makes of images.

    Parameters
    ----------
    graph : Graph
    images : numpy.ndarray
        ``(n, height, width, channels)``; float64 computes in double precision, else float32.
    given : mapping, optional
        What nodes give instead of what they would compute; what only they need is left out.

    Yields
    ------
    name : str
        Of a node, in order.
    numpy.ndarray
        ``(n, ...)``; to be read, not written to.
    """
    images = np.asarray(images)
    images = images if images.dtype == np.float64 else images.astype(np.float32)
    given = given or {}
    wanted = _wanted(graph, given)
    left = {name: sum(user in wanted for user in users) for name, users in graph.users.items()}
    found = {IMAGE: images}
    for node in graph.nodes:
        if node.name in given:
            found[node.name] = np.asarray(given[node.name], images.dtype)
        elif node.name in wanted:
            found[node.name] = apply(node.layer, *(found[name] for name in node.inputs))
            for name in node.inputs:
                left[name] -= 1
                if not left[name]:
                    found.pop(name, None)
        else:
            continue
        yield node.name, found[node.name]


def answer(graph: Graph, images: np.ndarray, given=None) -> np.ndarray:
    """The last node's output; see `forward`."""
    ((_, values),) = deque(forward(graph, images, given), maxlen=1)
    return values


def _wanted(graph: Graph, given) -> set[str]:
    """Nodes that have to be computed."""
    wanted = set() if graph.output.name in given else {graph.output.name}
    for node in reversed(graph.nodes):
        if node.name in wanted:
            wanted.update(name for name in node.inputs if name not in given and name != IMAGE)
    return wanted


@singledispatch
def apply(layer, *inputs: np.ndarray) -> np.ndarray:
    """What a layer makes of its inputs, ``(n, ...)``."""
    raise TypeError(f"{type(layer).__name__} has no forward pass")


@apply.register
def _(layer: Convolution, x):
    sums = convolved(
        x, layer.kernel, layer.strides, layer.dilation, layer.axes(x.shape[1:]), layer.groups
    )
    return sums + layer.bias.astype(x.dtype)


@apply.register
def _(layer: TransposedConvolution, x):
    sums = transposed(x, layer.kernel, layer.strides, layer.dilation, layer.axes(x.shape[1:]))
    return sums + layer.bias.astype(x.dtype)


@apply.register
def _(layer: Dense, x):
    return x @ layer.kernel.astype(x.dtype) + layer.bias.astype(x.dtype)


@apply.register
def _(layer: Affine, x):
    return x * layer.scale.astype(x.dtype) + layer.shift.astype(x.dtype)


@apply.register
def _(layer: Pooling, x):
    size, strides = layer.windows(x.shape[1:])
    axes = layer.axes(x.shape[1:])
    few = [
        max((axis.out - 1) * stride + taps - many - axis.before, 0)
        for axis, stride, taps, many in zip(axes, strides, size, x.shape[1:3], strict=True)
    ]
    around = [(0, 0), *((a.before, more) for a, more in zip(axes, few, strict=True)), (0, 0)]
    empty = -np.inf if layer.kind == "max" else 0
    padded = np.pad(x, around, constant_values=empty)
    ones = None if layer.kind == "max" else np.pad(np.ones_like(x[:1, ..., :1]), around)
    found, count = None, None
    for row, column in np.ndindex(*size):
        part = _every(padded, row, column, strides, axes)
        if layer.kind == "max":
            found = part if found is None else np.maximum(found, part)
        else:
            found = part if found is None else found + part
            inside = _every(ones, row, column, strides, axes)
            count = inside if count is None else count + inside
    return found if count is None else found / count


def _every(padded, row, column, strides, axes):
    """The value of one tap in every window."""
    return padded[
        :,
        row : row + (axes[0].out - 1) * strides[0] + 1 : strides[0],
        column : column + (axes[1].out - 1) * strides[1] + 1 : strides[1],
    ]


@apply.register
def _(layer: Upsampling, x):
    for axis, factor in enumerate(layer.factors, start=1):
        if layer.smooth:
            centre = (np.arange(x.shape[axis] * factor) + 0.5) / factor - 0.5
            low = np.floor(centre)
            share = (centre - low).astype(x.dtype).reshape(-1, *[1] * (3 - axis))
            first, second = (
                np.take(x, np.clip(low + step, 0, x.shape[axis] - 1).astype(int), axis)
                for step in (0, 1)
            )
            x = first + (second - first) * share
        else:
            x = np.repeat(x, factor, axis)
    return x


@apply.register
def _(layer: Borders, x):
    pairs = (layer.rows, layer.columns)
    cut = [
        slice(max(-before, 0), size - max(-behind, 0))
        for (before, behind), size in zip(pairs, x.shape[1:3], strict=True)
    ]
    more = [(max(before, 0), max(behind, 0)) for before, behind in pairs]
    return np.pad(x[:, cut[0], cut[1]], [(0, 0), *more, (0, 0)])


@apply.register
def _(layer: Add, *inputs):
    return sum(inputs[1:], inputs[0])


@apply.register
def _(layer: Concatenate, *inputs):
    return np.concatenate(inputs, axis=-1)


@apply.register
def _(layer: Reshape, x):
    return x.reshape(len(x), *layer.shape(x.shape[1:]))


@apply.register
def _(layer: Neurons, x):
    x = np.clip(x, 0, layer.ceiling)
    if layer.stepped_hz is None:
        return x
    from snnlab.nets.forward import stepped  # which brings Numba along

    return stepped(x, layer.stepped_hz)


@apply.register
def _(layer: OffChip, x):
    if layer.kind == "sigmoid":
        return expit(x)
    return softmax(x, axis=-1) if layer.kind == "softmax" else x
