"""From words to currents: the part of a run whose cost follows the spikes.

The words of a source row become a list of events, one number an event: in
its low half where in the currents it adds, in its high half which row of
weights. A list serves all output rows that the source row meets. Each event
adds its row of weights (all output channels of all output columns that it
reaches, contiguous) to the currents of its step,
``currents[step, column, channel]``.
"""

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.compiled import inlined, inner
from snnlab.simulation.event.layout import GROUP
from snnlab.simulation.event.simd import add, bits_set, first_bit, load8, load16, store, word_at

LOW = 0xFFFFFFFF


@inlined
def _decode(address, depth, event, row, pitch, events, count, together):
    """List the spikes of one source pixel; returns the new number of events.

    A silent word is passed over; of any other, four events are written
    without looking, and the count goes up by as many as there are: a branch a
    spike would be mispredicted once a word. Needs room for four events beyond
    the last.
    """
    for channel in range(depth):
        word = word_at(address, channel)
        if word:
            many = bits_set(word)
            rest = word
            for slot in range(4):
                store(events, count + slot, event + first_bit(rest) * pitch)
                rest &= rest - np.uint64(1)
            if many > 4:
                slot = 4
                while rest:
                    store(events, count + slot, event + first_bit(rest) * pitch)
                    rest &= rest - np.uint64(1)
                    slot += 1
            count += many
        event += row
    return count


def _lister(decode):
    """A function that lists the spikes of a source row, class by class."""

    def list_row(inputs, number, y, chunk, first, last, left, shape, events, bounds):
        row = inputs.table[number]
        depth, width, columns = row[at.DEPTH], row[at.WIDTH], row[at.COLUMNS]
        address = row[at.ADDRESS] + 8 * (chunk * row[at.NEURONS] + y * width * depth)
        count = row[at.EVENTS] + (y % row[at.RING]) * row[at.CAPACITY]
        for klass in range(row[at.CLASSES]):
            length = inputs.classes[row[at.CLASS] + klass, 1] << 32
            bounds[klass] = count
            for x in range(first, last):  # that a tile of the population meets
                if inputs.klass[columns + x] == klass and length > 0:
                    place = shape.lead + (inputs.reach[columns + x] - left) * shape.channels
                    pixel = address + 8 * x * depth
                    count = decode(
                        pixel, depth, place, length, shape.pitch, events, count, row[at.TOGETHER]
                    )
        bounds[row[at.CLASSES]] = count

    return inner(list_row)


list_row = _lister(_decode)


def _adder(load, width, parts):
    """A function that adds rows of ``parts`` vectors; any number if that is 0."""

    def spread(currents, origin, weights, level, events, first, last, several):
        for index in range(first, last):
            event = events[index]
            place = origin + (event & LOW)
            row = level + (event >> 32)
            for part in range(parts if parts else several):
                step = width * part
                store(
                    currents,
                    place + step,
                    add(load(currents, place + step), load(weights, row + step)),
                )

    return inner(spread)


_eights, _three_eights = _adder(load8, 8, 0), _adder(load8, 8, 3)
_sixteens, _one, _two = _adder(load16, 16, 0), _adder(load16, 16, 1), _adder(load16, 16, 2)
_three, _four = _adder(load16, 16, 3), _adder(load16, 16, 4)


@inner
def spread(currents, origin, weights, level, events, first, last, length):
    """Add the weights of the listed events; the usual row lengths are unrolled."""
    if length == 24:
        _three_eights(currents, origin, weights, level, events, first, last, 3)
    elif length == 16:
        _one(currents, origin, weights, level, events, first, last, 1)
    elif length == 32:
        _two(currents, origin, weights, level, events, first, last, 2)
    elif length == 48:
        _three(currents, origin, weights, level, events, first, last, 3)
    elif length == 64:
        _four(currents, origin, weights, level, events, first, last, 4)
    elif length % 16 == 0:
        _sixteens(currents, origin, weights, level, events, first, last, length // 16)
    else:
        _eights(currents, origin, weights, level, events, first, last, length // 8)


@inner
def spread_more(inputs, number, y, chunk, more, first, last, left, shape, currents, level):
    """Add the spikes beyond the first in a step; few, so one by one."""
    row = inputs.table[number]
    depth, width, columns = row[at.DEPTH], row[at.WIDTH], row[at.COLUMNS]
    group = row[at.FILTER] * GROUP * shape.pitch
    for entry in range(more.start[row[at.MORE] + y], more.start[row[at.MORE] + y + 1]):
        step = more.entries[entry, 1] - GROUP * chunk
        x = (more.entries[entry, 0] - y * width * depth) // depth
        channel = more.entries[entry, 0] - (y * width + x) * depth
        if 0 <= step < GROUP and first <= x < last:
            klass = row[at.CLASS] + inputs.klass[columns + x]
            length = inputs.classes[klass, 1]
            place = shape.lead + (inputs.reach[columns + x] - left) * shape.channels
            place += group + step * shape.pitch
            weight = level + inputs.classes[klass, 0] + channel * length
            for tap in range(length):
                added = more.entries[entry, 2] * inputs.weights[weight + tap]
                currents[place + tap] += added


@inner
def wire_row(wires, more, y, left, right, chunk, shape, currents):
    """Add what comes through sparse matrices to one row of a tile, neuron by neuron."""
    begin = (y * shape.width + left) * shape.channels
    end = (y * shape.width + right) * shape.channels
    origin = shape.lead - begin
    for number in range(wires.table.shape[0]):
        address = wires.table[number, 0] + 8 * chunk * wires.table[number, 1]
        group = wires.table[number, 2] * GROUP * shape.pitch + origin
        start = wires.table[number, 3]
        for neuron in range(begin, end):
            for entry in range(wires.start[start + neuron], wires.start[start + neuron + 1]):
                word = word_at(address, wires.source[entry])
                while word:
                    currents[group + neuron + first_bit(word) * shape.pitch] += wires.weight[entry]
                    word &= word - np.uint64(1)
    entry = np.searchsorted(more.wired[:, 0], begin)
    while entry < more.wired.shape[0] and more.wired[entry, 0] < end:
        step = more.wired[entry, 1] - GROUP * chunk
        if 0 <= step < GROUP:
            group = more.wired[entry, 2] * GROUP * shape.pitch + origin
            currents[group + more.wired[entry, 0] + step * shape.pitch] += more.amount[entry]
        entry += 1
