"""How well each layer's spikes say what the ANN's neurons say."""

from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.results.segmentation import Segmentation, window_start

BUSY = 0.25  # share of a layer's active neurons, by ANN activation, that are called busy


@dataclass(frozen=True)
class LayerAgreement:
    """A layer's sampled neurons, ANN activation against spikes.

    Attributes
    ----------
    name : str
    error : float
        Mean absolute difference over the mean ANN activation; 0 is perfect, and
        a silent layer has 1. NaN if the ANN's layer is silent.
    busy, quiet : float
        What the spikes say over what the ANN says, summed over the busiest
        quarter of the neurons that the ANN drives, and over the other three:
        1 is right, less is too few spikes. NaN if there are none.
    """

    name: str
    error: float
    busy: float
    quiet: float


def rate_pairs(result: Segmentation, layer: str) -> tuple[np.ndarray, np.ndarray]:
    """ANN activation and the SNN's, of the sampled neurons of a layer, ``(n,)`` each.

    Raises
    ------
    LabError
        If there is no such layer.
    """
    if layer not in result.sampled:
        raise LabError(f"there is no layer {layer!r}; choose one of {', '.join(result.sampled)}.")
    sampled = result.sampled[layer]
    stats = next(item for item in result.layers if item.name == layer)
    trains = result.recording[layer]
    start = window_start(result.timesteps, result.settings)
    rates = trains.rates_hz(start).ravel()[sampled.neurons]
    return sampled.activation, rates / np.float32(stats.rate_hz)


def layers(result: Segmentation) -> tuple[LayerAgreement, ...]:
    """Every layer of a result, in the order of the network.

    Without gates, relays and pixels that a method puts between them: the ANN has none.
    """
    return tuple(
        _of(layer.name, *rate_pairs(result, layer.name))
        for layer in result.layers
        if layer.name in result.sampled
    )


def _of(name: str, ann: np.ndarray, snn: np.ndarray) -> LayerAgreement:
    total = float(np.abs(ann).sum())
    error = float(np.abs(snn - ann).sum()) / total if total > 0 else float("nan")
    driven = ann > 0
    if not driven.any():
        return LayerAgreement(name, error, float("nan"), float("nan"))
    border = np.quantile(ann[driven], 1 - BUSY)
    busy, quiet = driven & (ann >= border), driven & (ann < border)
    return LayerAgreement(name, error, _share(ann[busy], snn[busy]), _share(ann[quiet], snn[quiet]))


def _share(ann: np.ndarray, snn: np.ndarray) -> float:
    total = float(ann.sum())
    return float(snn.sum()) / total if total > 0 else float("nan")
