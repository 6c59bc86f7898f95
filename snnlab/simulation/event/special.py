"""Currents to spikes for neurons that do more than `advance` knows.

Graded neurons write one word a size, a group of neurons at a time; gates,
coins and softmaxes are taken one neuron at a time. Words of plane ``p`` and
chunk ``c`` are row ``p * chunks + c`` of ``result.words``. What the neurons do
is said in `snnlab.simulation.graded`, ``gates`` and ``chance``; leaky neurons
have a module of their own, `leaky`.
"""

import numpy as np

from snnlab.simulation import chance
from snnlab.simulation.event.advance import doubtful
from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.layout import BISTABLE, GATE, LEAKY, MULTI_THRESHOLD, POISSON
from snnlab.simulation.event.leaky import advance_leaky
from snnlab.simulation.event.simd import (
    LANES,
    above,
    absolute,
    add,
    any_set,
    at_least,
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

_NEURON, _STREAM, _SEED = (
    np.uint64(number) for number in (chance.NEURON, chance.STREAM, chance.SEED)
)
_MIX = tuple(np.uint64(number) for number in chance.MIX)


@inner
def uniform(seed, neuron, step):
    """As `snnlab.simulation.chance.uniform`, of one neuron."""
    word = np.uint64(neuron) * _NEURON + np.uint64(seed) * _SEED
    word += np.uint64(step + 1) * _STREAM
    word = (word ^ (word >> np.uint64(30))) * _MIX[0]
    word = (word ^ (word >> np.uint64(27))) * _MIX[1]
    word ^= word >> np.uint64(31)
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@inner
def _charge(currents, at, constant, factor, dt, scaled):
    """Fetch, clear and weigh the currents of a group in one step."""
    charge = load_lanes(currents, at)
    store(currents, at, subtract(charge, charge))
    if scaled:
        return add(constant, charge)
    return multiply(add(constant, multiply(factor, charge)), dt)


@inner
def _mark(marks, plane, step, fired):
    """Note a step's spikes of a group."""
    place = (2 * plane + (step >> 5)) * LANES
    marked = set_bit(load_lanes(marks, place), fired, np.uint32(1) << np.uint32(step & 31))
    store(marks, place, marked)


@inner
def _write(marks, planes, chunk, chunks, words, index, size, packed):
    """Store the words of a group."""
    for plane in range(planes):
        low = load_lanes(marks, 2 * plane * LANES)
        high = load_lanes(marks, (2 * plane + 1) * LANES)
        into = words[plane * chunks + chunk]
        if size >= LANES:
            store_words(into, index, low, high)
        else:
            store_words(packed, 0, low, high)
            for item in range(size):
                into[index + item] = packed[item]


@inner
def _graded(
    currents, pitch, size, steps, clock, rule, special, place, constants, base, gain, words,
    chunk, index, scratch,
):  # fmt: skip
    """Multi-threshold and bistable neurons."""
    dt, one = splat(rule.dt), splat(rule.dt / rule.dt)
    nothing, doubt = subtract(dt, dt), splat(rule.doubt)
    planes, cycle = special.sizes.size, special.sizes.size
    chunks = words.shape[0] // planes
    scratch.doubts[0] = 0
    for lane in range(0, size, LANES):
        voltage = load_lanes(scratch.held, place + lane)
        gathered = nothing
        if special.kind == BISTABLE:
            gathered = load_lanes(scratch.extra, place + lane)
        constant = load_lanes(constants.base, base + lane)
        factor = load_lanes(constants.gain, gain + lane)
        nearest, largest = one, one
        scratch.marks[: 2 * planes * LANES] = 0
        for step in range(steps):
            charge = _charge(currents, lane + step * pitch, constant, factor, dt, rule.scaled)
            if special.kind == MULTI_THRESHOLD:
                voltage = add(voltage, charge)
                largest = maximum(largest, absolute(voltage))
                # once a spike is sent, no smaller threshold is reached, but in the authors' rule
                open_to = voltage
                for plane in range(planes):
                    rest = subtract(open_to, splat(special.sizes[plane]))
                    nearest = minimum(nearest, absolute(rest))
                    if special.together:
                        fired = above(rest, nothing)
                        voltage = where(fired, rest, voltage)
                        open_to = voltage
                    else:
                        fired = at_least(rest, nothing)
                        voltage = where(fired, rest, voltage)
                        open_to = where(fired, subtract(nothing, one), open_to)
                    _mark(scratch.marks, plane, step, fired)
                continue
            time = clock + step - special.start
            if time < 0:
                continue
            if time > 0 and time % cycle == 0:
                voltage = add(voltage, gathered)
                gathered = nothing
            gathered = add(gathered, charge)
            largest = maximum(largest, maximum(absolute(gathered), absolute(voltage)))
            if time >= cycle:
                rest = subtract(voltage, splat(special.sizes[time % cycle]))
                fired = at_least(rest, nothing)
                nearest = minimum(nearest, absolute(rest))
                voltage = where(fired, rest, voltage)
                _mark(scratch.marks, time % cycle, step, fired)
        # a saturated neuron's potential is large, and so is its rounding
        nearest = subtract(nearest, multiply(doubt, largest))
        if any_set(above(nothing, nearest)):
            doubtful(nearest, rule.dt - rule.dt, lane, size - lane, scratch.lanes, scratch.doubts)
        store(scratch.held, place + lane, voltage)
        if special.kind == BISTABLE:
            store(scratch.extra, place + lane, gathered)
        _write(
            scratch.marks, planes, chunk, chunks, words, index + lane, size - lane, scratch.packed
        )


@inner
def settled(charge, time, special, voltage, gathered, words, bit):
    """One step of one graded neuron in double precision; returns potential and gathered."""
    if special.kind == MULTI_THRESHOLD:
        voltage += charge
        for plane in range(special.exact.size):
            if special.together:
                if voltage > special.exact[plane]:
                    words[plane] |= bit
                    voltage -= special.exact[plane]
            elif voltage >= special.exact[plane]:
                words[plane] |= bit
                voltage -= special.exact[plane]
                break
        return voltage, gathered
    time -= special.start
    cycle = special.exact.size
    if time < 0:
        return voltage, gathered
    if time > 0 and time % cycle == 0:
        voltage += gathered
        gathered = 0.0
    gathered += charge
    if time >= cycle and voltage >= special.exact[time % cycle]:
        words[time % cycle] |= bit
        voltage -= special.exact[time % cycle]
    return voltage, gathered


@inner
def _gates(
    currents, pitch, size, steps, rule, special, extra, place, apart, constants, base, gain,
    words, index,
):  # fmt: skip
    """Max-pooling; counts of input ``i`` are ``i * apart`` further on in ``extra``."""
    for item in range(size):
        word = np.uint64(0)
        for step in range(steps):
            charge = currents[item + step * pitch]
            currents[item + step * pitch] = 0
            if rule.scaled:
                charge = constants.base[base + item] + charge
            else:
                charge = constants.base[base + item] + constants.gain[gain + item] * charge
                charge *= rule.dt
            code = np.int64(np.rint(charge))
            if code == 0:
                continue
            before, after = extra[place + item], extra[place + item]
            for number in range(special.inputs):
                at = place + number * apart + item
                before = max(before, extra[at])
                if (code >> number) & 1:
                    extra[at] += 1
                after = max(after, extra[at])
            if after > before:
                word |= np.uint64(1) << np.uint64(step)
        words[index + item] = word


@inner
def _coins(currents, pitch, size, steps, clock, rule, special, constants, base, gain, words, index):
    """Poisson spikes."""
    for item in range(size):
        word = np.uint64(0)
        for step in range(steps):
            charge = currents[item + step * pitch]
            currents[item + step * pitch] = 0
            if rule.scaled:
                charge = constants.base[base + item] + charge
            else:
                charge = constants.base[base + item] + constants.gain[gain + item] * charge
                charge *= rule.dt
            if uniform(special.seed, index + item, clock + step) < charge:
                word |= np.uint64(1) << np.uint64(step)
        words[index + item] = word


@inner
def _shares(
    currents, pitch, size, steps, clock, rule, special, held, place, constants, base, gain,
    words, index,
):  # fmt: skip
    """Softmax; a pixel's neurons are consecutive."""
    many = special.inputs
    for pixel in range(0, size, many):
        words[index + pixel : index + pixel + many] = 0
        for step in range(steps):
            largest = -np.inf
            for item in range(pixel, pixel + many):
                charge = currents[item + step * pitch]
                currents[item + step * pitch] = 0
                charge = constants.base[base + item] + constants.gain[gain + item] * charge
                held[place + item] += charge * rule.dt
                largest = max(largest, held[place + item])
            time = clock + step
            if uniform(special.seed, index + pixel, time) >= special.share:
                continue
            total = 0.0
            for item in range(pixel, pixel + many):
                total += np.exp(held[place + item] / (time + 1) - largest / (time + 1))
            drawn = uniform(special.seed, index + pixel + 1, time) * total
            reached, winner = 0.0, 0
            for item in range(many - 1):
                reached += np.exp(held[place + pixel + item] / (time + 1) - largest / (time + 1))
                if drawn >= reached:
                    winner = item + 1
            words[index + pixel + winner] |= np.uint64(1) << np.uint64(step)


@inner
def advance_special(
    currents, pitch, size, steps, clock, rule, special, place, apart, constants, base, gain,
    result, chunk, index, scratch,
):  # fmt: skip
    """Let the neurons of one row of a tile take the steps of a chunk.

    ``place`` is the row's first neuron in ``scratch.held`` and in the first
    slot of ``scratch.extra``; the next slot is ``apart`` further on.
    """
    if special.kind == GATE:
        _gates(
            currents, pitch, size, steps, rule, special, scratch.extra, place, apart, constants,
            base, gain, result.words[chunk], index,
        )  # fmt: skip
    elif special.kind == LEAKY:
        advance_leaky(
            currents, pitch, size, steps, rule, special.leak, scratch.held, scratch.extra, place,
            apart, constants, base, gain, result.words[chunk], index, scratch.packed,
            scratch.lanes,
        )  # fmt: skip
    elif special.kind == POISSON:
        _coins(
            currents, pitch, size, steps, clock, rule, special, constants, base, gain,
            result.words[chunk], index,
        )  # fmt: skip
    elif special.sizes.size:
        _graded(
            currents, pitch, size, steps, clock, rule, special, place, constants, base, gain,
            result.words, chunk, index, scratch,
        )  # fmt: skip
    else:
        _shares(
            currents, pitch, size, steps, clock, rule, special, scratch.held, place, constants,
            base, gain, result.words[chunk], index,
        )  # fmt: skip
    if not special.sizes.size:
        scratch.doubts[0] = 0
