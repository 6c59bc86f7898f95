"""The segmentation at many moments of one run: for the scrubber and the error curve."""

from collections.abc import Iterator

import numpy as np

from snnlab.nets.classes import shares
from snnlab.simulation.network import Readout
from snnlab.simulation.recording import SpikeTrains
from snnlab.simulation.words import window_sums


def read_out_over_time(
    trains: SpikeTrains, rate_hz: float, readout: Readout, windows: list[tuple[int, int]]
) -> Iterator[np.ndarray]:
    """Probability of cell in each window of steps; `network.read_out` many times, but quick.

    Weighted spikes are added up over time once for all windows, in double
    precision, so a value differs from that of `read_out` by rounding alone.

    Parameters
    ----------
    trains : SpikeTrains
        Of the last population.
    rate_hz : float
        Its rate for an activation of 1.
    readout : Readout
    windows : list of tuple of int
        ``start <= t < stop``.

    Yields
    ------
    numpy.ndarray
        float32 ``(height, width)``, a window each.
    """
    if readout.weights.ndim > 1:
        for sums in _sums(trains, rate_hz, readout, windows):
            yield 1 - shares(sums, 0)[0]
        return
    for (logits,) in _sums(trains, rate_hz, readout, windows):
        np.negative(logits, out=logits)
        with np.errstate(over="ignore"):
            # of what is infinite the inverse is 0, as it should be
            yield 1 / (1 + np.exp(logits, out=logits))


def classes_over_time(
    trains: SpikeTrains, rate_hz: float, readout: Readout, windows: list[tuple[int, int]]
) -> Iterator[np.ndarray]:
    """The most likely class in each window, uint8 ``(height, width)``; otherwise as above."""
    for sums in _sums(trains, rate_hz, readout, windows):
        yield sums.argmax(0).astype(np.uint8)


def _sums(trains, rate_hz, readout, windows) -> Iterator[np.ndarray]:
    """What the readout adds up in each window, ``(outputs, height, width)``."""
    ends = [(max(start, trains.first), min(stop, trains.timesteps)) for start, stop in windows]
    columns = np.atleast_2d(readout.weights.T)
    bias = np.atleast_1d(np.asarray(readout.bias, np.float32))[:, None, None]
    each = [window_sums(trains, column, ends) for column in columns]
    for (start, stop), *sums in zip(ends, *each, strict=True):
        mean = np.stack(sums) if len(sums) > 1 else sums[0][None]
        mean /= np.float32(max(stop - start, 1) * trains.dt * rate_hz)
        mean += bias
        yield mean
