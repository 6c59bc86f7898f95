"""Firing rates that follow from how many neurons sent how many spikes."""

import numpy as np


class Firing:
    """What is known of neurons from ``histogram``, ``timesteps`` and ``dt``.

    A class that has these three has the rest: ``histogram[k]`` neurons sent
    ``k`` spikes in so many steps of ``dt`` seconds.
    """

    histogram: np.ndarray
    timesteps: int
    dt: float

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return int(self.histogram.sum())

    @property
    def spikes(self) -> int:
        """All their spikes."""
        return int(self.histogram @ np.arange(len(self.histogram)))

    @property
    def seconds(self) -> float:
        """Over which the spikes were counted."""
        return self.timesteps * self.dt

    @property
    def apart_hz(self) -> float:
        """The rate of one spike: as close together as two different rates can be."""
        return 1 / self.seconds

    @property
    def mean_rate_hz(self) -> float:
        """Mean firing rate over all neurons."""
        return self.spikes / max(self.neurons, 1) / self.seconds

    def percentile_hz(self, percentile: float) -> float:
        """Percentile of the firing rates over neurons (nearest above)."""
        reached = np.searchsorted(np.cumsum(self.histogram), percentile / 100 * self.neurons)
        return min(int(reached), len(self.histogram) - 1) / self.seconds
