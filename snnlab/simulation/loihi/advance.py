"""From sums to spikes: the part of a run whose cost follows the neurons; see `kernels`."""

import numpy as np

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.simd import (
    LANES,
    load_lanes,
    set_bit,
    splat,
    store,
    store_words,
    where,
)
from snnlab.simulation.loihi import layout as at
from snnlab.simulation.loihi.integers import (
    decayed,
    exceeds,
    larger,
    load_sums,
    plus,
    smaller,
    wrapped,
)


def _neurons(bounded):
    """The step of a group of neurons; ``bounded`` where nothing overflows.

    If no sum of weights takes a current, or a current with its bias, beyond the
    chip's 24 bits, nothing wraps around. And where no threshold is above the
    highest potential, a neuron that reaches it spikes, so that the bound needs
    no attention. `program` proves both, layer by layer.
    """

    def advance(
        sums,
        pitch,
        size,
        steps,
        stage,
        bias,
        threshold,
        first,
        voltage,
        current,
        place,
        fresh,
        words,
        index,
        packed,
    ):
        nothing = splat(np.int32(0))
        lowest, highest = splat(np.int32(stage[at.LOWEST])), splat(np.int32(stage[at.HIGHEST]))
        decay = splat(np.int32(stage[at.DECAY]))
        for lane in range(0, size, LANES):
            v, u = nothing, nothing
            if not fresh:
                v, u = load_lanes(voltage, place + lane), load_lanes(current, place + lane)
            constant = load_lanes(bias, first + lane)
            limit = load_lanes(threshold, first + lane)
            low, high = splat(np.uint32(0)), splat(np.uint32(0))
            for half in range(2):
                marked = splat(np.uint32(0))
                for step in range(32 * half, min(steps, 32 * half + 32)):
                    u = plus(decayed(u, decay), load_sums(sums, lane + step * pitch))
                    if bounded:
                        v = larger(plus(v, plus(u, constant)), lowest)
                    else:
                        u = wrapped(u)
                        v = larger(plus(v, wrapped(plus(u, constant))), lowest)
                        v = smaller(v, highest)
                    fired = exceeds(v, limit)
                    v = where(fired, nothing, v)
                    marked = set_bit(marked, fired, np.uint32(1) << np.uint32(step - 32 * half))
                if half == 0:
                    low = marked
                else:
                    high = marked
            store(voltage, place + lane, v)
            store(current, place + lane, u)
            if lane + LANES <= size:
                store_words(words, index + lane, low, high)
            else:
                store_words(packed, 0, low, high)
                for item in range(size - lane):
                    words[index + lane + item] = packed[item]

    return inner(advance)


advance_bounded, advance_wrapping = _neurons(True), _neurons(False)
