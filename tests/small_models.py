"""Seeded random U-Nets, small enough for Nengo's own simulator, and images for them."""

from dataclasses import replace
from functools import cache, partial

import numpy as np

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.nets.architecture import unet, weight_shape, wires
from snnlab.nets.model import Model, from_float
from snnlab.nets.pooled import pooled
from snnlab.training.balancing import balance
from snnlab.training.finishing import channel_percentiles, with_quantiles

RATE_HZ = 150.0


@cache
def image(height: int = 32, width: int | None = None, seed: int = 1) -> np.ndarray:
    """A normalised synthetic section."""
    return normalise(synthetic((height, width or height), seed).image)


def untuned(
    seed: int = 0, widths=(3, 4, 5), encoder: int = 2, activation: str = "relu", layout=unet
) -> Model:
    """Random weights; no quantiles. Needs no TensorFlow."""
    random = np.random.default_rng(seed)
    layers = layout(encoder, widths, activation)
    kernels, biases = {}, {}
    for layer in layers:
        shape = weight_shape(layer, layers)
        fan_in = layer.kernel**2 * sum(
            (wire.last - wire.first) / (wire.stride**2 if wire.kind != "conv" else 1)
            for wire in wires(layer, layers)
        )
        # leaning to the positive, or the activity dies out from layer to layer
        kernels[layer.name] = random.normal(0.25, 1, shape) / np.sqrt(fan_in)
        biases[layer.name] = random.normal(0.05, 0.1, layer.channels)
    # the encoder's channels take grey both ways up, so that none is silent
    sign = (-1) ** np.arange(encoder)
    kernels["encoder"] = sign * random.uniform(0.7, 1.3, (1, 1, 1, encoder))
    biases["encoder"] = np.where(sign > 0, -0.1, 0.8) + random.normal(0, 0.05, encoder)
    neurons = [layer for layer in layers if layer.activation != "linear"]
    return from_float(
        f"small-{seed}", layers, kernels, biases, {layer.name: RATE_HZ for layer in neurons},
    )  # fmt: skip


@cache
def model(seed: int = 0, widths=(3, 4, 5), activation: str = "relu") -> Model:
    """The same with the percentiles of its activations, as `rate_scaling` wants them."""
    made = untuned(seed, widths, activation=activation)
    return with_quantiles(made, np.stack([image(32, seed=seed) for seed in (2, 3)]))


@cache
def pooled_model(seed: int = 0) -> Model:
    """As `model`, with max-pooling and two classes."""
    images = np.stack([image(32, seed=seed) for seed in (2, 3)])
    return with_quantiles(untuned(seed, layout=pooled), images)


@cache
def classes_model(seed: int = 0) -> Model:
    """As `model`, with three classes."""
    images = np.stack([image(32, seed=seed) for seed in (2, 3)])
    return with_quantiles(untuned(seed, layout=partial(unet, outputs=3)), images)


def altered(made: Model, layer: str, factor: float = 1.1) -> Model:
    """The model with the kernel of one layer changed."""
    return replace(made, steps=made.steps | {layer: made.steps[layer] * factor})


def balanced(model: Model, images: np.ndarray, q: float, target: float) -> Model:
    """The model with each channel's percentile activation put at ``target``."""
    reached = channel_percentiles(model, images, q)
    kernels, biases = balance(model.layers, model.kernels, model.biases, reached, target)
    return from_float(model.name, model.layers, kernels, biases, model.rate_hz, model.card)
