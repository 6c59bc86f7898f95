"""From a trained net to a shipped model: threshold and activation quantiles."""

from dataclasses import replace

import numpy as np

from snnlab.nets import inference
from snnlab.nets.model import LEVELS, PERCENTILES, Model, from_float


def rounded(name: str, layers, state: dict, rate_hz: dict, most: int = LEVELS) -> Model:
    """The model of a folded Keras net, its kernels rounded to levels.

    Parameters
    ----------
    name : str
    layers : sequence of Layer
    state : dict of str to numpy.ndarray
        Of a `snnlab.training.net.TrainableNet`: kernel and bias by layer.
    rate_hz : dict of str to float
        Firing rate that stands for an activation of 1, by layer.
    most : int
        Of a level.
    """
    names = [layer.name for layer in layers]
    kernels, biases = (
        {one: state[f"{one}/{kind}"] for one in names} for kind in ("kernel", "bias")
    )
    return from_float(name, layers, kernels, biases, rate_hz, most=most)


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
    # labels below 0, which do not count, are never equal: they favour no shift
    best = max(shifts, key=lambda shift: np.mean((logits + shift > 0) == labels))
    last = model.layers[-1].name
    bias = model.biases[last].copy()
    bias[min(1, len(bias) - 1) :] += np.float32(best)  # of the only class, or of all but membrane
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
