"""A part of a recording: the neurons of some pixels, with the spikes that they sent in it."""

from dataclasses import replace

import numpy as np

from snnlab.simulation.recording import Recording, SpikeTrains, Synapses

Span = tuple[int, int]  # first and behind the last pixel


def cut(recording: Recording, shape: tuple[int, int], rows: Span, columns: Span) -> Recording:
    """The neurons that cover a part of the image.

    Parameters
    ----------
    recording : Recording
    shape : tuple of int
        ``(height, width)`` of the image that was simulated, in pixels.
    rows, columns : tuple of int
        Where the part begins and ends, in pixels; at multiples of what the coarsest neuron covers.
    """
    before = {trains.name: trains.shape for trains in recording.populations}
    spans = {name: _spans(found, shape, rows, columns) for name, found in before.items()}
    return replace(
        recording,
        populations=tuple(_trains(one, *spans[one.name]) for one in recording.populations),
        synapses=tuple(
            _synapses(link, before[link.source], *spans[link.source])
            for link in recording.synapses
            # what is no convolution has one row, whatever the image
            if len(link.rows) == before[link.source][0]
        ),
    )


def _spans(found, shape, rows: Span, columns: Span) -> tuple[slice, slice]:
    return tuple(
        slice(*(at * size // whole for at in span))
        for span, size, whole in zip((rows, columns), found, shape, strict=False)
    )


def _trains(trains: SpikeTrains, rows: slice, columns: slice) -> SpikeTrains:
    def part(words: np.ndarray) -> np.ndarray:
        grid = words.reshape(*words.shape[:-1], *trains.shape)[..., rows, columns, :]
        return np.ascontiguousarray(grid).reshape(*words.shape[:-1], -1)

    height, width, channels = trains.shape
    shape = rows.stop - rows.start, columns.stop - columns.start, channels
    extra = trains.extra
    if len(extra):
        row, column, channel = np.unravel_index(extra[:, 0], (height, width, channels))
        row, column = row - rows.start, column - columns.start
        inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
        extra = extra[inside].copy()
        at = row[inside], column[inside], channel[inside]
        extra[:, 0] = np.ravel_multi_index(at, shape)
    planes = part(trains.planes) if trains.sizes else trains.planes
    return replace(trains, shape=shape, words=part(trains.words), extra=extra, planes=planes)


def _synapses(link: Synapses, shape, rows: slice, columns: slice) -> Synapses:
    reached = link.columns.reshape(shape[1], shape[2])[columns].ravel()
    return replace(link, rows=link.rows[rows], columns=reached)
