"""Operators laid out for the kernels: weights by event, columns by class, rows by output."""

from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event import kernels as k
from snnlab.simulation.event.operators import Convolve


@dataclass(frozen=True)
class Layout:
    """One convolution as the kernels want it.

    An event of source column ``x`` reaches ``taps`` neighbouring output
    columns from ``reach[x]`` on; which kernel columns those meet depends on
    ``x`` modulo the stride, its class. ``weights`` holds, for each kernel row,
    class and source channel, the taps' weights ``(taps, channels)`` as one
    row, filled up with zeros to a multiple of eight.

    Attributes
    ----------
    weights : numpy.ndarray
        Flat.
    level : int
        Weights a kernel row.
    reach, klass : numpy.ndarray
        int32 ``(source width,)``.
    classes : numpy.ndarray
        int64 ``(classes, 2)``: first weight within the kernel row, row length.
    row_start, row_of, level_of : numpy.ndarray
        int32; output row ``y`` meets source rows ``row_of[row_start[y]:row_start[y + 1]]``
        through kernel rows ``level_of``.
    taps : int
        Most output columns that an event reaches.
    ring : int
        Most source rows that an output row meets.
    """

    weights: np.ndarray
    level: int
    reach: np.ndarray
    klass: np.ndarray
    classes: np.ndarray
    row_start: np.ndarray
    row_of: np.ndarray
    level_of: np.ndarray
    taps: int
    ring: int


def lay_out(operator: Convolve, weights: np.ndarray, dtype: np.dtype) -> Layout:
    """Lay out a convolution.

    Parameters
    ----------
    operator : Convolve
    weights : numpy.ndarray
        The kernel to use, scaled as the kernels want it; shape of ``operator.kernel``.
    dtype : numpy.dtype
    """
    rows, _, depth, _ = weights.shape
    reach, klass, columns = _columns(operator)
    classes = np.zeros((len(columns), 2), np.int64)
    parts = []
    filled = 0
    for number, chosen in enumerate(columns):
        row = weights[:, chosen].transpose(0, 2, 1, 3).reshape(rows, depth, -1)
        length = -(-row.shape[2] // 8) * 8
        part = np.zeros((rows, depth, length), dtype)
        part[:, :, : row.shape[2]] = row
        parts.append(part.reshape(rows, -1))
        classes[number] = filled, length
        filled += depth * length
    row_start, row_of, level_of = _rows(operator)
    return Layout(
        weights=np.concatenate(parts, axis=1).ravel(),
        level=filled,
        reach=reach,
        klass=klass,
        classes=classes,
        row_start=row_start,
        row_of=row_of,
        level_of=level_of,
        taps=max((len(chosen) for chosen in columns), default=0),
        ring=max(int(np.diff(row_start).max(initial=0)), 1),
    )


def _columns(operator: Convolve) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """First output column and class of each source column; kernel columns of each class."""
    taps, stride, pad = operator.kernel.shape[1], operator.strides[1], operator.pads[1]
    x = np.arange(operator.shape_in[1])
    if operator.transposed:
        # taps further apart than a column would leave holes: they do not occur,
        # an event reaches consecutive columns whatever the stride
        return (x * stride - pad).astype(np.int32), np.zeros(len(x), np.int32), [list(range(taps))]
    classes = [list(range(phase, taps, stride))[::-1] for phase in range(stride)]
    klass = (x + pad) % stride
    last = np.array([chosen[0] if chosen else 0 for chosen in classes])
    reach = (x + pad - last[klass]) // stride
    return reach.astype(np.int32), klass.astype(np.int32), classes


def _rows(operator: Convolve) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source rows and kernel rows that each output row meets."""
    taps, stride, pad = operator.kernel.shape[0], operator.strides[0], operator.pads[0]
    height, into = operator.shape_in[0], operator.shape_out[0]
    start, row_of, level_of = [0], [], []
    for y in range(into):
        for tap in range(taps):
            if operator.transposed:
                row, rest = divmod(y + pad - tap, stride)
            else:
                row, rest = y * stride + tap - pad, 0
            if rest == 0 and 0 <= row < height:
                row_of.append(row)
                level_of.append(tap)
        start.append(len(row_of))
    return (np.array(start, np.int32), np.array(row_of, np.int32), np.array(level_of, np.int32))


@dataclass(frozen=True)
class Tables:
    """The inputs of one population, joined into the kernels' flat arrays.

    ``table`` lacks what only a run knows: the addresses of the words and the
    places in scratch memory.
    """

    table: np.ndarray
    weights: np.ndarray
    reach: np.ndarray
    klass: np.ndarray
    classes: np.ndarray
    row_start: np.ndarray
    row_of: np.ndarray
    level_of: np.ndarray
    halo: int


def gather(layouts: list[Layout], operators: list[Convolve], groups: list[int], dtype) -> Tables:
    """Join the layouts of all inputs of a population."""
    table = np.zeros((len(layouts), 15), np.int64)
    starts = dict.fromkeys(("weights", "columns", "classes", "rows", "entries"), 0)
    row_starts = []
    for number, (layout, operator) in enumerate(zip(layouts, operators, strict=True)):
        row = table[number]
        row[k.NEURONS] = np.prod(operator.shape_in)
        row[k.DEPTH], row[k.WIDTH] = operator.shape_in[2], operator.shape_in[1]
        row[k.GROUP] = groups[number]
        row[k.WEIGHTS], row[k.LEVEL] = starts["weights"], layout.level
        row[k.COLUMNS], row[k.ROWS] = starts["columns"], starts["rows"]
        row[k.CLASSES], row[k.CLASS] = len(layout.classes), starts["classes"]
        row[k.RING], row[k.MORE] = layout.ring, -1
        row_starts.append(layout.row_start + starts["entries"])
        starts["weights"] += layout.weights.size
        starts["columns"] += layout.reach.size
        starts["classes"] += len(layout.classes)
        starts["rows"] += layout.row_start.size
        starts["entries"] += layout.row_of.size

    def joined(name, empty):
        return np.concatenate([getattr(layout, name) for layout in layouts] or [empty])

    return Tables(
        table=table,
        weights=joined("weights", np.zeros(0, dtype)),
        reach=joined("reach", np.zeros(0, np.int32)),
        klass=joined("klass", np.zeros(0, np.int32)),
        classes=joined("classes", np.zeros((0, 2), np.int64)),
        row_start=np.concatenate(row_starts or [np.zeros(0, np.int32)]).astype(np.int32),
        row_of=joined("row_of", np.zeros(0, np.int32)),
        level_of=joined("level_of", np.zeros(0, np.int32)),
        halo=max((layout.taps - 1 for layout in layouts), default=0),
    )
