"""Spikes from whole currents, with potentials as whole numbers.

Potentials, bias and threshold are multiples of one number that is so small that a
threshold has millions of it (`layout.Fixed`). A step multiplies the sums of levels
of each source with that source's factor, and adds; nothing is rounded on the way.
What the bias lacks of a whole number is made up for every `BLOCK` steps, what a
spike takes away too much or too little every chunk, so that errors do not add up;
`integers` bounds what is left of them. Nor can a sum overflow: potentials are
looked at once a block, and those below ``-LIMIT`` are held there and marked. They
come out too high, so a marked neuron that spikes after all is run again (`settle`),
as is one that came too near to its threshold or was above ``LIMIT``.
"""

import numpy as np

from snnlab.simulation.event.charging import charge_even, charge_odd
from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.integer_simd import (
    add_whole,
    any_bits,
    below,
    both,
    both_bits,
    either,
    largest,
    load_even,
    load_odd,
    ones,
    passes,
    shifted_down,
    smallest,
    smallest_unsigned,
    store_both,
    store_spikes,
    subtract_whole,
    times,
    whole,
    within,
)
from snnlab.simulation.event.simd import LANES, any_set, splat, store, where

BLOCK = 8  # steps
LIMIT = 1 << 30
PARTS = 16  # bits of what is kept of a fraction


@inner
def _outside(even, odd, least, limit):
    """Whether a potential of the group is not within its limits."""
    low, high = either(below(even, least), below(odd, least)), passes(even, limit)
    return any_set(either(low, either(high, passes(odd, limit))))


@inner
def _doubtful(nearest, near, deep, low, high):
    """Who came near to the threshold, and who spiked though held at the limit."""
    spiked = within(whole(1), any_bits(low, high))
    return either(within(nearest, near), both(passes(deep, whole(0)), spiked))


def _advancing(planes):
    """The steps of neurons that are fed by one or two sums of levels, or by none."""

    def advance(currents, apart, pitch, size, steps, fixed, scratch, place, base, words, index):
        held, rests, deep, doubts = scratch.held, scratch.rests, scratch.deep, scratch.doubts
        nothing, one, eight = whole(0), whole(1), whole(BLOCK)
        parts, fraction = whole(PARTS), whole((1 << PARTS) - 1)
        # potentials are counted from the threshold, and higher by the margin: unsigned, they are
        # how near they came from either side
        threshold, doubt = whole(fixed.threshold), whole(fixed.doubt)
        almost, near = subtract_whole(doubt, one), add_whole(doubt, doubt)
        level = subtract_whole(doubt, threshold)
        limit, least = whole(LIMIT), whole(-LIMIT)
        silence = splat(np.int16(0))
        first = fixed.factors[0] if planes > 0 else np.int32(0)
        second = fixed.factors[1] if planes > 1 else np.int32(0)
        doubts[0] = 0
        for lane in range(0, size, LANES):
            even = add_whole(load_even(held, place + lane), level)
            odd = add_whole(load_odd(held, place + lane), level)
            rest_even = load_even(rests, place + lane)
            rest_odd = load_odd(rests, place + lane)
            deep_even, deep_odd = load_even(deep, place + lane), load_odd(deep, place + lane)
            bias_even = load_even(fixed.bias, base + lane)
            bias_odd = load_odd(fixed.bias, base + lane)
            slope_even = times(load_even(fixed.fraction, base + lane), eight)
            slope_odd = times(load_odd(fixed.fraction, base + lane), eight)
            nearest_even, nearest_odd = whole(-1), whole(-1)
            low_even, low_odd, high_even, high_odd = nothing, nothing, nothing, nothing
            for half in range(2):
                marked_even, marked_odd = nothing, nothing
                for block in range(32 * half, min(steps, 32 * half + 32), BLOCK):
                    if _outside(even, odd, least, limit):
                        deep_even = where(below(even, least), one, deep_even)
                        deep_odd = where(below(odd, least), one, deep_odd)
                        nearest_even = where(passes(even, limit), nothing, nearest_even)
                        nearest_odd = where(passes(odd, limit), nothing, nearest_odd)
                        even = largest(smallest(even, limit), least)
                        odd = largest(smallest(odd, limit), least)
                    for step in range(block, min(steps, block + BLOCK)):
                        at = lane + step * pitch
                        charged_even, charged_odd = bias_even, bias_odd
                        if planes > 0:
                            charged_even = charge_even(charged_even, currents, at, first)
                            charged_odd = charge_odd(charged_odd, currents, at, first)
                            store(currents, at, silence)
                        if planes > 1:
                            at += apart
                            charged_even = charge_even(charged_even, currents, at, second)
                            charged_odd = charge_odd(charged_odd, currents, at, second)
                            store(currents, at, silence)
                        even, odd = add_whole(even, charged_even), add_whole(odd, charged_odd)
                        nearest_even = smallest_unsigned(nearest_even, even)
                        nearest_odd = smallest_unsigned(nearest_odd, odd)
                        fired_even, fired_odd = passes(even, almost), passes(odd, almost)
                        even = where(fired_even, subtract_whole(even, threshold), even)
                        odd = where(fired_odd, subtract_whole(odd, threshold), odd)
                        bit = whole(np.int32(1) << np.int32(step - 32 * half))
                        marked_even = where(fired_even, any_bits(marked_even, bit), marked_even)
                        marked_odd = where(fired_odd, any_bits(marked_odd, bit), marked_odd)
                    rest_even = add_whole(rest_even, slope_even)
                    rest_odd = add_whole(rest_odd, slope_odd)
                    even = add_whole(even, shifted_down(rest_even, parts))
                    odd = add_whole(odd, shifted_down(rest_odd, parts))
                    rest_even = both_bits(rest_even, fraction)
                    rest_odd = both_bits(rest_odd, fraction)
                if half == 0:
                    low_even, low_odd = marked_even, marked_odd
                else:
                    high_even, high_odd = marked_even, marked_odd
            even, odd = subtract_whole(even, level), subtract_whole(odd, level)
            store_both(held, place + lane, even, odd)
            drift = whole(fixed.drift)
            rest_even = add_whole(rest_even, times(ones(low_even, high_even), drift))
            rest_odd = add_whole(rest_odd, times(ones(low_odd, high_odd), drift))
            store_both(rests, place + lane, rest_even, rest_odd)
            store_both(deep, place + lane, deep_even, deep_odd)
            doubt_even = _doubtful(nearest_even, near, deep_even, low_even, high_even)
            doubt_odd = _doubtful(nearest_odd, near, deep_odd, low_odd, high_odd)
            if any_set(either(doubt_even, doubt_odd)):
                doubt_even = where(doubt_even, one, nothing)
                store_both(scratch.lanes, 0, doubt_even, where(doubt_odd, one, nothing))
                for item in range(min(LANES, size - lane)):
                    if scratch.lanes[item]:
                        doubts[0] += 1
                        doubts[doubts[0]] = lane + item
            if lane + LANES <= size:
                store_spikes(words, index + lane, low_even, high_even, low_odd, high_odd)
            else:
                store_spikes(scratch.packed, 0, low_even, high_even, low_odd, high_odd)
                for item in range(size - lane):
                    words[index + lane + item] = scratch.packed[item]

    return inner(advance)


advance_alone, advance_one, advance_two = _advancing(0), _advancing(1), _advancing(2)
