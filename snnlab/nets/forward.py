"""The forward pass of a net without TensorFlow: what Keras computes, to the rounding of sums.

TensorFlow takes seconds to start; this takes as long as reading a file of machine code. Sums of
products are float32, as Keras's are, in another order, so that activations agree to some 1e-6 of
the largest. Where ``loihi``'s rate curve steps, a neuron in a million may stand on the other side.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import wait

import numpy as np

from snnlab.nets.architecture import IMAGE, Layer, Wire, shapes, wires
from snnlab.nets.kernels import TOGETHER, packed, weighted
from snnlab.nets.model import Model
from snnlab.work.crew import crew, default_threads

DT = 0.001  # s; of the neurons whose rate curve ``loihi`` is
STRIPS = 2  # a thread, so that none waits long for the last one


def forward(
    model: Model, image: np.ndarray, kernels: dict[str, np.ndarray] | None = None
) -> Iterator[tuple[str, np.ndarray]]:
    """Layer by layer, what a net makes of an image.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; sides multiples of
        `snnlab.nets.architecture.multiple`.
    kernels : dict, optional
        Float kernels to use in place of the model's 8-bit ones.

    Yields
    ------
    name : str
        Of a layer, in the model's order.
    numpy.ndarray
        Its activations, float32 ``(channels, height, width)``; the readout's are logits. To be
        read, not written to.

    Raises
    ------
    ValueError
        If the image's sides do not fit the net.
    """
    kernels = model.kernels if kernels is None else kernels
    size = shapes(model.layers, *image.shape)
    last_use = {wire: layer.name for layer in model.layers for wire in layer.inputs}
    found = {IMAGE: np.ascontiguousarray(image, np.float32)[None]}
    for layer in model.layers:
        values = _layer(model, layer, kernels[layer.name], found, size[layer.name])
        if layer.activation == "loihi":
            values = stepped(values, model.rate_hz[layer.name])
        found[layer.name] = values
        for source in layer.inputs:
            if last_use[source] == layer.name:
                del found[source]
        yield layer.name, values


def stepped(smooth: np.ndarray, rate_hz: float) -> np.ndarray:
    """Loihi's rate curve in units of activation; see `snnlab.nets.activations.loihi`."""
    scale = np.float32(rate_hz * DT)
    drive = smooth * scale
    silent = drive < np.float32(1e-4)
    period = np.ceil(1 / np.where(silent, np.float32(1), drive))
    return np.where(silent, np.float32(0), 1 / (period * scale))


def _layer(model: Model, layer: Layer, kernel, found, size) -> np.ndarray:
    """Sums of a layer's inputs, bias included, float32 ``(channels, height, width)``."""
    height, width, channels = size
    fed = wires(layer, model.layers)
    up = layer.stride if layer.kind != "conv" else 1  # rows and columns of the output between which
    tall, wide = height // up, width // up  # those of the smallest input lie
    inputs = [_Input(wire, found[wire.source], up, tall, wide) for wire in fed]
    pitch = max(one.pitch for one in inputs)
    source = np.zeros(sum(one.room(pitch) for one in inputs), np.float32)
    start = 0
    for one in inputs:
        one.put(source, start, pitch)
        start += one.room(pitch)
    bias = np.zeros(-(-channels // TOGETHER) * TOGETHER, np.float32)
    bias[:channels] = model.biases[layer.name]
    out = np.empty((channels, height, width), np.float32)
    for row in range(up):
        for column in range(up):
            taps = [
                one.taps(kernel[:, :, one.wire.first : one.wire.last], row, column)
                for one in inputs
            ]
            starts = np.concatenate([starts for starts, _ in taps])
            starts = np.pad(starts, (0, -len(starts) % TOGETHER))
            weights = packed(np.concatenate([weights for _, weights in taps]))
            _together(
                tall, weighted, out[:, row::up, column::up], source, starts, pitch, weights,
                bias, layer.activation != "linear",
            )  # fmt: skip
    return out


def _together(count: int, work: Callable, *given) -> None:
    """``work(*given, first, last)`` over ``count`` things, on a thread a core."""
    threads = default_threads()
    share = -(-count // (threads * STRIPS))
    jobs = [
        crew(threads).submit(work, *given, first, min(first + share, count))
        for first in range(0, count, share)
    ]
    wait(jobs)
    for job in jobs:
        job.result()


class _Input:
    """What a wire brings, laid out so that each tap of its kernel is a run of numbers.

    A convolution with a stride ``s`` reads every ``s``-th row and column: the input is taken
    apart into ``s * s`` planes. So is one without a stride that feeds every ``s``-th row and column
    of an output that is put together from ``s * s`` parts, as a transposed convolution's is.

    Parameters
    ----------
    wire : Wire
    values : numpy.ndarray
        float32 ``(channels, height, width)``.
    up : int
        The output is put together from ``up * up`` parts.
    tall, wide : int
        Rows and columns of a part of the output.
    """

    def __init__(self, wire: Wire, values: np.ndarray, up: int, tall: int, wide: int):
        self.wire, self.values, self.up = wire, _pooled(values, wire.pool), up
        conv = wire.kind == "conv"
        self.apart = wire.stride * up if conv else 1
        # `same` padding as TensorFlow places it, for a transposed convolution that of the one
        # which it turns round: the odd pixel goes behind
        large, small = self.values.shape[1:], (tall * up, wide * up)
        if not conv:
            large, small = small, large
        self.before = [
            max((few - 1) * wire.stride + wire.kernel - many, 0) // 2
            for many, few in zip(large, small, strict=True)
        ]
        # rows and columns of zeros before the first; behind the last there are enough for all taps
        self.ahead = self.before if conv else [wire.kernel] * 2
        more = (up + wire.kernel - 2) // self.apart + 1 if conv else 2 * wire.kernel
        self.rows, self.pitch = tall + more, wide + more

    def room(self, pitch: int) -> int:
        """Numbers that it takes."""
        return len(self.values) * self.apart**2 * self.rows * pitch

    def put(self, source: np.ndarray, start: int, pitch: int) -> None:
        """Lay the values out from ``source[start]`` on; the rest is zero already."""
        self.start, self.real_pitch, s = start, pitch, self.apart
        shape = (len(self.values), s, s, self.rows, pitch)
        planes = source[start : start + self.room(pitch)].reshape(shape)
        _together(len(self.values), self._spread, planes)

    def _spread(self, planes: np.ndarray, first: int, last: int) -> None:
        s = self.apart
        for row in range(s):
            for column in range(s):
                # value (y, x) stands at (y + ahead, x + ahead), divided by s
                y, x = ((q - a) % s for q, a in zip((row, column), self.ahead, strict=True))
                part = self.values[first:last, y::s, x::s]
                top, left = (y + self.ahead[0]) // s, (x + self.ahead[1]) // s
                rows, columns = part.shape[1:]
                planes[first:last, row, column, top : top + rows, left : left + columns] = part

    def taps(self, kernel: np.ndarray, row: int, column: int) -> tuple[np.ndarray, np.ndarray]:
        """Where each tap begins and what it weighs, for a part of the output.

        Returns
        -------
        numpy.ndarray
            int64 ``(taps,)``.
        numpy.ndarray
            ``(taps, channels)``.
        """
        s, pitch = self.apart, self.real_pitch
        own = self.rows * pitch
        starts, weights = [], []
        channels = np.arange(len(self.values)) * s * s * own
        for t, u in np.ndindex(kernel.shape[:2]):
            if self.wire.kind == "conv":
                y, x = row + t, column + u
                at = (y % s * s + x % s) * own + y // s * pitch + x // s
            else:
                # output row up * i + t - before is fed by row i
                y, x = row + self.before[0] - t, column + self.before[1] - u
                if y % self.up or x % self.up:
                    continue
                at = (y // self.up + self.ahead[0]) * pitch + x // self.up + self.ahead[1]
            starts.append(self.start + at + channels)
            weights.append(kernel[t, u])
        if not starts:
            return np.zeros(0, np.int64), np.zeros((0, kernel.shape[3]), np.float32)
        return np.concatenate(starts), np.concatenate(weights)


def _pooled(values: np.ndarray, side: int) -> np.ndarray:
    """The largest of each square of that side."""
    if side == 1:
        return values
    channels, height, width = values.shape
    shape = (channels, height // side, side, width // side, side)
    return values[:, : height // side * side, : width // side * side].reshape(shape).max((2, 4))


def warm_up() -> None:
    """Compile the kernel, or fetch it from the cache, by summing four numbers."""
    weighted(
        np.empty((1, 1, 1), np.float32), np.zeros(4, np.float32), np.arange(4), 1,
        np.zeros((1, 1, 16), np.float32), np.zeros(4, np.float32), True, 0, 1,
    )  # fmt: skip
