"""Run some tiles in whole numbers: `kernels.run_tiles` for stages that `integers` takes."""

import numpy as np

from snnlab.simulation.event.compiled import inner, kernel
from snnlab.simulation.event.convolving import convolve_whole
from snnlab.simulation.event.fixed import (
    LIMIT,
    advance_alone,
    advance_one,
    advance_two,
)
from snnlab.simulation.event.layout import GROUP, Tile
from snnlab.simulation.event.settle import settle


@inner
def _hold(scratch, item, voltage):
    """Set a potential, given in thresholds times `layout.Fixed.scale`."""
    scratch.held[item] = np.int32(np.rint(min(max(voltage, -1.0 * LIMIT), 1.0 * LIMIT)))
    scratch.rests[item] = 0
    scratch.deep[item] = voltage < -LIMIT


@inner
def _begin(tile, shape, state, scale, span, scratch):
    """Set the potentials of a tile to where the run starts."""
    size = (tile.right - tile.left) * shape.channels
    _hold(scratch, 0, state.voltage * scale)
    # the last group of a row may reach beyond it: no stray numbers there either
    scratch.held[: (tile.bottom - tile.top) * span] = scratch.held[0]
    scratch.rests[: (tile.bottom - tile.top) * span] = 0
    scratch.deep[: (tile.bottom - tile.top) * span] = scratch.deep[0]
    for y in range(tile.top, tile.bottom if state.voltage_in.size else tile.top):
        index = (y * shape.width + tile.left) * shape.channels
        for item in range(size):
            voltage = state.voltage_in[index + item]
            _hold(scratch, (y - tile.top) * span + item, voltage * scale)


@inner
def _run_tile(
    tile,
    shape,
    steps,
    span,
    inputs,
    fixed,
    settled,
    wires,
    more,
    special,
    exact,
    state,
    result,
    scratch,
    cancel,
):
    """Run one tile; False if cancelled."""
    pitch, channels = shape.pitch, shape.channels
    size = (tile.right - tile.left) * channels
    planes = fixed.factors.size
    # what the last tile left beyond its columns would be inside of this one
    scratch.currents[: planes * GROUP * pitch] = 0
    _begin(tile, shape, state, fixed.scale, span, scratch)
    for chunk in range((steps + GROUP - 1) // GROUP):
        some = min(GROUP, steps - GROUP * chunk)
        scratch.lists[:, 0] = -1
        for y in range(tile.top, tile.bottom):
            if cancel[0]:
                return False
            index = (y * shape.width + tile.left) * channels
            place = (y - tile.top) * span
            events = convolve_whole(tile, shape, inputs, more, y, chunk, scratch)
            currents = scratch.currents[shape.lead :]
            charged = (currents, GROUP * pitch, pitch, size, some, fixed, scratch, place)
            charged = charged + (index if fixed.whole else 0, result.words[chunk], index)
            if events == 0:
                advance_alone(*charged)
            elif planes == 1:
                advance_one(*charged)
            else:
                advance_two(*charged)
            for number in range(scratch.doubts[0]):
                item = scratch.doubts[1 + number]
                column = item // channels
                voltage = settle(
                    settled,
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
                    np.int64(0),
                    scratch.alone,
                    scratch.alone_filtered,
                    scratch.alone_words,
                )[1]
                _hold(scratch, place + item, voltage * fixed.scale)
    return True


@kernel
def run_whole(
    tiles,
    shape,
    steps,
    span,
    inputs,
    fixed,
    settled,
    wires,
    more,
    special,
    exact,
    state,
    result,
    scratch,
    cancel,
):
    """Run the neurons of some tiles over all steps.

    Parameters
    ----------
    inputs : Inputs
        Of levels, as `integers` lays them out.
    fixed : Fixed
    settled : Inputs
        The same inputs, as `settle` reads them.
    scratch : WholeScratch
    tiles, shape, steps, span, wires, more, special, exact, state, result, cancel
        As in `kernels.run_tiles`.
    """
    for number in range(tiles.shape[0]):
        tile = Tile(tiles[number, 0], tiles[number, 1], tiles[number, 2], tiles[number, 3])
        if not _run_tile(
            tile,
            shape,
            steps,
            span,
            inputs,
            fixed,
            settled,
            wires,
            more,
            special,
            exact,
            state,
            result,
            scratch,
            cancel,
        ):
            return
