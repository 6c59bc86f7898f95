"""When neurons have input: the steps in which a spike reaches them, from packed trains.

All channels of a position are reached at once, so one train of bits a
position is enough: the OR over the receptive field, which is taken along the
rows and then along the columns. Synapses of weight zero count.
"""

import numpy as np

from snnlab.nets.architecture import IMAGE, Layer, Wire, wires
from snnlab.simulation.recording import WORD


def arrivals(layers: tuple[Layer, ...], layer: Layer, trains: dict, timesteps: int) -> np.ndarray:
    """Steps in which at least one spike reaches each position of a layer.

    Parameters
    ----------
    layer : Layer
    trains : dict of str to SpikeTrains
        Of all populations.
    timesteps : int

    Returns
    -------
    numpy.ndarray
        uint64 ``(words, height, width)``, packed as `SpikeTrains` are. A spike
        is put down in the step in which it was sent. What the image feeds has
        input in every step.
    """
    height, width, _ = trains[layer.name].shape
    words = -(-timesteps // WORD)
    reached = np.zeros((words, height, width), np.uint64)
    for wire in wires(layer, layers):
        if wire.source == IMAGE and IMAGE not in trains:
            reached |= ~np.uint64(0)  # a constant current
            continue
        source = trains[wire.source]
        sent = source.words.reshape(words, *source.shape)
        any_channel = np.bitwise_or.reduce(sent, axis=3)
        if wire.pool > 1:
            # a gate passes one of a window's trains on; that any was sent is the most there is
            tall, wide, side = height * wire.stride, width * wire.stride, wire.pool
            windows = any_channel.reshape(words, tall, side, wide, side)
            any_channel = np.bitwise_or.reduce(np.bitwise_or.reduce(windows, axis=4), axis=2)
        reached |= _spread(_spread(any_channel, 1, wire, height), 2, wire, width)
    last = timesteps % WORD
    if last:
        reached[-1] &= np.uint64((1 << last) - 1)
    return reached


def _spread(words: np.ndarray, axis: int, wire: Wire, size: int) -> np.ndarray:
    """OR over the taps of a kernel along one axis; ``same`` padding as TensorFlow's."""
    words = np.moveaxis(words, axis, 0)
    out = np.zeros((size, *words.shape[1:]), np.uint64)
    wide, narrow = (len(words), size) if wire.kind == "conv" else (size, len(words))
    before = max((narrow - 1) * wire.stride + wire.kernel - wide, 0) // 2
    at = np.arange(narrow)
    for tap in range(wire.kernel):
        position = at * wire.stride + tap - before
        inside = (position >= 0) & (position < wide)
        if wire.kind == "conv":
            out[at[inside]] |= words[position[inside]]
        else:
            out[position[inside]] |= words[at[inside]]
    return np.moveaxis(out, 0, axis)


def since_first(words: np.ndarray) -> np.ndarray:
    """Every step from the first one set on, in packed trains ``(words, ...)``."""
    out = np.zeros_like(words)
    seen = np.zeros(words.shape[1:], bool)
    for index, word in enumerate(words):
        # two's complement: x | -x sets all bits above the lowest set one
        out[index] = np.where(seen, ~np.uint64(0), word | (~word + np.uint64(1)))
        out[index][~seen & (word == 0)] = 0
        seen |= word != 0
    return out


def count(words: np.ndarray, stop: int) -> int:
    """Bits set before step ``stop``."""
    total = 0
    for index in range(-(-stop // WORD)):
        high = min(stop - index * WORD, WORD)
        total += int(np.bitwise_count(words[index] & np.uint64((1 << high) - 1)).sum())
    return total
