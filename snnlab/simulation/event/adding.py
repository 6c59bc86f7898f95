"""Add rows of 16-bit numbers to currents, a row for each event."""

from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.events import LOW
from snnlab.simulation.event.integer_simd import add_whole, load32, load_whole8, load_whole16
from snnlab.simulation.event.simd import element, store


def _adder(parts, rest):
    """A function that adds rows of ``parts`` vectors of 32, and of one of ``rest`` more."""
    load_rest = load_whole16 if rest == 16 else load_whole8

    def spread(currents, origin, weights, level, events, first, last):
        for index in range(first, last):
            event = element(events, index)
            place = origin + (event & LOW)
            row = level + (event >> 32)
            for part in range(parts):
                step = 32 * part
                store(
                    currents,
                    place + step,
                    add_whole(load32(currents, place + step), load32(weights, row + step)),
                )
            if rest:
                step = 32 * parts
                store(
                    currents,
                    place + step,
                    add_whole(load_rest(currents, place + step), load_rest(weights, row + step)),
                )
            if rest == 24:
                step = 32 * parts + 8
                store(
                    currents,
                    place + step,
                    add_whole(
                        load_whole16(currents, place + step), load_whole16(weights, row + step)
                    ),
                )

    return inner(spread)


_8, _16, _24, _32, _48 = _adder(0, 8), _adder(0, 16), _adder(0, 24), _adder(1, 0), _adder(1, 16)
_64, _96, _128, _192 = _adder(2, 0), _adder(3, 0), _adder(4, 0), _adder(6, 0)


@inner
def _any(currents, origin, weights, level, events, first, last, length):
    for index in range(first, last):
        event = element(events, index)
        place = origin + (event & LOW)
        row = level + (event >> 32)
        for step in range(0, length, 8):
            store(
                currents,
                place + step,
                add_whole(load_whole8(currents, place + step), load_whole8(weights, row + step)),
            )


@inner
def spread_groups(currents, origin, weights, level, events, first, last, length):
    """Add the rows of the listed events; the usual row lengths are unrolled."""
    if length == 24:
        _24(currents, origin, weights, level, events, first, last)
    elif length == 48:
        _48(currents, origin, weights, level, events, first, last)
    elif length == 96:
        _96(currents, origin, weights, level, events, first, last)
    elif length == 192:
        _192(currents, origin, weights, level, events, first, last)
    elif length == 16:
        _16(currents, origin, weights, level, events, first, last)
    elif length == 32:
        _32(currents, origin, weights, level, events, first, last)
    elif length == 64:
        _64(currents, origin, weights, level, events, first, last)
    elif length == 128:
        _128(currents, origin, weights, level, events, first, last)
    elif length == 8:
        _8(currents, origin, weights, level, events, first, last)
    else:
        _any(currents, origin, weights, level, events, first, last, length)
