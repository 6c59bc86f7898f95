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
from snnlab.simulation.event.simd import LANES, bits_set, element, first_bit
from snnlab.simulation.loihi import layout as at
from snnlab.simulation.loihi.advance import advance_bounded, advance_wrapping
from snnlab.simulation.loihi.compiled import kernel
from snnlab.simulation.loihi.integers import add8, add16, add32, put

LOW = 0xFFFFFFFF


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
    depth, columns, size = row[at.DEPTH], row[at.COLUMNS], row[at.SIZE]
    start = row[at.SOURCE] + chunk * size + y * row[at.SPAN] * depth
    count = row[at.EVENTS] + (y % row[at.RING]) * row[at.CAPACITY]
    for number in range(row[at.CLASSES]):
        length = classes[row[at.CLASS] + number, 1]
        bounds[number] = count
        for x in range(first, last):
            if klass[columns + x] != number or length == 0:
                continue
            event = (reach[columns + x] - origin) * channels
            for index in range(start + x * depth, start + (x + 1) * depth):
                word = element(words, index) << np.uint64(1)
                if chunk:
                    word |= element(words, index - size) >> np.uint64(at.GROUP - 1)
                rest = word & mask
                many = bits_set(rest)
                # four at once without a branch; the rest is rare
                for slot in range(4):
                    put(events, count + slot, event + first_bit(rest) * pitch)
                    rest &= rest - np.uint64(1)
                slot = 4
                while rest:
                    put(events, count + slot, event + first_bit(rest) * pitch)
                    rest &= rest - np.uint64(1)
                    slot += 1
                count += many
                event += length << 32
    bounds[row[at.CLASSES]] = count


def _adder(add_row, lanes, parts):
    """A function that adds rows of weights of ``parts`` vectors; any number if that is 0."""

    def spread(sums, weights, level, events, first, last, several):
        for index in range(first, last):
            event = element(events, index)
            place = event & LOW
            row = level + (event >> 32)
            for part in range(parts if parts else several):
                add_row(sums, place + lanes * part, weights, row + lanes * part)

    return inner(spread)


def _half_as_long_again(add_long, lanes, add_short):
    """The same for rows of a vector and one of half its length."""

    def spread(sums, weights, level, events, first, last):
        for index in range(first, last):
            event = element(events, index)
            place = event & LOW
            row = level + (event >> 32)
            add_long(sums, place, weights, row)
            add_short(sums, place + lanes, weights, row + lanes)

    return inner(spread)


_eights, _24 = _adder(add8, 8, 0), _half_as_long_again(add16, 16, add8)
_sixteens, _one_16 = _adder(add16, 16, 0), _adder(add16, 16, 1)
_48 = _half_as_long_again(add32, 32, add16)
_many, _one, _two, _three = (_adder(add32, 32, parts) for parts in (0, 1, 2, 3))
_four, _six = _adder(add32, 32, 4), _adder(add32, 32, 6)


@inner
def _spread(sums, weights, level, events, first, last, length):
    """Add the weights of the listed events; the usual row lengths are unrolled."""
    if length == 24:
        _24(sums, weights, level, events, first, last)
    elif length == 48:
        _48(sums, weights, level, events, first, last)
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
    origin = left - stage[at.HALO]
    for number in range(stage[at.INPUTS], stage[at.INPUTS_END]):
        row = inputs[number]
        columns = row[at.COLUMNS]
        first, last = 0, row[at.SPAN]
        while first < last and reach[columns + first] < origin:
            first += 1
        while last > first and reach[columns + last - 1] >= right:
            last -= 1
        for entry in range(row_start[row[at.ROWS] + y], row_start[row[at.ROWS] + y + 1]):
            source = row_of[entry]
            kept = lists[row[at.SLOT] + source % row[at.RING]]
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
                    stage[at.CHANNELS],
                    stage[at.PITCH],
                    events,
                    bounds,
                )
            level = row[at.WEIGHTS] + variant * row[at.VARIANT] + level_of[entry] * row[at.LEVEL]
            for which in range(row[at.CLASSES]):
                place = row[at.CLASS] + which
                _spread(
                    sums,
                    weights,
                    level + classes[place, 0],
                    events,
                    bounds[which],
                    bounds[which + 1],
                    classes[place, 1],
                )


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
        channels, pitch = stage[at.CHANNELS], stage[at.PITCH]
        inside = sums[stage[at.HALO] * channels :]
        for strip in range(stage[at.STRIPS], stage[at.STRIPS_END]):
            top, bottom, left, right, variant = strips[strip]
            size = (right - left) * channels
            span = (size + LANES - 1) // LANES * LANES
            sums[: at.GROUP * pitch + LANES] = 0
            for chunk in range((steps + at.GROUP - 1) // at.GROUP):
                some = min(at.GROUP, steps - at.GROUP * chunk)
                mask = ~np.uint64(0) >> np.uint64(at.GROUP - some)
                lists[:, 0] = -1
                for y in range(top, bottom):
                    if cancel[0]:
                        return False
                    _convolve_row(
                        stage, inputs, tables, words, y, left, right, variant, chunk, mask, scratch
                    )
                    index = (y * stage[at.WIDTH] + left) * channels
                    into = stage[at.WORDS] + chunk * stage[at.NEURONS] + index
                    place = (y - top) * span
                    group = (inside, pitch, size, some, stage, bias, threshold)
                    group = group + (stage[at.FIRST] + index, voltage, current, place)
                    group = group + (chunk == 0, words, into, packed)
                    if stage[at.BOUNDED]:
                        advance_bounded(*group)
                    else:
                        advance_wrapping(*group)
    return True
