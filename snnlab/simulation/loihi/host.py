"""The neurons that stay on the host: what turns an image into spikes.

Their input is constant, and they are stepped as Nengo steps them, in double
precision and in its order of operations.
"""

import numpy as np

from snnlab.simulation.event.simd import (
    LANES,
    above,
    add,
    at_least,
    load_lanes,
    maximum,
    set_bit,
    splat,
    store_words,
    subtract,
    where,
)
from snnlab.simulation.loihi.compiled import kernel
from snnlab.simulation.loihi.layout import GROUP
from snnlab.simulation.loihi.network import DT, ChipLayer


def encode(layer: ChipLayer, image, steps: int, words, first: int) -> None:
    """Spikes of one population under an image.

    Parameters
    ----------
    layer : ChipLayer
        Of the host.
    image : numpy.ndarray
        ``(height, width)``.
    steps : int
    words : numpy.ndarray
        uint64; filled from ``first`` on, a word a neuron and 64 steps.
    """
    current = layer.bias.copy()
    for link in layer.links:
        current += link.operator.apply(np.ravel(image).astype(float))
    charge = np.zeros(len(current) + LANES)
    np.multiply(current, DT, out=charge[: len(current)])
    reset, lower, start = layer.host
    _run(
        charge,
        steps,
        start,
        lower,
        reset == "loihi",
        reset != "subtraction",
        words,
        first,
        len(current),
        np.zeros(LANES, np.uint64),
    )


@kernel
def _run(charge, steps, start, lower, strict, to_zero, words, first, neurons, packed):
    """Spikes of the host's neurons under constant current, in double precision.

    Parameters
    ----------
    charge : numpy.ndarray
        float64: what a step adds to each neuron; room for a group more.
    steps : int
    start, lower : float
        Initial and lowest potential.
    strict, to_zero : bool
        A spike needs more than 1, not 1 at least; leaves nothing, not one less.
    words : numpy.ndarray
        uint64; filled from ``first`` on, ``neurons`` a chunk.
    packed : numpy.ndarray
        uint64, a group.
    """
    one, nothing, least = splat(1.0), splat(0.0), splat(lower)
    for lane in range(0, neurons, LANES):
        v, more = splat(start), load_lanes(charge, lane)
        for chunk in range((steps + GROUP - 1) // GROUP):
            low, high = splat(np.uint32(0)), splat(np.uint32(0))
            some = min(GROUP, steps - GROUP * chunk)
            for half in range(2):
                marked = splat(np.uint32(0))
                for step in range(32 * half, min(some, 32 * half + 32)):
                    v = maximum(add(v, more), least)
                    fired = above(v, one) if strict else at_least(v, one)
                    v = where(fired, nothing if to_zero else subtract(v, one), v)
                    marked = set_bit(marked, fired, np.uint32(1) << np.uint32(step - 32 * half))
                if half == 0:
                    low = marked
                else:
                    high = marked
            index = first + chunk * neurons + lane
            if lane + LANES <= neurons:
                store_words(words, index, low, high)
            else:
                store_words(packed, 0, low, high)
                for rest in range(neurons - lane):
                    words[index + rest] = packed[rest]
