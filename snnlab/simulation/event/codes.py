"""From words to whole currents: several channels of a source at once.

What four or eight channels of a source pixel send in one step is one of 16 or 256
sums of weights, all worked out beforehand (Arlazarov et al. 1970, the "four
Russians"): one row is added where there were as many as spikes. An event is then a
step in which any of them spikes, and names the row of what they send together.
Currents are 16-bit numbers, so that a vector holds twice as many; sums are exact,
in any order, as long as the last one fits (`integers` sees to that).
"""

import numpy as np

from snnlab.simulation.event.coding import codes_of_4, codes_of_8
from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.events import _decode, _lister
from snnlab.simulation.event.simd import bits_set, first_bit, word_at


def _decoder(channels, coded):
    """A function that lists the events of one source pixel, ``channels`` at a time."""

    def decode(address, depth, event, row, pitch, events, count):
        codes = events[-8:].view(np.uint8)
        for group in range(0, depth, channels):
            word = np.uint64(0)
            for channel in range(channels):
                word |= word_at(address, group + channel)
            if word:
                coded(codes, 0, address + 8 * group)
                many = bits_set(word)
                rest = word
                for slot in range(4):
                    step = first_bit(rest)
                    events[count + slot] = event + step * pitch + codes[step & 63] * row
                    rest &= rest - np.uint64(1)
                if many > 4:
                    slot = 4
                    while rest:
                        step = first_bit(rest)
                        events[count + slot] = event + step * pitch + codes[step] * row
                        rest &= rest - np.uint64(1)
                        slot += 1
                count += many
            event += row << channels
        return count

    return inner(decode)


_fours, _eights = _decoder(4, codes_of_4), _decoder(8, codes_of_8)


@inner
def _decode_groups(address, depth, event, row, pitch, events, count, together):
    """List the events of one source pixel; see `events._decode`."""
    if together == 8:
        return _eights(address, depth, event, row, pitch, events, count)
    if together == 4:
        return _fours(address, depth, event, row, pitch, events, count)
    return _decode(address, depth, event, row, pitch, events, count, together)


list_groups = _lister(_decode_groups)
