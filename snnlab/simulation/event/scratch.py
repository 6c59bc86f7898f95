"""The memory that a thread needs for the tiles of a stage."""

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.layout import GROUP, Scratch, Shape, WholeScratch
from snnlab.simulation.event.prepare import Prepared
from snnlab.simulation.event.simd import LANES
from snnlab.simulation.event.workers import workspace


def _lists(table: np.ndarray) -> dict[str, np.ndarray]:
    """Events, and where each list of them begins."""
    last = table[-1] if len(table) else np.zeros(table.shape[1], np.int64)
    classes = 2 + int(table[:, at.CLASSES].max(initial=0))
    slots = int(last[at.SLOT] + last[at.RING])
    events = int(last[at.EVENTS] + last[at.RING] * last[at.CAPACITY])
    lists = workspace.take("lists", slots * classes, "i8")[: slots * classes]
    return {
        "events": workspace.take("events", events, "i8"),
        "lists": lists.reshape(slots, classes),
    }


def _alone(filters: int, planes: int) -> dict[str, np.ndarray]:
    """Of a neuron that is run again."""
    return {
        "alone": workspace.take("alone", filters * GROUP, "f8"),
        "alone_filtered": workspace.take("alone filtered", filters, "f8"),
        "alone_words": workspace.take("alone words", planes, "u8")[:planes],
    }


def floating(item: Prepared, table: np.ndarray) -> Scratch:
    """For `kernels.run_tiles`."""
    take, real = workspace.take, item.dtype
    filters, planes = len(item.filters), item.stage.behaviour.planes
    rows = item.rows * item.span
    return Scratch(
        currents=take("currents", filters * GROUP * item.shape.pitch + LANES, real),
        held=take("held", rows, real),
        filtered=take("filtered", filters * rows, real),
        extra=take("extra", item.special.slots * rows + LANES, real),
        marks=take("marks", planes * 2 * LANES, "u4"),
        packed=take("packed", LANES, "u8"),
        lanes=take("lanes", 4 * LANES, real),
        doubts=take("doubts", item.span + 1, "i8"),
        **_lists(table),
        **_alone(filters, planes),
    )


def integer(item: Prepared, table: np.ndarray, shape: Shape, planes: int) -> WholeScratch:
    """For `whole.run_whole`."""
    take, rows = workspace.take, item.rows * item.span
    return WholeScratch(
        currents=take("currents", max(1, planes) * GROUP * shape.pitch + LANES, "i2"),
        held=take("held", rows, "i4"),
        rests=take("rests", rows, "i4"),
        deep=take("deep", rows, "i4"),
        packed=take("packed", LANES, "u8"),
        lanes=take("lanes", LANES, "i4"),
        doubts=take("doubts", item.span + 1, "i8"),
        **_lists(table),
        **_alone(1, 1),
    )
