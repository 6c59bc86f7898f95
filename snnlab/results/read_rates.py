"""Firing rates over the steps that the segmentation is read out of.

Until the first spikes have come through all layers, the deeper ones are silent.
Counted over the whole run their rates are too low: lower than what they say in
the end, and than the bounds that a conversion holds them between.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.results.firing import Firing
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.simulation.recording import SpikeTrains


@dataclass(frozen=True)
class Rates(Firing):
    """Firing rates of one layer: of all its neurons whose spikes were kept.

    Attributes
    ----------
    name : str
    histogram : numpy.ndarray
        int64: ``histogram[k]`` neurons sent ``k`` spikes in these steps.
    timesteps : int
        Counted over so many.
    dt : float
        Seconds a step.
    """

    name: str
    histogram: np.ndarray
    timesteps: int
    dt: float


def window(result: Segmentation, trains: SpikeTrains) -> tuple[int, int]:
    """The steps ``start <= t < stop`` that rates are counted over.

    Those of the readout; of neurons that speak in cycles, the whole cycles among
    them, if there is one.
    """
    start = window_start(result.timesteps, result.settings)
    first, last = trains.window(start)
    return (first, last) if last > first else (start, result.timesteps)


def steps_read(result: Segmentation) -> int:
    """Number of steps that the segmentation is read out of: all, if spikes have no times."""
    if not result.recording.timed:
        return result.timesteps
    return result.timesteps - window_start(result.timesteps, result.settings)


def counts(result: Segmentation, layer: str) -> np.ndarray:
    """Spikes of each recorded neuron of a layer in these steps, ``(neurons,)``."""
    trains = result.recording[layer]
    return trains.counts(*window(result, trains)).ravel()


def of(result: Segmentation, layer: str) -> Rates:
    """Rates of a layer in these steps."""
    trains = result.recording[layer]
    start, stop = window(result, trains)
    found = np.bincount(counts(result, layer), minlength=2)
    return Rates(layer, found, stop - start, trains.dt)
