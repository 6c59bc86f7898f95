"""Sums over packed words, at the speed of memory: activity of a layer, readout over time.

`SpikeTrains` answers one question about one window; here a whole layer is
counted in one pass, and the weighted sums of many windows come from one pass
over the spikes. Trains are never unpacked.
"""

from collections.abc import Iterator

import numpy as np

from snnlab.simulation.event.compiled import kernel
from snnlab.simulation.event.simd import bits_set, first_bit
from snnlab.simulation.recording import WORD, SpikeTrains
from snnlab.work.crew import crew, default_threads

BATCH_BYTES = 96 * 1024 * 1024  # of windows summed at once
BLOCK = 32  # positions whose sums over time stay in a core's cache


@kernel
def _tally(words, width, depth, top, bottom, left, right, histogram, positions):
    """Count the spikes of rows ``top <= y < bottom``, columns ``left <= x < right``."""
    chunks = words.shape[0]
    for y in range(top, bottom):
        for x in range(left, right):
            total = 0
            neuron = (y * width + x) * depth
            for channel in range(depth):
                count = 0
                for chunk in range(chunks):
                    count += bits_set(words[chunk, neuron + channel])
                histogram[count] += 1
                total += count
            positions[y, x] = total


def tally(
    trains: SpikeTrains, rows: slice = slice(None), columns: slice = slice(None)
) -> tuple[np.ndarray, np.ndarray]:
    """Count all spikes of a population, or of a part of it.

    Parameters
    ----------
    trains : SpikeTrains
    rows, columns : slice
        Of positions.

    Returns
    -------
    histogram : numpy.ndarray
        int64: ``histogram[k]`` neurons sent ``k`` spikes; at least two entries.
    positions : numpy.ndarray
        int64 ``(rows, columns)``: spikes of all channels.
    """
    height, width, depth = trains.shape
    top, bottom, _ = rows.indices(height)
    left, right, _ = columns.indices(width)
    if len(trains.extra):
        counts = trains.counts()[top:bottom, left:right]
        histogram = np.bincount(counts.ravel(), minlength=2).astype(np.int64)
        return histogram, counts.sum(2, dtype=np.int64)
    positions = np.zeros((height, width), np.int64)
    threads = default_threads()
    edges = np.linspace(top, bottom, 4 * threads + 1).astype(int)
    marks = np.ascontiguousarray(trains.marks)
    histograms = np.zeros((len(edges) - 1, WORD * len(marks) + 1), np.int64)
    jobs = [
        crew(threads).submit(
            _tally, marks, width, depth, first, last, left, right, histogram, positions
        )
        for first, last, histogram in zip(edges, edges[1:], histograms, strict=False)
        if first < last
    ]
    for job in jobs:
        job.result()
    histogram = histograms.sum(0)
    most = max(int(np.flatnonzero(histogram)[-1]) if histogram.any() else 0, 1)
    return histogram[: most + 1], positions[top:bottom, left:right]


@kernel
def _window_sums(words, depth, weights, first, last, starts, stops, into):
    """Add the weighted spikes of windows, position by position, to ``into``."""
    steps = 0
    for window in range(stops.size):
        steps = max(steps, stops[window])
    sums = np.zeros((steps + 1, BLOCK))
    for begin in range(first, last, BLOCK):
        many = min(BLOCK, last - begin)
        sums[:] = 0
        for chunk in range((steps + WORD - 1) // WORD):
            for place in range(many):
                neuron = (begin + place) * depth
                for channel in range(depth):
                    word = words[chunk, neuron + channel]
                    while word:
                        step = WORD * chunk + first_bit(word)
                        if step < steps:
                            sums[step + 1, place] += weights[channel]
                        word &= word - np.uint64(1)
        for step in range(steps):
            for place in range(BLOCK):
                sums[step + 1, place] += sums[step, place]
        for window in range(stops.size):
            start, stop = starts[window], stops[window]
            for place in range(many):
                into[window, begin + place] += sums[stop, place] - sums[start, place]


def window_sums(
    trains: SpikeTrains, weights: np.ndarray, windows: list[tuple[int, int]]
) -> Iterator[np.ndarray]:
    """The spikes of each window of steps, weighted by channel and added up at each position.

    Parameters
    ----------
    trains : SpikeTrains
    weights : numpy.ndarray
        ``(channels,)``.
    windows : list of tuple of int
        ``start <= t < stop``.

    Yields
    ------
    numpy.ndarray
        float32 ``(height, width)``, a window each; a graded spike counts its size.
    """
    height, width, depth = trains.shape
    inside = np.clip(np.array(windows, np.int64).reshape(-1, 2), 0, trains.timesteps)
    batch = max(1, BATCH_BYTES // (4 * height * width))
    for begin in range(0, len(inside), batch):
        yield from _batch(trains, np.asarray(weights, float), inside[begin : begin + batch])


def _batch(trains, weights, windows) -> np.ndarray:
    height, width, depth = trains.shape
    total = np.zeros((len(windows), height * width), np.float32)
    starts, stops = (np.ascontiguousarray(side) for side in windows.T)
    starts = np.minimum(starts, stops)
    threads = default_threads()
    edges = np.linspace(0, height * width, 4 * threads + 1).astype(int) // BLOCK * BLOCK
    edges[-1] = height * width
    parts = [(1.0, trains.words)]
    if trains.sizes:
        parts = list(zip(trains.sizes, trains.planes, strict=True))
    for size, words in parts:
        jobs = [
            crew(threads).submit(
                _window_sums, words, depth, weights * size, first, last, starts, stops, total
            )
            for first, last in zip(edges, edges[1:], strict=False)
            if first < last
        ]
        for job in jobs:
            job.result()
    for neuron, step, more in trains.extra:
        inside = (starts <= step) & (step < stops)
        total[inside, neuron // depth] += np.float32(weights[neuron % depth] * more)
    return total.reshape(-1, height, width)


def warm_up() -> None:
    """Compile the kernels, or fetch them from the cache."""
    trains = SpikeTrains("", (1, 1, 1), np.zeros((1, 1), np.uint64), 1)
    tally(trains)
    next(window_sums(trains, np.ones(1), [(0, 1)]))
