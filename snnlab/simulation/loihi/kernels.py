"""Runs the layers of a chip: integers, bit for bit as NengoLoihi's emulator.

In every step of a neuron, all integers:

    q = sum of the weights of spikes of the step before      (21 bits and a sign)
    u = sign(u) floor(|u| decay / 4096) + q                  (23 bits and a sign)
    v = min(max(v + wrap(u + bias), lowest), highest)
    spike if v > threshold; then v = 0

A layer takes all steps before the next layer begins, since there are no
loops; a row of it takes 64 steps at a time, as in `snnlab.simulation.event`.

References
----------
``nengo_loihi/emulator/interface.py``, NengoLoihi 1.1: ``CompartmentState.update``.
"""

import numpy as np

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.simd import (
    LANES,
    bits_set,
    first_bit,
    load_lanes,
    set_bit,
    splat,
    store,
    store_words,
    where,
)
from snnlab.simulation.loihi.compiled import kernel
from snnlab.simulation.loihi.integers import (
    add8,
    add16,
    add32,
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

GROUP = 64  # steps a word
LOW = 0xFFFFFFFF

# columns of the table of stages
(
    WIDTH,
    CHANNELS,
    HALO,  # columns that an event may reach beyond a strip, on either side
    PITCH,  # from the sums of one step to those of the next
    WORDS,  # first word
    NEURONS,
    FIRST,  # first bias and threshold
    INPUTS,  # first input, and behind the last
    INPUTS_END,
    STRIPS,  # first strip, and behind the last
    STRIPS_END,
    DECAY,
    LOWEST,
    HIGHEST,
    BOUNDED,  # 1 if a potential can reach the highest without a spike
) = range(15)

# columns of the table of inputs
(
    SOURCE,  # the source's first word
    SIZE,  # and its neurons
    DEPTH,
    SPAN,  # columns of the source
    WEIGHTS,
    LEVEL,  # weights a kernel row
    VARIANT,  # weights a variant
    COLUMNS,
    ROWS,
    CLASSES,
    CLASS,
    RING,
    SLOT,
    EVENTS,
    CAPACITY,
) = range(15)


@inner
def _list_row(
    row,
    reach,
    klass,
    classes,
    words,
    y,
    chunk,
    mask,
    first,
    last,
    origin,
    channels,
    pitch,
    events,
    bounds,
):
    """List the spikes that a source row sends in a chunk, class by class, one step late."""
    depth, columns = row[DEPTH], row[COLUMNS]
    start = row[SOURCE] + chunk * row[SIZE] + y * row[SPAN] * depth
    count = row[EVENTS] + (y % row[RING]) * row[CAPACITY]
    for number in range(row[CLASSES]):
        length = classes[row[CLASS] + number, 1]
        bounds[number] = count
        for x in range(first, last):
            if klass[columns + x] != number or length == 0:
                continue
            event = (reach[columns + x] - origin) * channels
            for index in range(start + x * depth, start + (x + 1) * depth):
                word = words[index] << np.uint64(1)
                if chunk:
                    word |= words[index - row[SIZE]] >> np.uint64(GROUP - 1)
                rest = word & mask
                many = bits_set(rest)
                # four at once without a branch; the rest is rare
                for slot in range(4):
                    events[count + slot] = event + first_bit(rest) * pitch
                    rest &= rest - np.uint64(1)
                slot = 4
                while rest:
                    events[count + slot] = event + first_bit(rest) * pitch
                    rest &= rest - np.uint64(1)
                    slot += 1
                count += many
                event += length << 32
    bounds[row[CLASSES]] = count


def _adder(add_row, lanes, parts):
    """A function that adds rows of weights of ``parts`` vectors; any number if that is 0."""

    def spread(sums, weights, level, events, first, last, several):
        for index in range(first, last):
            event = events[index]
            place = event & LOW
            row = level + (event >> 32)
            for part in range(parts if parts else several):
                add_row(sums, place + lanes * part, weights, row + lanes * part)

    return inner(spread)


_eights, _three_eights = _adder(add8, 8, 0), _adder(add8, 8, 3)
_sixteens, _one_16, _three_16 = _adder(add16, 16, 0), _adder(add16, 16, 1), _adder(add16, 16, 3)
_many, _one, _two, _three = (_adder(add32, 32, parts) for parts in (0, 1, 2, 3))
_four, _six = _adder(add32, 32, 4), _adder(add32, 32, 6)


@inner
def _spread(sums, weights, level, events, first, last, length):
    """Add the weights of the listed events; the usual row lengths are unrolled."""
    if length == 24:
        _three_eights(sums, weights, level, events, first, last, 3)
    elif length == 48:
        _three_16(sums, weights, level, events, first, last, 3)
    elif length == 96:
        _three(sums, weights, level, events, first, last, 3)
    elif length == 192:
        _six(sums, weights, level, events, first, last, 6)
    elif length == 16:
        _one_16(sums, weights, level, events, first, last, 1)
    elif length == 32:
        _one(sums, weights, level, events, first, last, 1)
    elif length == 64:
        _two(sums, weights, level, events, first, last, 2)
    elif length == 128:
        _four(sums, weights, level, events, first, last, 4)
    elif length % 32 == 0:
        _many(sums, weights, level, events, first, last, length // 32)
    elif length % 16 == 0:
        _sixteens(sums, weights, level, events, first, last, length // 16)
    else:
        _eights(sums, weights, level, events, first, last, length // 8)


@inner
def _convolve_row(stage, inputs, tables, words, y, left, right, variant, chunk, mask, scratch):
    """Add what all inputs send to one row of a strip."""
    reach, klass, classes, row_start, row_of, level_of, weights = tables
    sums, events, lists = scratch[0], scratch[1], scratch[2]
    origin = left - stage[HALO]
    for number in range(stage[INPUTS], stage[INPUTS_END]):
        row = inputs[number]
        columns = row[COLUMNS]
        first, last = 0, row[SPAN]
        while first < last and reach[columns + first] < origin:
            first += 1
        while last > first and reach[columns + last - 1] >= right:
            last -= 1
        for entry in range(row_start[row[ROWS] + y], row_start[row[ROWS] + y + 1]):
            source = row_of[entry]
            kept = lists[row[SLOT] + source % row[RING]]
            bounds = kept[1:]
            if kept[0] != source:
                kept[0] = source
                _list_row(
                    row,
                    reach,
                    klass,
                    classes,
                    words,
                    source,
                    chunk,
                    mask,
                    first,
                    last,
                    origin,
                    stage[CHANNELS],
                    stage[PITCH],
                    events,
                    bounds,
                )
            level = row[WEIGHTS] + variant * row[VARIANT] + level_of[entry] * row[LEVEL]
            for which in range(row[CLASSES]):
                place = row[CLASS] + which
                _spread(
                    sums,
                    weights,
                    level + classes[place, 0],
                    events,
                    bounds[which],
                    bounds[which + 1],
                    classes[place, 1],
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
        lowest, highest = splat(np.int32(stage[LOWEST])), splat(np.int32(stage[HIGHEST]))
        below, decay = splat(np.int32(4095)), splat(np.int32(stage[DECAY]))
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
                    if stage[BOUNDED]:
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


_advance_unfiltered, _advance_filtered = _neurons(True), _neurons(False)


@kernel
def run_stages(steps, stages, inputs, strips, tables, bias, threshold, words, scratch, cancel):
    """Run all stages, one after the other, over all steps.

    Parameters
    ----------
    steps : int
    stages, inputs : numpy.ndarray
        int64; columns as named above.
    strips : numpy.ndarray
        int64 ``(n, 5)``: first and last row and column, variant of the kernels.
    tables : tuple of numpy.ndarray
        As in `snnlab.simulation.event.tables.Layout`, joined: reach, klass,
        classes, row_start, row_of, level_of, weights (int16).
    bias, threshold : numpy.ndarray
        int32, of all neurons; room for a group more.
    words : numpy.ndarray
        uint64, of all populations: ``chunks * neurons`` each; filled.
    scratch : tuple of numpy.ndarray
        sums (int16, zero), events, lists (int64), voltage, current (int32), packed (uint64).
    cancel : numpy.ndarray
        uint8 ``(1,)``; looked at once a row.

    Returns
    -------
    bool
        False if it was cancelled.
    """
    sums, lists, voltage, current, packed = (
        scratch[0],
        scratch[2],
        scratch[3],
        scratch[4],
        scratch[5],
    )
    for number in range(stages.shape[0]):
        stage = stages[number]
        channels, pitch = stage[CHANNELS], stage[PITCH]
        inside = sums[stage[HALO] * channels :]
        for strip in range(stage[STRIPS], stage[STRIPS_END]):
            top, bottom, left, right, variant = strips[strip]
            size = (right - left) * channels
            span = (size + LANES - 1) // LANES * LANES
            sums[: GROUP * pitch + LANES] = 0
            for chunk in range((steps + GROUP - 1) // GROUP):
                some = min(GROUP, steps - GROUP * chunk)
                mask = ~np.uint64(0) >> np.uint64(GROUP - some)
                lists[:, 0] = -1
                for y in range(top, bottom):
                    if cancel[0]:
                        return False
                    _convolve_row(
                        stage, inputs, tables, words, y, left, right, variant, chunk, mask, scratch
                    )
                    index = (y * stage[WIDTH] + left) * channels
                    into = stage[WORDS] + chunk * stage[NEURONS] + index
                    place = (y - top) * span
                    if stage[DECAY] == 1:
                        _advance_unfiltered(
                            inside,
                            pitch,
                            size,
                            some,
                            stage,
                            bias,
                            threshold,
                            stage[FIRST] + index,
                            voltage,
                            current,
                            place,
                            chunk == 0,
                            words,
                            into,
                            packed,
                        )
                    else:
                        _advance_filtered(
                            inside,
                            pitch,
                            size,
                            some,
                            stage,
                            bias,
                            threshold,
                            stage[FIRST] + index,
                            voltage,
                            current,
                            place,
                            chunk == 0,
                            words,
                            into,
                            packed,
                        )
    return True
