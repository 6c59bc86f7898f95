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
    both,
    down8,
    down12,
    down31,
    exceeds,
    larger,
    load_sums,
    plus,
    smaller,
    times,
    up8,
)


def _neurons(fast):
    """The step of a group of neurons; ``fast`` for a decay of 1/4096, that of no filter.

    Currents are held in units of 1/256, so that 32 bits wrap around where the
    chip's 24 do. Where no threshold is above the highest potential, a neuron
    that reaches it spikes, and the bound needs no attention.
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
        below, decay = splat(np.int32(4095)), splat(np.int32(stage[at.DECAY]))
        fraction, whole = splat(np.int32(4096 * 256 - 1)), splat(np.int32(-256))
        for lane in range(0, size, LANES):
            v, u = nothing, nothing
            if not fresh:
                v, u = load_lanes(voltage, place + lane), load_lanes(current, place + lane)
            constant = up8(load_lanes(bias, first + lane))
            limit = load_lanes(threshold, first + lane)
            low, high = splat(np.uint32(0)), splat(np.uint32(0))
            for half in range(2):
                marked = splat(np.uint32(0))
                for step in range(32 * half, min(steps, 32 * half + 32)):
                    # towards zero: what is negative gets all but one added before the shift
                    negative = down31(u)
                    if fast:
                        u = both(down12(plus(u, both(negative, fraction))), whole)
                    else:
                        u = down8(u)
                        rest = plus(times(both(u, below), decay), both(negative, below))
                        u = up8(plus(times(down12(u), decay), down12(rest)))
                    u = plus(u, load_sums(sums, lane + step * pitch))
                    v = larger(plus(v, down8(plus(u, constant))), lowest)
                    if stage[at.BOUNDED]:
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


advance_unfiltered, advance_filtered = _neurons(True), _neurons(False)
