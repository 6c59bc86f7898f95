"""What a tile's neurons keep from step to step: fetched before a run, handed back after it."""

from snnlab.simulation.event.compiled import inner


@inner
def _fetch(given, into, many, tile, shape, y, span):
    """Fetch what ``many`` numbers a neuron of a tile's row start from; 0 if nothing is given."""
    neurons = shape.height * shape.width * shape.channels
    index = (y * shape.width + tile.left) * shape.channels
    for number in range(many):
        place = (number * (tile.bottom - tile.top) + y - tile.top) * span
        into[place : place + span] = 0
        if given.size:
            for item in range((tile.right - tile.left) * shape.channels):
                into[place + item] = given[number * neurons + index + item]


@inner
def _return(kept, come, many, tile, shape, y, span):
    """Hand back what `_fetch` fetched, if it is wanted."""
    neurons = shape.height * shape.width * shape.channels
    index = (y * shape.width + tile.left) * shape.channels
    if kept.size:
        for number in range(many):
            place = (number * (tile.bottom - tile.top) + y - tile.top) * span
            for item in range((tile.right - tile.left) * shape.channels):
                kept[number * neurons + index + item] = come[place + item]


@inner
def begin(tile, shape, state, filters, slots, span, scratch):
    """Fetch potentials and filters of a tile."""
    size = (tile.right - tile.left) * shape.channels
    for y in range(tile.top, tile.bottom):
        index = (y * shape.width + tile.left) * shape.channels
        place = (y - tile.top) * span
        # the last group of a row may reach beyond it: no stray numbers there
        scratch.held[place + size : place + span] = 0
        if state.voltage_in.size:
            for item in range(size):
                scratch.held[place + item] = state.voltage_in[index + item]
        else:
            scratch.held[place : place + size] = state.voltage
        _fetch(state.filtered_in, scratch.filtered, filters, tile, shape, y, span)
        _fetch(state.extra_in, scratch.extra, slots, tile, shape, y, span)


@inner
def finish(tile, shape, state, filters, slots, span, scratch):
    """Hand back potentials and filters of a tile, if they are wanted."""
    size = (tile.right - tile.left) * shape.channels
    for y in range(tile.top, tile.bottom):
        index = (y * shape.width + tile.left) * shape.channels
        place = (y - tile.top) * span
        if state.voltage_out.size:
            for item in range(size):
                state.voltage_out[index + item] = scratch.held[place + item]
        _return(state.filtered_out, scratch.filtered, filters, tile, shape, y, span)
        _return(state.extra_out, scratch.extra, slots, tile, shape, y, span)
