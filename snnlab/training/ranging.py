"""Rates and their bounds, layer by layer: where they are, and scaling them inside.

Rates here are those that activations of the ANN stand for; `snnlab.training.spike_ranging`
counts spikes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from snnlab.nets import inference
from snnlab.nets.architecture import multiple, resolution
from snnlab.nets.model import LEVELS, Model, from_float
from snnlab.training.balancing import balance
from snnlab.training.regulariser import RateRange

LOW, HIGH = 5, 95  # percent of the neurons between which a layer's spread is drawn
CANDIDATES = np.geomspace(1 / 4, 4, 161)
TILE, STRIDE, BATCH = 128, 32, 16
SECTION = 512


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
    return _between(values, layer, *bounds.of(layer.name))


def _between(values: np.ndarray, layer, lower: float, upper: float) -> np.ndarray:
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
        See `snnlab.training.balancing.balance`.
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


def neuron_percentiles(model: Model, images: np.ndarray, q: float) -> dict[str, np.ndarray]:
    """Percentile of each neuron's rate, neuron by neuron, nothing pooled.

    The network of one tile (128 x 128 pixels; of images that are smaller,
    64 x 64) is shown every tile of the images, 32 pixels apart, as a chip would
    see them one after the other.

    Returns
    -------
    dict of str to numpy.ndarray
        Hz, ``(h, w, channels)`` by layer; as ``numpy.percentile`` over the tiles.
    """
    tiles = tiles_of(images, multiple(model.layers))
    seen = (
        inference.activations_of(model, tiles[first : first + BATCH])
        for first in range(0, len(tiles), BATCH)
    )
    reached = percentiles(seen, len(tiles), q)
    return {name: values * model.rate_hz[name] for name, values in reached.items()}


def tiles_of(images: np.ndarray, side: int) -> np.ndarray:
    """Every tile of images ``(n, height, width)``, `STRIDE` pixels apart: ``(tiles, h, w)``.

    Raises
    ------
    ValueError
        If their sides are no multiple of the net's.
    """
    tile = TILE if min(images.shape[1:]) >= TILE else TILE // 2
    if tile % side:
        raise ValueError(f"tiles of {tile} do not suit a net of {side}")
    windows = np.lib.stride_tricks.sliding_window_view(images, (tile, tile), axis=(1, 2))
    return windows[:, ::STRIDE, ::STRIDE].reshape(-1, tile, tile)


def percentiles(
    seen: Iterable[dict[str, np.ndarray]], count: int, q: float
) -> dict[str, np.ndarray]:
    """Percentile of each neuron's values, as ``numpy.percentile`` over all of them.

    Parameters
    ----------
    seen : iterable of dict of str to numpy.ndarray
        ``(some, h, w, channels)`` by layer, ``count`` of them in all.
    """
    at = (count - 1) * q / 100
    low = int(at)
    # of each neuron only the largest values are kept, from the percentile up
    largest: dict[str, np.ndarray] = {}
    for found in seen:
        for name, values in found.items():
            if name in largest:
                values = np.concatenate([largest[name], values])
            cut = max(len(values) - (count - low), 0)
            largest[name] = np.partition(values, cut, axis=0)[cut:] if cut else values
    return {name: _towards(np.sort(values, axis=0), at - low) for name, values in largest.items()}


def _towards(largest: np.ndarray, share: float) -> np.ndarray:
    """The smallest of the largest values, and this share of the way to the next."""
    return largest[0] + share * (largest[min(1, len(largest) - 1)] - largest[0])


def into_bounds(model: Model, images: np.ndarray, bounds: RateRange, most: int = LEVELS) -> Model:
    """Rescale each channel so that most of its neurons keep to their bounds.

    For a linear rate curve this changes nothing that the net computes, but for
    the rounding of its kernels. The margin that training kept clear of the
    bounds is aimed at here too: other sections than these drive some neurons
    harder.

    Parameters
    ----------
    images : numpy.ndarray
        ``(n, height, width)``, normalised: training data.
    most : int
        Levels of a kernel on either side of zero.
    """
    reached = neuron_percentiles(model, images, bounds.percentile)
    factors = {}
    for layer in model.populations():
        rates = reached[layer.name].reshape(-1, layer.channels)
        aim = bounds.aim(layer.name)
        inside = np.stack([_between(rates * f, layer, *aim).mean(0) for f in CANDIDATES])
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

    The off-chip encoder, whose lower bound is 0, is counted by the upper bound alone.

    Returns
    -------
    dict of str to float
        By layer; ``all``: of the tile's network (see `neuron_percentiles`); and
        ``section``: of the network of a whole section of 512 x 512 pixels. Its
        neurons far from the borders are those in the middle of the tile over
        again; at the borders, where kernels reach over the edge into zeros,
        rates are lower, and a tile has more of those.
    """
    return inside(model, neuron_percentiles(model, images, bounds.percentile), bounds)


def inside(model: Model, reached: dict[str, np.ndarray], bounds: RateRange) -> dict[str, float]:
    """`shares` of rates ``(h, w, channels)`` in Hz, by layer, of the network of one tile."""
    return shares(
        {layer.name: within(reached[layer.name], layer, bounds) for layer in model.populations()}
    )


def shares(inside: dict[str, np.ndarray]) -> dict[str, float]:
    """Shares of neurons that are inside; see `kept`.

    Parameters
    ----------
    inside : dict of str to numpy.ndarray
        bool ``(h, w, channels)`` by layer, of the network of one tile.
    """
    times = SECTION // max(values.shape[0] for values in inside.values())
    whole = {name: stretched(values, times) for name, values in inside.items()}
    found = {name: float(values.mean()) for name, values in inside.items()}
    return found | {"all": _of_all(inside), "section": _of_all(whole)}


def stretched(inside: np.ndarray, times: int) -> np.ndarray:
    """``(h, w, channels)`` of a tile, its middle repeated to so many times the size."""
    half = inside.shape[0] // 2
    repeated = half // 2 + (half // 2 + np.arange(2 * half * (times - 1))) % half
    rows = np.concatenate([np.arange(half), repeated, np.arange(half, 2 * half)])
    return inside[np.ix_(rows, rows)]


def _of_all(inside: dict[str, np.ndarray]) -> float:
    counted = sum(values.sum() for values in inside.values())
    return float(counted / sum(values.size for values in inside.values()))
