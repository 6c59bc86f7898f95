"""Single precision with the spikes of double precision.

Rounding matters where a potential comes so near to its threshold that it may
be on the other side of it: one spike then comes a step early or late, and a
deep network makes more of it from layer to layer. Such neurons are few. While
a group takes its steps in single precision (`advance`), the nearest approach
of each potential to its threshold is kept; who comes nearer than ``doubt`` is
run again here, alone, in double precision, from the words of its sources and
from the first step of the run. The arithmetic is that of a run in double
precision, in the same order, so the spikes are the same unless single
precision was off by more than ``doubt``, which is several times what was ever
seen (`prepare.DOUBT`).
"""

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.layout import GROUP
from snnlab.simulation.event.simd import first_bit, word_at
from snnlab.simulation.event.special import settled


@inner
def _convolved(inputs, more, exact, y, x, channel, shape, chunk, currents):
    """Add what the convolutions bring to one neuron in one chunk."""
    for number in range(inputs.table.shape[0]):
        row = inputs.table[number]
        depth, width, columns = row[at.DEPTH], row[at.WIDTH], row[at.COLUMNS]
        group = row[at.FILTER] * GROUP
        reach = inputs.reach[columns : columns + width]
        first = np.searchsorted(reach, x - shape.halo)
        last = np.searchsorted(reach, x + 1)
        rows = row[at.ROWS]
        for entry in range(inputs.row_start[rows + y], inputs.row_start[rows + y + 1]):
            source = inputs.row_of[entry]
            level = row[at.WEIGHTS] + inputs.level_of[entry] * row[at.LEVEL]
            address = row[at.ADDRESS] + 8 * (chunk * row[at.NEURONS] + source * width * depth)
            for klass in range(row[at.CLASSES]):
                which = row[at.CLASS] + klass
                length = inputs.classes[which, 1]
                for column in range(first, last):
                    tap = (x - reach[column]) * shape.channels + channel
                    if inputs.klass[columns + column] == klass and tap < length:
                        weight = level + inputs.classes[which, 0] + tap
                        for part in range(depth):
                            word = word_at(address, column * depth + part)
                            while word:
                                currents[group + first_bit(word)] += exact.weights[weight]
                                word &= word - np.uint64(1)
                            weight += length
            if row[at.MORE] >= 0:
                for spike in range(
                    more.start[row[at.MORE] + source], more.start[row[at.MORE] + source + 1]
                ):
                    step = more.entries[spike, 1] - GROUP * chunk
                    column = (more.entries[spike, 0] - source * width * depth) // depth
                    part = more.entries[spike, 0] - (source * width + column) * depth
                    which = row[at.CLASS] + inputs.klass[columns + column]
                    length = inputs.classes[which, 1]
                    tap = (x - reach[column]) * shape.channels + channel
                    if 0 <= step < GROUP and first <= column < last and tap < length:
                        weight = level + inputs.classes[which, 0] + part * length + tap
                        currents[group + step] += more.entries[spike, 2] * exact.weights[weight]


@inner
def _wired(wires, more, exact, neuron, chunk, currents):
    """Add what the sparse matrices bring to one neuron in one chunk."""
    for number in range(wires.table.shape[0]):
        address = wires.table[number, 0] + 8 * chunk * wires.table[number, 1]
        group, start = wires.table[number, 2] * GROUP, wires.table[number, 3] + neuron
        for entry in range(wires.start[start], wires.start[start + 1]):
            word = word_at(address, wires.source[entry])
            while word:
                currents[group + first_bit(word)] += exact.wires[entry]
                word &= word - np.uint64(1)
    entry = np.searchsorted(more.wired[:, 0], neuron)
    while entry < more.wired.shape[0] and more.wired[entry, 0] == neuron:
        step = more.wired[entry, 1] - GROUP * chunk
        if 0 <= step < GROUP:
            currents[more.wired[entry, 2] * GROUP + step] += exact.amount[entry]
        entry += 1


@inner
def _constant(constants, number, index, item):
    """A constant of one neuron: bias if ``number`` is 0, else behind that filter."""
    return constants.base[
        constants.start[number] + item + (index if constants.whole[number] else 0)
    ]


@inner
def settle(
    inputs,
    wires,
    more,
    special,
    exact,
    state,
    shape,
    y,
    x,
    channel,
    left,
    chunk,
    steps,
    result,
    noted,
    currents,
    filtered,
    words,
):
    """Run one neuron from the first step to the end of a chunk, in double precision.

    Puts its word of that chunk, and its further spikes in a step, in the place
    of those that are there.

    Returns
    -------
    noted : int
        New number of entries in ``result.more``.
    voltage, gathered : float
        At the end of the chunk; the second of a bistable neuron.
    """
    rule, constants = exact.rule, exact.constants
    index = (y * shape.width + left) * shape.channels
    item = (x - left) * shape.channels + channel
    neuron, filters = index + item, constants.decay.shape[0]
    voltage = state.voltage_in[neuron] if state.voltage_in.size else state.voltage
    for number in range(filters):
        filtered[number] = 0
        if state.filtered_in.size:
            neurons = shape.height * shape.width * shape.channels
            filtered[number] = state.filtered_in[number * neurons + neuron]
    gathered = 0.0
    if special.slots and state.extra_in.size:
        gathered = state.extra_in[neuron]
    bias = _constant(constants, 0, index, item)
    gain = constants.gain[item + (index if constants.gain_whole else 0)]
    for number in range(min(noted, result.more.shape[0])):
        if result.more[number, 0] == neuron and result.more[number, 1] >= GROUP * chunk:
            result.more[number, 2] = 0
    for part in range(chunk + 1):
        words[:] = 0
        currents[: filters * GROUP] = 0
        _convolved(inputs, more, exact, y, x, channel, shape, part, currents)
        _wired(wires, more, exact, neuron, part, currents)
        for step in range(min(GROUP, steps - GROUP * part)):
            total = bias - bias
            for number in range(filters):
                weighted = currents[number * GROUP + step]
                if constants.decay[number, 0] >= 0:
                    weighted += _constant(constants, number + 1, index, item)
                    total += filtered[number]
                    filtered[number] = (
                        filtered[number] * constants.decay[number, 0]
                        + weighted * constants.decay[number, 1]
                    )
                else:
                    total += weighted
            charge = max(bias + gain * total, rule.least) * rule.dt
            bit = np.uint64(1) << np.uint64(step)
            if special.kind:
                time = state.clock + GROUP * part + step
                voltage, gathered = settled(charge, time, special, voltage, gathered, words, bit)
                continue
            voltage = max(voltage + charge, rule.lower)
            if voltage >= rule.threshold:
                words[0] |= bit
                if voltage >= rule.many:
                    spikes = np.floor(voltage)
                    voltage -= spikes
                    if part == chunk and spikes > 1:
                        if noted < result.more.shape[0]:
                            result.more[noted, 0] = neuron
                            result.more[noted, 1] = GROUP * part + step
                            result.more[noted, 2] = np.int64(spikes) - 1
                        noted += 1
                elif rule.to_zero:
                    voltage = 0.0
                else:
                    voltage -= 1.0
    chunks = result.words.shape[0] // words.size
    for plane in range(words.size):
        result.words[plane * chunks + chunk][neuron] = words[plane]
    return noted, voltage, gathered
