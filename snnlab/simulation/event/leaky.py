"""Currents to spikes for leaky neurons: ``nengo.LIF`` and `snnlab.simulation.leaky`'s.

A group of neurons takes all steps of a chunk with potentials and words in
registers, as in `advance`. Two exponentials a neuron are all that is not a
product or a sum, and both come with a spike: where in its step the potential
crossed 1, and how far it gets in the rest of the step in which the refractory
period ends. The arithmetic is that of the neuron's ``step``, in its order.

A neuron keeps its refractory time in the first slot of ``scratch.extra``, and
in the second its synaptic current, if it has one.
"""

import math

import numpy as np

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.simd import (
    LANES,
    above,
    add,
    any_set,
    at_least,
    divide,
    first_bit,
    lanes_set,
    load_lanes,
    maximum,
    multiply,
    set_bit,
    splat,
    store,
    store_words,
    subtract,
    where,
)


@inner
def _carried(time, leak):
    """As `snnlab.simulation.leaky.carried`."""
    if leak.tau_rc == leak.tau_syn:
        return time / leak.tau_rc * math.exp(-time / leak.tau_rc)
    apart = math.expm1(-time / leak.tau_syn) - math.expm1(-time / leak.tau_rc)
    return leak.tau_syn / (leak.tau_syn - leak.tau_rc) * apart


@inner
def _rest(voltage, steady, dt, leak):
    """The refractory time of a neuron that just spiked."""
    if leak.soft or (leak.clipped and not steady > 1):
        return leak.tau_ref + dt
    gone = -(voltage - 1) / (steady - 1)
    if leak.clipped:
        crossed = dt + leak.tau_rc * math.log1p(max(gone, -1.0))
        return leak.tau_ref + min(max(crossed, 0.0), dt)
    return leak.tau_ref + (dt + leak.tau_rc * math.log1p(gone))


@inner
def _late(rest, dt, leak, lanes):
    """Factors of those of a group whose refractory period ends within this step."""
    store(lanes, 0, rest)
    bits = lanes_set(above(rest, splat(dt - dt))) & ~lanes_set(at_least(rest, splat(dt)))
    while bits:
        lane = first_bit(bits)
        bits &= bits - np.uint64(1)
        free = dt - lanes[lane]
        lanes[LANES + lane] = math.expm1(-free / leak.tau_rc)
        if leak.tau_syn > 0:
            lanes[2 * LANES + lane] = _carried(free, leak)
            lanes[3 * LANES + lane] = math.expm1(-(dt - free) / leak.tau_syn)


@inner
def _spiked(fired, voltage, steady, rest, dt, leak, lanes):
    """The refractory times of a group of which some spiked."""
    store(lanes, 0, voltage)
    store(lanes, LANES, steady)
    store(lanes, 2 * LANES, rest)
    bits = lanes_set(fired)
    while bits:
        lane = first_bit(bits)
        bits &= bits - np.uint64(1)
        lanes[2 * LANES + lane] = _rest(lanes[lane], lanes[LANES + lane], dt, leak)
    return load_lanes(lanes, 2 * LANES)


@inner
def advance_leaky(
    currents, pitch, size, steps, rule, leak, held, extra, place, apart, constants, base, gain,
    words, index, packed, lanes,
):  # fmt: skip
    """Let the neurons of one row of a tile take the steps of a chunk."""
    if leak is not None:  # else nothing of this is compiled
        _advance(
            currents, pitch, size, steps, rule, leak, held, extra, place, apart, constants, base,
            gain, words, index, packed, lanes,
        )  # fmt: skip


@inner
def _advance(
    currents, pitch, size, steps, rule, leak, held, extra, place, apart, constants, base, gain,
    words, index, packed, lanes,
):  # fmt: skip
    dt, one = splat(rule.dt), splat(rule.dt / rule.dt)
    nothing, lower = subtract(dt, dt), splat(rule.lower)
    whole, synapse = splat(leak.shrink), leak.tau_syn > 0
    for lane in range(0, size, LANES):
        voltage = load_lanes(held, place + lane)
        rest = load_lanes(extra, place + lane)
        inflow = nothing
        if synapse:
            inflow = load_lanes(extra, place + apart + lane)
        constant = load_lanes(constants.base, base + lane)
        weight = load_lanes(constants.gain, gain + lane)
        low, high = splat(np.uint32(0)), splat(np.uint32(0))
        for half in range(2):
            marked = splat(np.uint32(0))
            for step in range(32 * half, min(steps, 32 * half + 32)):
                at = lane + step * pitch
                current = add(constant, multiply(weight, load_lanes(currents, at)))
                store(currents, at, nothing)
                rest = subtract(rest, dt)
                shrink, carry, then = whole, splat(leak.carry), inflow
                if any_set(above(rest, nothing)):
                    resting = above(rest, nothing)
                    store(lanes, LANES, where(resting, nothing, shrink))
                    if synapse:
                        store(lanes, 2 * LANES, where(resting, nothing, carry))
                        store(lanes, 3 * LANES, nothing)
                    _late(rest, rule.dt, leak, lanes)
                    shrink = load_lanes(lanes, LANES)
                    if synapse:
                        carry = load_lanes(lanes, 2 * LANES)
                        moved = multiply(subtract(current, inflow), load_lanes(lanes, 3 * LANES))
                        then = subtract(inflow, moved)
                before, steady = voltage, current
                voltage = subtract(voltage, multiply(subtract(current, voltage), shrink))
                if synapse:
                    voltage = add(voltage, multiply(subtract(then, current), carry))
                    moved = multiply(subtract(current, inflow), splat(leak.shrink_syn))
                    inflow = subtract(inflow, moved)
                fired = above(voltage, one)
                if any_set(fired):
                    if leak.clipped:  # nor while they rest
                        reached = where(above(dt, rest), voltage, nothing)
                        fired = above(reached, one)
                    if synapse and not leak.soft:
                        moved = subtract(voltage, before)
                        steady = subtract(before, divide(moved, shrink))
                    rest = _spiked(fired, voltage, steady, rest, rule.dt, leak, lanes)
                    after = nothing
                    if leak.soft:
                        after = subtract(voltage, one)
                    voltage = where(fired, after, maximum(voltage, lower))
                else:
                    voltage = maximum(voltage, lower)
                marked = set_bit(marked, fired, np.uint32(1) << np.uint32(step - 32 * half))
            if half == 0:
                low = marked
            else:
                high = marked
        store(held, place + lane, voltage)
        store(extra, place + lane, rest)
        if synapse:
            store(extra, place + apart + lane, inflow)
        if lane + LANES <= size:
            store_words(words, index + lane, low, high)
        else:
            store_words(packed, 0, low, high)
            for item in range(size - lane):
                words[index + lane + item] = packed[item]


@inner
def _step(current, voltage, rest, inflow, rule, leak):
    """One step of one neuron: whether it spiked, potential, refractory time, synaptic current."""
    dt = rule.dt
    rest = rest - dt
    free = min(max(dt - rest, dt - dt), dt)
    shrink, carry, then = leak.shrink, leak.carry, inflow
    if free < dt:
        shrink = rule.dt - rule.dt + math.expm1(-free / leak.tau_rc)
        if leak.tau_syn > 0:
            carry = rule.dt - rule.dt + _carried(free, leak)
            then = inflow - (current - inflow) * math.expm1(-(dt - free) / leak.tau_syn)
    before, steady = voltage, current
    voltage = voltage - (current - voltage) * shrink
    if leak.tau_syn > 0:
        voltage = voltage + (then - current) * carry
        inflow = inflow - (current - inflow) * leak.shrink_syn
    fired = voltage > 1 and (free > 0 or not leak.clipped)
    if fired:
        if leak.tau_syn > 0 and not leak.soft:
            steady = before - (voltage - before) / shrink
        rest = dt - dt + _rest(voltage, steady, dt, leak)
        voltage = voltage - dt / dt if leak.soft else voltage - voltage
    else:
        voltage = max(voltage, rule.lower)
    return fired, voltage, rest, inflow


@inner
def follow_leaky(
    currents, pitch, size, steps, first_step, rule, leak, held, extra, place, apart, constants,
    base, gain, index, trace,
):  # fmt: skip
    """Store current, potential and refractory time of single neurons, ahead of the groups."""
    if leak is not None:
        _follow(
            currents, pitch, size, steps, first_step, rule, leak, held, extra, place, apart,
            constants, base, gain, index, trace,
        )  # fmt: skip


@inner
def _follow(
    currents, pitch, size, steps, first_step, rule, leak, held, extra, place, apart, constants,
    base, gain, index, trace,
):  # fmt: skip
    entry = np.searchsorted(trace.neurons, index)
    while entry < trace.neurons.size and trace.neurons[entry] < index + size:
        item = trace.neurons[entry] - index
        voltage, rest = held[place + item], extra[place + item]
        inflow = voltage - voltage
        if leak.tau_syn > 0:
            inflow = extra[place + apart + item]
        for step in range(steps):
            current = currents[item + step * pitch] * constants.gain[gain + item]
            current = constants.base[base + item] + current
            _, voltage, rest, inflow = _step(current, voltage, rest, inflow, rule, leak)
            trace.current[first_step + step, entry] = current
            trace.voltage[first_step + step, entry] = voltage
            trace.rest[first_step + step, entry] = rest
        entry += 1
