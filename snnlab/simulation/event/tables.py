"""Operators laid out for the kernels: weights by event, columns by class, rows by output."""

from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.layout import Inputs, Wires
from snnlab.simulation.event.operators import Convolve, Operator


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


def lay_out(operator: Convolve, weights: np.ndarray, dtype: np.dtype, columns=None) -> Layout:
    """Lay out a convolution.

    Parameters
    ----------
    operator : Convolve
    weights : numpy.ndarray
        The kernel to use, scaled as the kernels want it; shape of ``operator.kernel``.
    dtype : numpy.dtype
    columns : tuple, optional
        Reach and class of each source column, and the kernel columns of each class, where these
        are not the operator's own.
    """
    rows, _, depth, _ = weights.shape
    reach, klass, columns = columns or _columns(operator)
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
    met = [operator.meet(0, tap) for tap in range(operator.kernel.shape[0])]
    into = np.concatenate([into for into, _ in met])
    come = np.concatenate([come for _, come in met])
    level = np.repeat(np.arange(len(met)), [len(into) for into, _ in met])
    order = np.argsort(into, kind="stable")
    start = np.searchsorted(into[order], np.arange(operator.shape_out[0] + 1))
    return start.astype(np.int32), come[order].astype(np.int32), level[order].astype(np.int32)


def gather(layouts: list[Layout], operators: list[Convolve], filters: list[int], dtype) -> Inputs:
    """Join the layouts of all convolutions that feed a population.

    The table lacks what only a run knows: the addresses of the words and the
    places in scratch memory.
    """
    table = np.zeros((len(layouts), 17), np.int64)
    first = dict.fromkeys(("weights", "columns", "classes", "rows", "entries", "slots"), 0)
    row_starts = []
    for row, layout, operator, group in zip(table, layouts, operators, filters, strict=True):
        row[at.NEURONS] = np.prod(operator.shape_in)
        row[at.DEPTH], row[at.WIDTH] = operator.shape_in[2], operator.shape_in[1]
        row[at.FILTER] = group
        row[at.WEIGHTS], row[at.LEVEL] = first["weights"], layout.level
        row[at.COLUMNS], row[at.ROWS] = first["columns"], first["rows"]
        row[at.CLASSES], row[at.CLASS] = len(layout.classes), first["classes"]
        row[at.RING], row[at.SLOT], row[at.MORE] = layout.ring, first["slots"], -1
        row_starts.append(layout.row_start + first["entries"])
        first["weights"] += layout.weights.size
        first["columns"] += layout.reach.size
        first["classes"] += len(layout.classes)
        first["rows"] += layout.row_start.size
        first["entries"] += layout.row_of.size
        first["slots"] += layout.ring

    def joined(name, empty):
        return np.concatenate([getattr(layout, name) for layout in layouts] or [empty])

    nothing = np.zeros(0, np.int32)
    return Inputs(
        table=table,
        weights=joined("weights", np.zeros(0, dtype)),
        reach=joined("reach", nothing),
        klass=joined("klass", nothing),
        classes=joined("classes", np.zeros((0, 2), np.int64)),
        row_start=np.concatenate([*row_starts, nothing]).astype(np.int32),
        row_of=joined("row_of", nothing),
        level_of=joined("level_of", nothing),
    )


def wire(operators: list[Operator], scales: list[np.ndarray], filters: list[int], dtype) -> Wires:
    """Join the sparse matrices that feed a population.

    Parameters
    ----------
    operators : list of Operator
    scales : list of numpy.ndarray
        What to multiply the matrices' rows with, ``(1,)`` or ``(neurons,)``.
    filters : list of int
    dtype : numpy.dtype
    """
    table = np.zeros((len(operators), 4), np.int64)
    starts, sources, weights = [], [], []
    filled = 0
    for row, operator, scale, group in zip(table, operators, scales, filters, strict=True):
        matrix = operator.matrix()
        row[1:] = matrix.shape[1], group, sum(map(len, starts))
        starts.append(matrix.indptr.astype(np.int64) + filled)
        sources.append(matrix.indices.astype(np.int64))
        entries = np.diff(matrix.indptr)
        weights.append(matrix.data * np.repeat(np.broadcast_to(scale, matrix.shape[0]), entries))
        filled += matrix.nnz
    integers = np.zeros(0, np.int64)
    return Wires(
        table,
        np.concatenate([*starts, integers]),
        np.concatenate([*sources, integers]),
        np.concatenate([*weights, np.zeros(0)]).astype(dtype),
    )
