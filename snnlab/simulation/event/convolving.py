"""What all convolutions bring to one row of a tile."""

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.adding import spread_groups
from snnlab.simulation.event.codes import list_groups
from snnlab.simulation.event.compiled import inner
from snnlab.simulation.event.events import list_row, spread, spread_more
from snnlab.simulation.event.layout import GROUP


def _convolving(list_row, spread):
    """A function that adds it to the currents, and tells of how many events."""

    def convolve(tile, shape, inputs, more, y, chunk, scratch):
        events = 0
        for number in range(inputs.table.shape[0]):
            row = inputs.table[number]
            columns, rows = row[at.COLUMNS], row[at.ROWS]
            origin = row[at.FILTER] * GROUP * shape.pitch
            first, last = 0, row[at.WIDTH]
            while first < last and inputs.reach[columns + first] < tile.left - shape.halo:
                first += 1
            while last > first and inputs.reach[columns + last - 1] >= tile.right:
                last -= 1
            for entry in range(inputs.row_start[rows + y], inputs.row_start[rows + y + 1]):
                source = inputs.row_of[entry]
                kept = scratch.lists[row[at.SLOT] + source % row[at.RING]]
                bounds = kept[1:]
                if kept[0] != source:
                    kept[0] = source
                    list_row(
                        inputs,
                        number,
                        source,
                        chunk,
                        first,
                        last,
                        tile.left,
                        shape,
                        scratch.events,
                        bounds,
                    )
                level = row[at.WEIGHTS] + inputs.level_of[entry] * row[at.LEVEL]
                for klass in range(row[at.CLASSES]):
                    which = row[at.CLASS] + klass
                    events += bounds[klass + 1] - bounds[klass]
                    spread(
                        scratch.currents,
                        origin,
                        inputs.weights,
                        level + inputs.classes[which, 0],
                        scratch.events,
                        bounds[klass],
                        bounds[klass + 1],
                        inputs.classes[which, 1],
                    )
                if row[at.MORE] >= 0:
                    spread_more(
                        inputs,
                        number,
                        source,
                        chunk,
                        more,
                        first,
                        last,
                        tile.left,
                        shape,
                        scratch.currents,
                        level,
                    )
        return events

    return inner(convolve)


convolve = _convolving(list_row, spread)
convolve_whole = _convolving(list_groups, spread_groups)
