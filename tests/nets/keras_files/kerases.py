"""Both Kerases, each by its own name, and models of them with weights that are drawn."""

import importlib
import os

import numpy as np
import pytest

NAMES = ("keras", "tf_keras")


def of(name: str):
    """Keras 3 or Keras 2; skips where it is not."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if name == "tf_keras":
        from snnlab.compat import tensorflow

        return tensorflow().keras
    try:
        module = importlib.import_module("keras")
        module.layers.Conv2D  # noqa: B018
    except Exception as error:  # of a backend that is not there, anything
        pytest.skip(f"Keras 3 is not here: {error}")
    return module


def drawn(model, seed: int = 0):
    """The model with weights that tell mistakes apart; variances stay above zero."""
    random = np.random.default_rng(seed)
    for layer in model.weights:
        name = getattr(layer, "path", layer.name)
        if "count" in name:
            continue
        values = random.normal(0, 0.5, layer.shape)
        layer.assign(np.abs(values) + 0.3 if "variance" in name else values)
    return model


def seen(model, shape, seed: int = 0):
    """Images, and what Keras makes of them."""
    images = np.random.default_rng(seed).normal(0, 1, (2, *shape)).astype(np.float32)
    return images, np.asarray(model(images, training=False))


def sequence(keras, shape, layers):
    """A Functional model of layers one after the other."""
    x = image = keras.Input(shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x)
