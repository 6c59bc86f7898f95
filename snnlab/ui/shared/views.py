"""What pages show of a result, worked out once and kept by content."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from snnlab.results import agreement, approach
from snnlab.results.segmentation import LayerStats, Segmentation
from snnlab.simulation.recording import SpikeTrains
from snnlab.ui.shared import bench

KEPT = 24


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _cached(key: str, _work: Callable[[], Any]) -> Any:
    return _work()


def of(result: Segmentation, what: str, work: Callable[[], Any], everywhere: bool = False) -> Any:
    """``work()``, or what it gave for this result the last time.

    Parameters
    ----------
    result : Segmentation
    what : str
        Names the work, its parameters included.
    work : callable
    everywhere : bool
        Whether it is the same whatever part of a large image is looked into.
    """
    part = "" if everywhere or result.whole else f"{result.region}/"
    return _cached(f"{bench.identity(result.picture, result.settings)}/{part}{what}", work)


def few_pairs(result: Segmentation, count: int = 300) -> dict[str, tuple[np.ndarray, ...]]:
    """Of every layer, a few of the sampled neurons: ANN, SNN and the neurons.

    Those that neither network drives are left out as far as others are there: in most layers
    they are the majority, and one dot at the corner shows them all.
    """

    def found() -> dict[str, tuple[np.ndarray, ...]]:
        random = np.random.default_rng(0)
        few = {}
        for name, sampled in result.sampled.items():
            ann, snn = agreement.rate_pairs(result, name)
            order = random.permutation(len(ann))
            silent = (ann[order] <= 0) & (snn[order] <= 0)
            order = order[np.argsort(silent, kind="stable")][:count]
            few[name] = ann[order], snn[order], sampled.neurons[order]
        return few

    return of(result, f"few/{count}", found)


def error_curve(result: Segmentation) -> dict:
    """See `snnlab.results.approach.error_curve`."""
    return of(result, "error", lambda: approach.error_curve(result), everywhere=True)


def stats(result: Segmentation, layer: str) -> LayerStats:
    """Activity of one layer."""
    return next(item for item in result.layers if item.name == layer)


def drawn(
    result: Segmentation,
    count: int,
    active: bool,
    pool: Mapping[str, np.ndarray] | None = None,
    seed: int = 0,
) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """A few neurons of each layer, to draw the spikes of.

    Parameters
    ----------
    result : Segmentation
    count : int
        Neurons a layer.
    active : bool
        Draw from those that spiked at all.
    pool : mapping of str to numpy.ndarray, optional
        By layer, the neurons to draw from; the busiest are taken, not any.
    seed : int

    Returns
    -------
    neurons : dict of str to numpy.ndarray
        ``(count,)``, fewer where a layer has fewer; the busiest first.
    silent : dict of str to int
        Neurons of the layer that never spiked.
    """
    random = np.random.default_rng(seed)
    found, silent = {}, {}
    for trains in result.recording.populations:
        counts = trains.counts().ravel()
        spiking = np.flatnonzero(counts)
        silent[trains.name] = len(counts) - len(spiking)
        if pool:
            chosen = pool[trains.name]
            chosen = chosen[counts[chosen] > 0] if active else chosen
        else:
            every = spiking if active else np.arange(len(counts))
            chosen = random.choice(every, min(count, len(every)), replace=False)
        order = np.argsort(-counts[chosen].astype(int), kind="stable")
        found[trains.name] = chosen[order][:count]
    return found, silent


def intervals(trains: SpikeTrains, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times between two spikes of the same neuron.

    Returns
    -------
    steps, count : numpy.ndarray
        An interval in timesteps, 1 .. the longest, and how often it occurred.
    """
    spikes = trains.raster(neurons)
    neuron, step = np.nonzero(spikes.T)
    between = np.diff(step)[np.diff(neuron) == 0]
    count = np.bincount(between, minlength=2)[1:]
    return np.arange(1, len(count) + 1), count


def spread(trains: SpikeTrains) -> dict[str, int]:
    """Three neurons to follow: of few, of the usual number and of many spikes.

    Returns
    -------
    dict of str to int
        What it is called, and its index. Drawn from the neurons that spiked,
        at the 10th, 50th and 99th percentile of their counts.
    """
    counts = trains.counts().ravel()
    spiking = np.flatnonzero(counts)
    if not len(spiking):
        return {"silent": 0}
    order = spiking[np.argsort(counts[spiking], kind="stable")]
    named = {"quiet": 0.10, "typical": 0.50, "busy": 0.99}
    return {name: int(order[int(share * (len(order) - 1))]) for name, share in named.items()}


def place(trains: SpikeTrains, neuron: int) -> str:
    """Where a neuron is, in words."""
    row, column, channel = np.unravel_index(neuron, trains.shape)
    return f"row {row}, column {column}, channel {channel}"
