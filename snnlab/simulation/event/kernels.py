"""The one function that is called from Python: run some tiles.

A tile is a block of rows and columns of one population. For each chunk of 64
steps and each of its rows: list the spikes of the source rows (`events`),
add their weights to the currents, filter, and let the neurons take the steps
(`advance`). Nothing is allocated here, and a tile writes to no other's part
of the results, so that the result is the same for any number of threads.
"""

import numpy as np

from snnlab.simulation.event.advance import (
    advance_exactly,
    advance_plainly,
    advance_scaled,
    follow,
    low_pass,
    put_out,
)
from snnlab.simulation.event.compiled import inner, kernel
from snnlab.simulation.event.convolving import convolve
from snnlab.simulation.event.events import wire_row
from snnlab.simulation.event.holding import begin, finish
from snnlab.simulation.event.layout import GROUP, LEAKY, Tile
from snnlab.simulation.event.leaky import follow_leaky
from snnlab.simulation.event.settle import settle
from snnlab.simulation.event.special import advance_special


@inner
def _run_tile(
    tile,
    shape,
    steps,
    span,
    inputs,
    wires,
    more,
    constants,
    rule,
    special,
    exact,
    state,
    external,
    trace,
    result,
    scratch,
    cancel,
    noted,
):
    """Run one tile; see `run_tiles`. Returns the new number of entries in ``result.more``."""
    pitch, channels = shape.pitch, shape.channels
    size = (tile.right - tile.left) * channels
    origin = shape.lead
    filters = constants.decay.shape[0]
    height = tile.bottom - tile.top

    # what the last tile left beyond its columns would be inside of this one
    scratch.currents[: filters * GROUP * pitch] = 0
    begin(tile, shape, state, filters, special.slots, span, scratch)
    for chunk in range((steps + GROUP - 1) // GROUP):
        first_step = GROUP * chunk
        some = min(GROUP, steps - first_step)
        scratch.lists[:, 0] = -1
        for y in range(tile.top, tile.bottom):
            if cancel[0]:
                return -1
            index = (y * shape.width + tile.left) * channels
            place = (y - tile.top) * span
            for number in range(external.shape[0]):
                for step in range(some):
                    for item in range(size):
                        scratch.currents[(number * GROUP + step) * pitch + origin + item] += (
                            external[number, first_step + step, index + item]
                        )
            convolve(tile, shape, inputs, more, y, chunk, scratch)
            wire_row(wires, more, y, tile.left, tile.right, chunk, shape, scratch.currents)
            for number in range(filters):
                if constants.decay[number, 0] >= 0:
                    low_pass(
                        scratch.currents[number * GROUP * pitch + origin :],
                        pitch,
                        size,
                        some,
                        constants.decay[number],
                        scratch.filtered,
                        (number * height + y - tile.top) * span,
                        constants.base,
                        constants.start[number + 1] + (index if constants.whole[number + 1] else 0),
                        scratch.currents[origin:],
                        number == 0,
                    )
            currents = scratch.currents[origin:]
            base = index if constants.whole[0] else 0
            gain = index if constants.gain_whole else 0
            if rule.graded:
                put_out(
                    currents,
                    pitch,
                    size,
                    some,
                    first_step,
                    rule,
                    constants,
                    base,
                    gain,
                    result.values,
                    index,
                )
                continue
            charged = (currents, pitch, size, some, first_step, rule)
            charged = charged + (scratch.held, place, constants, base, gain)
            if trace.neurons.size:
                if special.kind == LEAKY:
                    kept = (special.leak, scratch.held, scratch.extra, place, height * span)
                    kept = charged[:6] + kept + (constants, base, gain, index, trace)
                    follow_leaky(*kept)
                else:
                    follow(*(charged + (index, trace)))
            if special.kind:
                advance_special(
                    currents,
                    pitch,
                    size,
                    some,
                    state.clock + first_step,
                    rule,
                    special,
                    place,
                    height * span,
                    constants,
                    base,
                    gain,
                    result,
                    chunk,
                    index,
                    scratch,
                )
            else:
                group = charged + (result.words[chunk], index, result.more, noted)
                group = group + (scratch.packed, scratch.lanes, scratch.doubts)
                if rule.plain:
                    noted = advance_plainly(*group)
                elif rule.scaled:
                    noted = advance_scaled(*group)
                else:
                    noted = advance_exactly(*group)
            for number in range(scratch.doubts[0]):
                item = scratch.doubts[1 + number]
                column = item // channels
                noted, voltage, gathered = settle(
                    inputs,
                    wires,
                    more,
                    special,
                    exact,
                    state,
                    shape,
                    y,
                    tile.left + column,
                    item - column * channels,
                    tile.left,
                    chunk,
                    steps,
                    result,
                    noted,
                    scratch.alone,
                    scratch.alone_filtered,
                    scratch.alone_words,
                )
                scratch.held[place + item] = voltage
                if special.slots:
                    scratch.extra[place + item] = gathered
    if noted <= result.more.shape[0]:
        finish(tile, shape, state, filters, special.slots, span, scratch)
    return noted


@kernel
def run_tiles(
    tiles,
    shape,
    steps,
    span,
    inputs,
    wires,
    more,
    constants,
    rule,
    special,
    exact,
    state,
    external,
    trace,
    result,
    scratch,
    cancel,
):
    """Run the neurons of some tiles over all steps.

    Parameters
    ----------
    tiles : numpy.ndarray
        int64 ``(n, 4)``, each a `Tile`.
    shape : Shape
    steps : int
    span : int
        Neurons of a tile's row, rounded up to whole groups.
    inputs : Inputs
    wires : Wires
    more : More
    constants : Constants
    rule : Rule
    special : Special
    exact : Exact
    state : State
    external : numpy.ndarray
        real ``(filters, steps, neurons)``: weighted input that does not come
        as spikes; empty if there is none.
    trace : Trace
    result : Result
    scratch : Scratch
    cancel : numpy.ndarray
        uint8 ``(1,)``; looked at once a row, stops if it is not 0.

    Returns
    -------
    int
        Number of spikes beyond the first in a step. If there is no room for
        so many, the tiles must be run again with more; nothing is lost, since
        what they start from is kept apart from what they leave. -1 if cancelled.
    """
    # not a literal, for which all below would be compiled a second time
    noted = np.int64(0)
    for number in range(tiles.shape[0]):
        tile = Tile(tiles[number, 0], tiles[number, 1], tiles[number, 2], tiles[number, 3])
        noted = _run_tile(
            tile,
            shape,
            steps,
            span,
            inputs,
            wires,
            more,
            constants,
            rule,
            special,
            exact,
            state,
            external,
            trace,
            result,
            scratch,
            cancel,
            noted,
        )
        if noted < 0:
            return -1
    return noted
