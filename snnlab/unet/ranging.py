"""Rates and their bounds, layer by layer: where they are, and scaling them inside.

As `snnlab.unet.finishing.into_range` and ``in_range``, for bounds that differ
from layer to layer.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.unet import finishing
from snnlab.unet.architecture import resolution
from snnlab.unet.balancing import balance
from snnlab.unet.model import Model, from_float
from snnlab.unet.regulariser import RateRange

LOW, HIGH = 5, 95  # percent of the neurons between which a layer's spread is drawn
CANDIDATES = np.geomspace(1 / 4, 4, 161)


@dataclass(frozen=True)
class Spread:
    """Where percentile rates lie.

    Attributes
    ----------
    layers : dict of str to list of float
        By layer: a low, the middle and a high neuron (`LOW`, 50 and `HIGH` per
        cent of them are below), Hz, and the share of the layer inside its bounds.
    share : float
        Of all neurons.
    """

    layers: dict[str, list[float]]
    share: float


def spread(reached: dict[str, np.ndarray], layers, bounds: RateRange) -> Spread:
    """Sum up percentile rates.

    Parameters
    ----------
    reached : dict of str to numpy.ndarray
        Hz, by layer, any shape: a value a neuron, or a group of like neurons.
    layers : tuple of Layer
    bounds : RateRange
    """
    found, total, inside = {}, 0.0, 0.0
    size = _sizes(layers)
    for layer in layers:
        if layer.name not in reached:
            continue
        values = np.ravel(reached[layer.name])
        low, middle, high = np.percentile(values, (LOW, 50, HIGH))
        share = float(within(values, layer, bounds).mean())
        found[layer.name] = [float(low), float(middle), float(high), share]
        total += size[layer.name]
        inside += share * size[layer.name]
    return Spread(found, inside / total)


def within(values: np.ndarray, layer, bounds: RateRange) -> np.ndarray:
    """Which rates lie inside the layer's bounds; an off-chip encoder has no lower one."""
    lower, upper = bounds.of(layer.name)
    return (values >= (lower if layer.on_chip else 0)) & (values <= upper)


def _sizes(layers) -> dict[str, float]:
    """Neurons of each layer a pixel of the image."""
    factor = resolution(layers)
    return {layer.name: layer.channels / factor[layer.name] ** 2 for layer in layers}


def scaled(layers, kernels, biases, reached, rate_hz, bounds: RateRange):
    """Kernels and biases with each channel's percentile rate in the middle of its bounds.

    Parameters
    ----------
    kernels, biases, reached : dict
        See `snnlab.unet.balancing.balance`.
    rate_hz : dict of str to float
        That will stand for an activation of 1.
    """
    # `balance` takes one target for all: a layer's own one is put into what it reached
    relative = {name: values / middle(bounds, name, rate_hz) for name, values in reached.items()}
    return balance(layers, kernels, biases, relative, 1.0)


def middle(bounds: RateRange, layer: str, rate_hz: dict[str, float]) -> float:
    """Activation at the geometric middle of a layer's bounds."""
    lower, upper = bounds.of(layer)
    return float(np.sqrt(lower * upper)) / rate_hz[layer]


def into_bounds(model: Model, images: np.ndarray, bounds: RateRange, most: int) -> Model:
    """Rescale each channel so that most of its neurons keep to their bounds.

    For a linear rate curve this changes nothing that the net computes, but for
    the rounding of its kernels.

    Parameters
    ----------
    images : numpy.ndarray
        ``(n, height, width)``, normalised: training data.
    most : int
        Levels of a kernel on either side of zero.
    """
    reached = finishing.neuron_percentiles(model, images, bounds.percentile)
    factors = {}
    for layer in model.populations():
        rates = reached[layer.name].reshape(-1, layer.channels)
        inside = np.stack([within(rates * f, layer, bounds).mean(0) for f in CANDIDATES])
        # the middle of the factors that are equally good; as it is, if that is one of them
        equal = inside >= inside.max(0) - 1e-9
        best = [np.exp(np.median(np.log(CANDIDATES[column]))) for column in equal.T]
        as_is = equal[len(CANDIDATES) // 2] & (not layer.on_chip)
        factors[layer.name] = np.where(as_is, 1.0, best).astype(np.float32)
    kernels, biases = balance(
        model.layers, model.floats, model.biases, {k: 1 / f for k, f in factors.items()}, 1.0
    )
    return from_float(model.name, model.layers, kernels, biases, model.rate_hz, model.card, most)


def kept(model: Model, images: np.ndarray, bounds: RateRange) -> dict[str, float]:
    """Share of neurons whose percentile rate lies in their bounds; nothing pooled.

    Returns
    -------
    dict of str to float
        As `snnlab.unet.finishing.in_range`, which it is if all layers have the same bounds.
    """
    reached = finishing.neuron_percentiles(model, images, bounds.percentile)
    inside = {
        layer.name: within(reached[layer.name], layer, bounds) for layer in model.populations()
    }
    return finishing.shares(inside)
