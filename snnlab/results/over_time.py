"""The segmentation at many moments of one run: for the scrubber and the error curve."""

from collections.abc import Iterator

import numpy as np

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
    ends = [(max(start, trains.first), min(stop, trains.timesteps)) for start, stop in windows]
    sums = window_sums(trains, readout.weights, ends)
    for (start, stop), logits in zip(ends, sums, strict=True):
        logits /= np.float32(-max(stop - start, 1) * trains.dt * rate_hz)
        logits -= np.float32(readout.bias)
        with np.errstate(over="ignore"):
            # of what is infinite the inverse is 0, as it should be
            yield 1 / (1 + np.exp(logits, out=logits))
