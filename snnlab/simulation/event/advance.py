"""From currents to spikes: the part of a run whose cost follows the neurons.

A group of neurons takes all steps of a chunk with potentials and words in
registers; see `layout.Rule` for what a neuron does. Every current is set to
zero once it is read, for the next row.
"""

import numpy as np

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.simd import (
    LANES,
    above,
    absolute,
    add,
    any_set,
    at_least,
    floor,
    load_lanes,
    maximum,
    minimum,
    multiply,
    set_bit,
    splat,
    store,
    store_words,
    subtract,
    where,
)


@inner
def low_pass(currents, pitch, size, steps, rule, held, place, base, first, into, main):
    """Filter one row's weighted input, one step late, as Nengo's ``Lowpass`` does.

    ``currents`` begins at the row's first neuron; ``rule`` is decay and gain.
    The result replaces the input if ``main``, else it is added to ``into``.
    """
    decay, gain = splat(rule[0]), splat(rule[1])
    nothing = subtract(decay, decay)
    for lane in range(0, size, LANES):
        state = load_lanes(held, place + lane)
        constant = load_lanes(base, first + lane)
        for step in range(steps):
            at = lane + step * pitch
            weighted = add(load_lanes(currents, at), constant)
            if main:
                store(currents, at, state)
            else:
                store(currents, at, nothing)
                store(into, at, add(load_lanes(into, at), state))
            state = add(multiply(state, decay), multiply(weighted, gain))
        store(held, place + lane, state)


@inner
def _note(step, index, size, whole, lanes, more, noted):
    """List the spikes beyond the first of a group of neurons in one step."""
    store(lanes, 0, whole)
    for lane in range(min(LANES, size)):
        if lanes[lane] > 1:
            if noted < more.shape[0]:
                more[noted, 0] = index + lane
                more[noted, 1] = step
                more[noted, 2] = np.int64(lanes[lane]) - 1
            noted += 1
    return noted


@inner
def doubtful(nearest, doubt, lane, size, lanes, doubts):
    """List those of a group whose potential came too near to the threshold."""
    store(lanes, 0, nearest)
    for item in range(min(LANES, size)):
        if lanes[item] < doubt:
            doubts[0] += 1
            doubts[doubts[0]] = lane + item


def _spiking(scaled, plain):
    """The steps of spiking neurons, with what `layout.Rule` says that they need."""

    def advance(
        currents,
        pitch,
        size,
        steps,
        first_step,
        rule,
        held,
        place,
        constants,
        base,
        gain,
        words,
        index,
        more,
        noted,
        packed,
        lanes,
        doubts,
    ):
        dt, least, lower = splat(rule.dt), splat(rule.least), splat(rule.lower)
        threshold, many, one = splat(rule.threshold), splat(rule.many), splat(rule.dt / rule.dt)
        nothing, doubt = subtract(dt, dt), splat(rule.doubt)
        half_one = splat(rule.half)
        # a spike takes away one, or all that there is
        all_of_it = at_least(splat(rule.to_zero), one)
        doubts[0] = 0
        for lane in range(0, size, LANES):
            voltage = load_lanes(held, place + lane)
            constant = load_lanes(constants.base, base + lane)
            factor = load_lanes(constants.gain, gain + lane)
            nearest = one
            low = splat(np.uint32(0))
            high = splat(np.uint32(0))
            for half in range(2):
                marked = splat(np.uint32(0))
                for step in range(32 * half, min(steps, 32 * half + 32)):
                    at = lane + step * pitch
                    charge = load_lanes(currents, at)
                    store(currents, at, nothing)
                    if scaled:
                        charge = add(constant, charge)
                        if not plain:
                            charge = maximum(charge, least)
                    else:
                        charge = add(constant, multiply(factor, charge))
                        charge = multiply(maximum(charge, least), dt)
                    voltage = add(voltage, charge)
                    if plain:
                        rest = subtract(voltage, one)
                        fired = at_least(rest, nothing)
                        nearest = minimum(nearest, absolute(rest))
                        voltage = where(fired, rest, voltage)
                    else:
                        voltage = maximum(voltage, lower)
                        fired = at_least(voltage, threshold)
                        nearest = minimum(nearest, absolute(subtract(voltage, one)))
                        taken = where(all_of_it, voltage, one)
                        if any_set(at_least(voltage, many)):
                            taken = floor(voltage)
                            middle = floor(add(voltage, half_one))
                            beyond = absolute(subtract(voltage, middle))
                            nearest = where(above(middle, one), minimum(nearest, beyond), nearest)
                            noted = _note(
                                first_step + step,
                                index + lane,
                                size - lane,
                                taken,
                                lanes,
                                more,
                                noted,
                            )
                        voltage = where(fired, subtract(voltage, taken), voltage)
                    marked = set_bit(marked, fired, np.uint32(1) << np.uint32(step - 32 * half))
                if half == 0:
                    low = marked
                else:
                    high = marked
            if any_set(above(doubt, nearest)):
                doubtful(nearest, rule.doubt, lane, size - lane, lanes, doubts)
            store(held, place + lane, voltage)
            if lane + LANES <= size:
                store_words(words, index + lane, low, high)
            else:
                store_words(packed, 0, low, high)
                for item in range(size - lane):
                    words[index + lane + item] = packed[item]
        return noted

    return inner(advance)


advance_plainly = _spiking(True, True)
advance_scaled = _spiking(True, False)
advance_exactly = _spiking(False, False)


@inner
def put_out(currents, pitch, size, steps, first_step, rule, constants, base, gain, values, index):
    """Write the values of a graded stage, step by step."""
    for step in range(steps):
        for item in range(size):
            current = (
                constants.base[base + item]
                + constants.gain[gain + item] * currents[item + step * pitch]
            )
            currents[item + step * pitch] = 0
            if rule.graded == 1:
                current = rule.amplitude * max(rule.least, current)
            values[first_step + step, index + item] = current


@inner
def follow(
    currents, pitch, size, steps, first_step, rule, held, place, constants, base, gain, index, trace
):
    """Store current and potential of single neurons; the same arithmetic, ahead of the groups."""
    entry = np.searchsorted(trace.neurons, index)
    while entry < trace.neurons.size and trace.neurons[entry] < index + size:
        item = trace.neurons[entry] - index
        voltage = held[place + item]
        for step in range(steps):
            charge = currents[item + step * pitch]
            current = constants.base[base + item]
            if rule.scaled:
                current += charge
                trace.current[first_step + step, entry] = current / rule.dt
                charge = max(current, rule.least)
            else:
                current += constants.gain[gain + item] * charge
                trace.current[first_step + step, entry] = current
                charge = max(current, rule.least) * rule.dt
            voltage = max(voltage + charge, rule.lower)
            if voltage >= rule.many:
                voltage -= np.floor(voltage)
            elif voltage >= rule.threshold:
                voltage = voltage - voltage if rule.to_zero else voltage - rule.dt / rule.dt
            trace.voltage[first_step + step, entry] = voltage
        entry += 1
