"""From a trained net to a shipped model: threshold, activation quantiles, rates in range."""

from dataclasses import replace

import numpy as np

from snnlab.unet import inference
from snnlab.unet.architecture import multiple
from snnlab.unet.balancing import balance
from snnlab.unet.model import PERCENTILES, Model, from_float

TILE, STRIDE, BATCH = 128, 32, 16
SECTION = 512


def finish(model: Model, images: np.ndarray, labels: np.ndarray) -> Model:
    """Set the readout's bias and record the activations on the training data.

    Parameters
    ----------
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised, 1 = cell; sides multiples of 16.
    """
    logits = np.stack([logit(inference.segment(model, image).probability) for image in images])
    return with_quantiles(calibrate_threshold(model, logits, labels), images)


def logit(probability: np.ndarray) -> np.ndarray:
    """Log odds, finite for any probability 0..1."""
    safe = np.clip(probability.astype(np.float64), 1e-7, 1 - 1e-7)
    return np.log(safe / (1 - safe))


def calibrate_threshold(model: Model, logits: np.ndarray, labels: np.ndarray) -> Model:
    """Shift the readout's bias so that 0.5 is the most accurate threshold.

    The class weights of the loss shift what the net calls 0.5; V_Rand, a
    maximum over thresholds, does not care, pixel accuracy does.

    Parameters
    ----------
    logits, labels : numpy.ndarray
        Of the training sections, any shape, the same.
    """
    # of equals the smallest: max() takes the first
    shifts = sorted(np.linspace(-1.5, 1.5, 61), key=abs)
    best = max(shifts, key=lambda shift: np.mean((logits + shift > 0) == labels))
    last = model.layers[-1].name
    bias = model.biases[last].copy()
    bias[-1] += np.float32(best)  # of the only class, or of cell against membrane
    return replace(model, biases=model.biases | {last: bias})


def with_quantiles(model: Model, images: np.ndarray) -> Model:
    """The model with its activations' percentiles, over all neurons and images."""
    gathered: dict[str, list] = {}
    for image in images:
        for name, values in inference.activations(model, image).items():
            gathered.setdefault(name, []).append(values.ravel())
    quantiles = {
        name: np.percentile(np.concatenate(parts), PERCENTILES).astype(np.float32)
        for name, parts in gathered.items()
    }
    return replace(model, quantiles=quantiles)


def channel_percentiles(model: Model, images: np.ndarray, q: float) -> dict[str, np.ndarray]:
    """Percentile of each channel's activation over images, ``(channels,)`` by layer."""
    gathered: dict[str, list] = {}
    for image in images:
        for name, values in inference.activations(model, image).items():
            gathered.setdefault(name, []).append(values.reshape(-1, values.shape[-1]))
    return {name: np.percentile(np.concatenate(v), q, axis=0) for name, v in gathered.items()}


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
    tile = TILE if min(images.shape[1:]) >= TILE else TILE // 2
    side = multiple(model.layers)
    if tile % side:
        raise ValueError(f"tiles of {tile} do not suit a net of {side}")
    windows = np.lib.stride_tricks.sliding_window_view(images, (tile, tile), axis=(1, 2))
    tiles = windows[:, ::STRIDE, ::STRIDE].reshape(-1, tile, tile)
    at = (len(tiles) - 1) * q / 100
    low = int(at)
    # of each neuron only the largest values are kept, from the percentile up
    largest: dict[str, np.ndarray] = {}
    for first in range(0, len(tiles), BATCH):
        for name, values in inference.activations_of(model, tiles[first : first + BATCH]).items():
            if name in largest:
                values = np.concatenate([largest[name], values])
            cut = max(len(values) - (len(tiles) - low), 0)
            largest[name] = np.partition(values, cut, axis=0)[cut:] if cut else values
    return {
        name: _between(np.sort(values, axis=0), at - low) * model.rate_hz[name]
        for name, values in largest.items()
    }


def _between(largest: np.ndarray, share: float) -> np.ndarray:
    """The smallest of the largest values, and this share of the way to the next."""
    return largest[0] + share * (largest[min(1, len(largest) - 1)] - largest[0])


def into_range(
    model: Model, images: np.ndarray, q: float, lower_hz: float, upper_hz: float
) -> Model:
    """Rescale each channel so that most of its neurons keep to the range.

    For a linear rate curve this changes nothing that the net computes, but for
    the rounding of its kernels to 8 bits.

    Parameters
    ----------
    images : numpy.ndarray
        ``(n, height, width)``, normalised: training data.
    """
    reached = neuron_percentiles(model, images, q)
    candidates = np.geomspace(1 / 4, 4, 161)
    factors = {}
    for layer in model.populations():
        rates = reached[layer.name].reshape(-1, layer.channels)
        lower = lower_hz if layer.on_chip else 0.0
        inside = np.stack(
            [((rates * f >= lower) & (rates * f <= upper_hz)).mean(0) for f in candidates]
        )
        # the middle of the factors that are equally good; as it is, if that is one of them
        equal = inside >= inside.max(0) - 1e-9
        middle = [np.exp(np.median(np.log(candidates[column]))) for column in equal.T]
        factors[layer.name] = np.where(
            equal[len(candidates) // 2] & (not layer.on_chip), 1.0, middle
        ).astype(np.float32)
    kernels, biases = balance(
        model.layers, model.floats, model.biases, {k: 1 / f for k, f in factors.items()}, 1.0
    )
    return from_float(model.name, model.layers, kernels, biases, model.rate_hz, model.card)


def in_range(
    model: Model, images: np.ndarray, q: float, lower_hz: float, upper_hz: float
) -> dict[str, float]:
    """Share of neurons whose percentile rate lies in the range.

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
    reached = neuron_percentiles(model, images, q)
    on_chip = {layer.name: layer.on_chip for layer in model.layers}
    inside = {
        name: (values >= (lower_hz if on_chip[name] else 0)) & (values <= upper_hz)
        for name, values in reached.items()
    }
    return shares(inside)


def shares(inside: dict[str, np.ndarray]) -> dict[str, float]:
    """Shares of neurons that are inside; see `in_range`.

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
