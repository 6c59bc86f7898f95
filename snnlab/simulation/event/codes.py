"""From words to whole currents: several channels of a source at once.

What four or eight channels of a source pixel send in one step is one of 16 or 256
sums of weights, all worked out beforehand (Arlazarov et al. 1970, the "four
Russians"): one row is added where there were as many as spikes. An event is then a
step in which any of them spikes, and names the row of what they send together.
Currents are 16-bit numbers, so that a vector holds twice as many; sums are exact,
in any order, as long as the last one fits (`integers` sees to that).
"""

import numpy as np

from snnlab.simulation.event.coding import code_at, codes_of_4, codes_of_8, list_eight, lists_eight
from snnlab.simulation.event.compiled import inlined
from snnlab.simulation.event.events import _decode, _lister
from snnlab.simulation.event.simd import bits_set, first_bit, store, word_at

FEW = 4  # events that are listed one by one, without looking how many there are


def _decoder(channels, coded):
    """A function that lists the events of one source pixel, ``channels`` at a time."""

    def decode(address, depth, event, row, pitch, events, count):
        for group in range(0, depth, channels):
            word = np.uint64(0)
            for channel in range(channels):
                word |= word_at(address, group + channel)
            if word:
                codes = coded(address + 8 * group)
                many = bits_set(word)
                rest = word
                if lists_eight() and (many > FEW or word < np.uint64(256)):
                    place, first = event, codes
                    while rest:
                        count = list_eight(events, count, rest, first, place, pitch, row)
                        place += 8 * pitch
                        first += 8
                        rest >>= np.uint64(8)
                else:
                    for slot in range(FEW):
                        step = first_bit(rest)
                        code = code_at(codes, step & 63)
                        store(events, count + slot, event + step * pitch + code * row)
                        rest &= rest - np.uint64(1)
                    slot = count + FEW
                    while rest:
                        step = first_bit(rest)
                        store(events, slot, event + step * pitch + code_at(codes, step) * row)
                        rest &= rest - np.uint64(1)
                        slot += 1
                    count += many
            event += row << channels
        return count

    return inlined(decode)


_fours, _eights = _decoder(4, codes_of_4), _decoder(8, codes_of_8)


@inlined
def _decode_groups(address, depth, event, row, pitch, events, count, together):
    """List the events of one source pixel; see `events._decode`."""
    if together == 8:
        return _eights(address, depth, event, row, pitch, events, count)
    if together == 4:
        return _fours(address, depth, event, row, pitch, events, count)
    return _decode(address, depth, event, row, pitch, events, count, together)


list_groups = _lister(_decode_groups)
