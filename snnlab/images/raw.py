"""Numbers that lie in a file one after the other: any part of them, without the rest."""

import itertools
import math

import numpy as np

from snnlab.images.origin import Origin


def read(
    origin: Origin,
    offset: int,
    dtype: np.dtype,
    shape: tuple[int, ...],
    part: tuple[int | slice, ...],
) -> np.ndarray:
    """A part of an array in a file.

    Parameters
    ----------
    origin : Origin
    offset : int
        Of the first number, bytes.
    dtype : numpy.dtype
        With its byte order.
    shape : tuple of int
        Slowest axis first.
    part : tuple of int or slice
        One an axis, slices with a step of 1, all within the array; a number drops its axis.

    Returns
    -------
    numpy.ndarray
        In native byte order, writable.

    Raises
    ------
    EOFError
        If the file ends before.
    """
    dtype = np.dtype(dtype)
    spans = [slice(p, p + 1) if isinstance(p, int) else slice(p.start, p.stop) for p in part]
    # what is read at once: some of the rows, each whole; colours count as part of a pixel
    inner = max(len(shape) - 2 - (len(shape) > 2 and shape[-1] <= 4), 0)
    rest = shape[inner + 1 :]
    row = math.prod(rest)
    rows = spans[inner]
    found = np.empty([span.stop - span.start for span in spans], dtype.newbyteorder("="))
    outer = [range(span.start, span.stop) for span in spans[:inner]]
    steps = [math.prod(shape[axis + 1 :]) for axis in range(inner)]
    for place in itertools.product(*outer):
        first = sum(i * step for i, step in zip(place, steps, strict=True)) + rows.start * row
        count = (rows.stop - rows.start) * row
        data = origin.read(offset + first * dtype.itemsize, count * dtype.itemsize)
        block = np.frombuffer(data, dtype).reshape(-1, *rest)
        into = tuple(i - span.start for i, span in zip(place, spans[:inner], strict=True))
        found[into] = block[(slice(None), *spans[inner + 1 :])]
    return found[tuple(0 if isinstance(p, int) else slice(None) for p in part)]
