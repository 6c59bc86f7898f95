"""The inner loops: from the spikes of the sources to the spikes of one tile.

A tile is a block of rows and columns of one population. For each of its rows
and each chunk of at most 64 steps:

1. *decode*: the words of the source rows become lists of events, one number
   an event: where in the currents it adds, and which row of weights;
2. *spread*: each event adds its row of weights (all output channels of all
   output columns that it reaches; contiguous) to the currents of its step,
   ``currents[step, column, channel]``;
3. *filter*: where the connection has a low-pass synapse;
4. *update*: sixteen neurons at a time take all steps with potential and
   words in registers.

A list is kept for as many rows as the kernel is high, so that a word is
decoded once for all rows that it feeds. Nothing is allocated here.
"""

import numpy as np

from snnlab.simulation.event.compiled import inner, kernel
from snnlab.simulation.event.simd import (
    above,
    add,
    any_set,
    at_least,
    bits_set,
    first_bit,
    floor,
    load8,
    load16,
    maximum,
    multiply,
    set_bit,
    splat16,
    store,
    store_words,
    subtract,
    where,
    word_at,
)

# neuron kinds
RECTIFIED_SPIKING, LOIHI, SUBTRACT, ZERO, RECTIFIED, LINEAR = range(6)

# columns of the table of inputs: one row an input
(
    ADDRESS,  # of the source's words of the first chunk
    NEURONS,  # of the source: words a chunk
    DEPTH,  # channels of the source
    WIDTH,  # columns of the source
    GROUP,  # which currents it adds to
    WEIGHTS,  # first weight of this input
    LEVEL,  # weights a kernel row
    COLUMNS,  # first entry in `reach` and `klass`
    ROWS,  # first entry in `row_start`
    CLASSES,  # number of column classes
    CLASS,  # first row in `classes`
    RING,  # lists kept
    EVENTS,  # first event
    CAPACITY,  # events a list
    MORE,  # first row in `more_start`, or -1
) = range(15)

LANES = 16
LOW = 0xFFFFFFFF


@inner
def _spread(currents, origin, weights, level, events, first, last, whole, half):
    """Add rows of ``16 whole + 8 half`` weights to the currents."""
    for index in range(first, last):
        event = events[index]
        place = origin + (event & LOW)
        row = level + (event >> 32)
        for part in range(whole):
            store(
                currents,
                place + 16 * part,
                add(load16(currents, place + 16 * part), load16(weights, row + 16 * part)),
            )
        if half:
            store(
                currents,
                place + 16 * whole,
                add(load8(currents, place + 16 * whole), load8(weights, row + 16 * whole)),
            )


@inner
def _spread_rows(currents, origin, weights, level, events, first, last, length):
    """`_spread`, with the loop over the row unrolled for the usual lengths."""
    if length == 24:
        _spread(currents, origin, weights, level, events, first, last, 1, True)
    elif length == 16:
        _spread(currents, origin, weights, level, events, first, last, 1, False)
    elif length == 32:
        _spread(currents, origin, weights, level, events, first, last, 2, False)
    elif length == 48:
        _spread(currents, origin, weights, level, events, first, last, 3, False)
    elif length == 64:
        _spread(currents, origin, weights, level, events, first, last, 4, False)
    elif length == 96:
        _spread(currents, origin, weights, level, events, first, last, 6, False)
    elif length == 8:
        _spread(currents, origin, weights, level, events, first, last, 0, True)
    else:
        _spread(
            currents, origin, weights, level, events, first, last, length // 16, length % 16 > 0
        )


@inner
def _decode(address, first, depth, event, row, pitch, events, count):
    """List the spikes of one source pixel; returns the new number of events.

    Four events are written for every word, unconditionally, and the count
    goes up by as many as there are: a branch a spike would be mispredicted
    once a word. Needs room for four events beyond the last.
    """
    for channel in range(depth):
        word = word_at(address, first + channel)
        many = bits_set(word)
        rest = word
        for slot in range(4):
            events[count + slot] = event + first_bit(rest) * pitch
            rest &= rest - np.uint64(1)
        if many > 4:
            slot = 4
            while rest:
                events[count + slot] = event + first_bit(rest) * pitch
                rest &= rest - np.uint64(1)
                slot += 1
        count += many
        event += row
    return count


@inner
def _list_row(
    table,
    source,
    y,
    chunk,
    reach,
    klass,
    classes,
    left,
    right,
    origin,
    pixel,
    pitch,
    events,
    start,
    bounds,
):
    """List the spikes of one source row that reach the tile, class by class."""
    depth, width = table[source, DEPTH], table[source, WIDTH]
    columns = table[source, COLUMNS]
    address = table[source, ADDRESS] + 8 * (chunk * table[source, NEURONS] + y * width * depth)
    count = start
    for number in range(table[source, CLASSES]):
        length = classes[table[source, CLASS] + number, 1]
        bounds[number] = count
        if length > 0:
            for x in range(left, right):
                if klass[columns + x] == number:
                    place = (reach[columns + x] - origin) * pixel
                    count = _decode(
                        address, x * depth, depth, place, length << 32, pitch, events, count
                    )
    bounds[table[source, CLASSES]] = count


@inner
def _filter(currents, pitch, size, steps, decay, gain, held, place, base, base_at, into, primary):
    """Low-pass the weighted input in place, one step late, as Nengo does."""
    a, b = splat16(decay), splat16(gain)
    nothing = splat16(decay - decay)
    for lane in range(0, size, 16):
        state = load16(held, place + lane)
        constant = load16(base, base_at + lane)
        for step in range(steps):
            at = lane + step * pitch
            weighted = add(load16(currents, at), constant)
            if primary:
                store(currents, at, state)
            else:
                store(currents, at, nothing)
                store(into, at, add(load16(into, at), state))
            state = add(multiply(state, a), multiply(weighted, b))
        store(held, place + lane, state)


@inner
def _charge(folded, currents, at, constant, gain, dt):
    """What a step adds to the potential, and clear the current."""
    current = load16(currents, at)
    store(currents, at, subtract(dt, dt))
    if folded:
        return add(constant, current)
    return add(constant, multiply(gain, current))


@inner
def _note(counted, step, index, size, whole, scratch, more, noted):
    """List the spikes beyond the first of sixteen neurons in one step."""
    store(scratch, 0, whole)
    for lane in range(min(16, size)):
        if scratch[lane] > 1:
            if noted < more.shape[0]:
                more[noted, 0] = index + lane
                more[noted, 1] = step
                more[noted, 2] = np.int64(scratch[lane]) - 1
            noted += 1
    return noted


@inner
def _advance(
    kind,
    folded,
    currents,
    pitch,
    origin,
    size,
    steps,
    first,
    held,
    place,
    base,
    base_at,
    gains,
    gain_at,
    dt,
    lower,
    words,
    index,
    packed,
    more,
    noted,
    scratch,
):
    """Let a row of neurons take up to 64 steps; the words go to ``words[index:]``."""
    step_dt, floor_at = splat16(dt), splat16(lower)
    nothing = subtract(step_dt, step_dt)
    one = splat16(dt / dt)
    for lane in range(0, size, 16):
        voltage = load16(held, place + lane)
        constant = load16(base, base_at + lane)
        gain = load16(gains, gain_at + lane)
        low, high = splat16(np.uint32(0)), splat16(np.uint32(0))
        for half in range(2):
            marked = splat16(np.uint32(0))
            for step in range(32 * half, min(steps, 32 * half + 32)):
                charge = _charge(
                    folded, currents, origin + lane + step * pitch, constant, gain, step_dt
                )
                if kind == RECTIFIED_SPIKING:
                    charge = maximum(charge, nothing)
                if not folded:
                    charge = multiply(charge, step_dt)
                voltage = add(voltage, charge)
                if kind == RECTIFIED_SPIKING:
                    whole = floor(voltage)
                    voltage = subtract(voltage, whole)
                    fired = above(whole, nothing)
                    if any_set(above(whole, one)):
                        noted = _note(
                            kind,
                            first + step,
                            index + lane,
                            size - lane,
                            whole,
                            scratch,
                            more,
                            noted,
                        )
                elif kind == LOIHI:
                    fired = above(voltage, one)
                    voltage = where(fired, nothing, maximum(voltage, nothing))
                else:
                    voltage = maximum(voltage, floor_at)
                    fired = at_least(voltage, one)
                    if kind == ZERO:
                        voltage = where(fired, nothing, voltage)
                    else:
                        voltage = where(fired, subtract(voltage, one), voltage)
                marked = set_bit(marked, fired, np.uint32(1) << np.uint32(step - 32 * half))
            if half == 0:
                low = marked
            else:
                high = marked
        store(held, place + lane, voltage)
        if lane + 16 <= size:
            store_words(words, index + lane, low, high)
        else:
            store_words(packed, 0, low, high)
            for rest in range(size - lane):
                words[index + lane + rest] = packed[rest]
    return noted


@inner
def _spike(
    kind,
    folded,
    currents,
    pitch,
    origin,
    size,
    steps,
    first,
    held,
    place,
    base,
    base_at,
    gains,
    gain_at,
    dt,
    lower,
    words,
    index,
    packed,
    more,
    noted,
    scratch,
):
    """`_advance`, compiled for each kind of neuron."""
    if kind == SUBTRACT and folded:
        return _advance(
            SUBTRACT,
            True,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if kind == SUBTRACT:
        return _advance(
            SUBTRACT,
            False,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if kind == ZERO and folded:
        return _advance(
            ZERO,
            True,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if kind == ZERO:
        return _advance(
            ZERO,
            False,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if kind == LOIHI and folded:
        return _advance(
            LOIHI,
            True,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if kind == LOIHI:
        return _advance(
            LOIHI,
            False,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    if folded:
        return _advance(
            RECTIFIED_SPIKING,
            True,
            currents,
            pitch,
            origin,
            size,
            steps,
            first,
            held,
            place,
            base,
            base_at,
            gains,
            gain_at,
            dt,
            lower,
            words,
            index,
            packed,
            more,
            noted,
            scratch,
        )
    return _advance(
        RECTIFIED_SPIKING,
        False,
        currents,
        pitch,
        origin,
        size,
        steps,
        first,
        held,
        place,
        base,
        base_at,
        gains,
        gain_at,
        dt,
        lower,
        words,
        index,
        packed,
        more,
        noted,
        scratch,
    )


@inner
def _spread_more(
    table,
    source,
    y,
    chunk,
    more,
    more_start,
    reach,
    klass,
    classes,
    left,
    right,
    origin,
    pixel,
    pitch,
    currents,
    at,
    weights,
    level,
):
    """Add the spikes beyond the first in a step; few, so one by one."""
    row = table[source, MORE] + y
    depth, width = table[source, DEPTH], table[source, WIDTH]
    for entry in range(more_start[row], more_start[row + 1]):
        step = more[entry, 1] - 64 * chunk
        x, channel = divmod(more[entry, 0] - y * width * depth, depth)
        if step < 0 or step >= 64 or x < left or x >= right:
            continue
        number = table[source, CLASS] + klass[table[source, COLUMNS] + x]
        place = at + (reach[table[source, COLUMNS] + x] - origin) * pixel + step * pitch
        first = level + classes[number, 0] + channel * classes[number, 1]
        for tap in range(classes[number, 1]):
            currents[place + tap] += more[entry, 2] * weights[first + tap]


@kernel
def run_tile(
    tile,
    shape,
    steps,
    halo,
    pitch,
    table,
    weights,
    reach,
    klass,
    classes,
    row_start,
    row_of,
    level_of,
    more,
    more_start,
    kind,
    folded,
    decay,
    base,
    base_start,
    base_whole,
    gains,
    gains_whole,
    dt,
    lower,
    voltage,
    voltage_in,
    voltage_out,
    filtered_in,
    filtered_out,
    words,
    more_out,
    currents,
    events,
    held,
    filtered,
    packed,
    scratch,
    lists_flat,
    cancel,
):
    """Run the neurons of one tile over all steps.

    Parameters
    ----------
    tile : tuple of int
        First and last row, first and last column, of the output.
    shape : tuple of int
        Height, width, channels of the population.
    steps : int
    halo : int
        Columns that an event may reach beyond the tile, on either side.
    table : numpy.ndarray
        int64, a row an input, columns as named above.

    Returns
    -------
    int
        Spikes beyond the first in a step; if more than fit into ``more_out``,
        nothing was stored but words, and the tile must be run again. -1 if
        cancelled.
    """
    top, bottom, begin, end = tile
    height, width, pixel = shape
    size = (end - begin) * pixel
    span = (size + 15) // 16 * 16
    origin = halo * pixel
    neurons = height * width * pixel
    groups = decay.shape[0]
    inputs = table.shape[0]
    noted = 0
    lists = lists_flat[: inputs * 32 * 32].reshape((inputs, 32, 32))

    # what the last tile left beyond its columns would be inside of this one
    currents[: groups * 64 * pitch] = 0
    for y in range(top, bottom):
        place = (y - top) * span
        index = (y * width + begin) * pixel
        for item in range(size):
            held[place + item] = voltage_in[index + item] if voltage_in.size else voltage
        for group in range(groups):
            for item in range(size):
                filtered[(group * (bottom - top) + y - top) * span + item] = (
                    filtered_in[group * neurons + index + item] if filtered_in.size else 0
                )

    for chunk in range((steps + 63) // 64):
        some = min(64, steps - 64 * chunk)
        for source in range(inputs):
            for slot in range(table[source, RING]):
                lists[source, slot, 0] = -1
        for y in range(top, bottom):
            if cancel[0]:
                return -1
            for source in range(inputs):
                columns = table[source, COLUMNS]
                # the source columns that reach this tile
                left, right = 0, table[source, WIDTH]
                while left < right and reach[columns + left] < begin - halo:
                    left += 1
                while right > left and reach[columns + right - 1] >= end:
                    right -= 1
                at = table[source, GROUP] * 64 * pitch
                rows = table[source, ROWS]
                for entry in range(row_start[rows + y], row_start[rows + y + 1]):
                    row = row_of[entry]
                    slot = row % table[source, RING]
                    bounds = lists[source, slot, 1:]
                    if lists[source, slot, 0] != row:
                        lists[source, slot, 0] = row
                        _list_row(
                            table,
                            source,
                            row,
                            chunk,
                            reach,
                            klass,
                            classes,
                            left,
                            right,
                            begin - halo,
                            pixel,
                            pitch,
                            events,
                            table[source, EVENTS] + slot * table[source, CAPACITY],
                            bounds,
                        )
                    level = table[source, WEIGHTS] + level_of[entry] * table[source, LEVEL]
                    for number in range(table[source, CLASSES]):
                        which = table[source, CLASS] + number
                        _spread_rows(
                            currents,
                            at,
                            weights,
                            level + classes[which, 0],
                            events,
                            bounds[number],
                            bounds[number + 1],
                            classes[which, 1],
                        )
                    if table[source, MORE] >= 0:
                        _spread_more(
                            table,
                            source,
                            row,
                            chunk,
                            more,
                            more_start,
                            reach,
                            klass,
                            classes,
                            left,
                            right,
                            begin - halo,
                            pixel,
                            pitch,
                            currents,
                            at,
                            weights,
                            level,
                        )
            index = (y * width + begin) * pixel
            for group in range(groups):
                if decay[group, 0] >= 0:
                    kept = (group * (bottom - top) + y - top) * span
                    _filter(
                        currents[group * 64 * pitch + origin :],
                        pitch,
                        size,
                        some,
                        decay[group, 0],
                        decay[group, 1],
                        filtered,
                        kept,
                        base,
                        base_start[group + 1] + (index if base_whole[group + 1] else 0),
                        currents[origin:],
                        group == 0,
                    )
            noted = _spike(
                kind,
                folded,
                currents,
                pitch,
                origin,
                size,
                some,
                64 * chunk,
                held,
                (y - top) * span,
                base,
                index if base_whole[0] else 0,
                gains,
                index if gains_whole else 0,
                dt,
                lower,
                words[chunk],
                index,
                packed,
                more_out,
                noted,
                scratch,
            )

    if noted <= more_out.shape[0]:
        for y in range(top, bottom):
            place = (y - top) * span
            index = (y * width + begin) * pixel
            if voltage_out.size:
                for item in range(size):
                    voltage_out[index + item] = held[place + item]
            if filtered_out.size:
                for group in range(groups):
                    for item in range(size):
                        filtered_out[group * neurons + index + item] = filtered[
                            (group * (bottom - top) + y - top) * span + item
                        ]
    return noted
