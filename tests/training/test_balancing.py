"""Scales moved from layer to layer: the same function, at the rates that were asked for."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.compat import tensorflow
from snnlab.nets.inference import activations
from snnlab.nets.keras import keras_model
from snnlab.nets.model import from_float
from snnlab.training.balancing import balance
from tests import small_models


def logits(model, kernels, biases, image):
    net = keras_model(replace(model, biases=biases), kernels=kernels)
    return net(image[None, :, :, None], training=False).numpy()


@settings(max_examples=8)
@given(st.integers(0, 2**31), st.floats(0.05, 20))
def test_the_function_is_the_same(seed, target):
    random = np.random.default_rng(seed)
    model, image = small_models.untuned(seed), small_models.image(32)
    reached = {x.name: random.uniform(0.01, 10, x.channels) for x in model.populations()}
    kernels, biases = balance(model.layers, model.kernels, model.biases, reached, target)
    before = logits(model, model.kernels, model.biases, image)
    after = logits(model, kernels, biases, image)
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4 * np.abs(before).max())
    assert any(np.abs(kernels[key] - model.kernels[key]).max() > 1e-3 for key in kernels)


def test_each_channel_reaches_the_target():
    model, image = small_models.untuned(1), small_models.image(32)
    active = activations(model, image)
    reached = {key: np.percentile(value, 99, axis=(0, 1)) for key, value in active.items()}
    target = 0.7
    kernels, biases = balance(model.layers, model.kernels, model.biases, reached, target)
    new = from_float("new", model.layers, kernels, biases, model.rate_hz)
    net = keras_model(new, kernels=kernels)
    names = [layer.name for layer in model.populations()]
    every = tensorflow().keras.Model(net.input, [net.get_layer(name).output for name in names])
    live = 0
    for name, value in zip(names, every(image[None, :, :, None]), strict=True):
        found = np.percentile(value.numpy()[0], 99, axis=(0, 1))
        on = reached[name] > 1e-6
        np.testing.assert_allclose(found[on], target, rtol=1e-3)
        live += on.sum()
    assert live > 10


def test_a_silent_channel_is_left_alone():
    model = small_models.untuned(2)
    silent = {x.name: np.zeros(x.channels) for x in model.populations()}
    kernels, biases = balance(model.layers, model.kernels, model.biases, silent, 0.5)
    for key, kernel in model.kernels.items():
        np.testing.assert_array_equal(kernels[key], kernel)
        np.testing.assert_array_equal(biases[key], model.biases[key])


def test_what_was_given_is_not_changed():
    model = small_models.untuned(3)
    kept = {key: kernel.copy() for key, kernel in model.kernels.items()}
    reached = {x.name: np.full(x.channels, 3.0) for x in model.populations()}
    balance(model.layers, model.kernels, model.biases, reached, 1.0)
    for key, kernel in kept.items():
        np.testing.assert_array_equal(model.kernels[key], kernel)


@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_one_channel_by_hand(factor):
    """Its kernel and bias times the factor, and the taps that read it by the inverse."""
    model = small_models.untuned(4)
    reached = {x.name: np.ones(x.channels) for x in model.populations()}
    reached["down0"] = np.array([1.0, 1 / factor, 1.0])
    kernels, biases = balance(model.layers, model.kernels, model.biases, reached, 1.0)
    old = model.kernels
    np.testing.assert_allclose(kernels["down0"][..., 1], old["down0"][..., 1] * factor, rtol=1e-6)
    np.testing.assert_array_equal(kernels["down0"][..., 0], old["down0"][..., 0])
    np.testing.assert_allclose(biases["down0"][1], model.biases["down0"][1] * factor, rtol=1e-6)
    np.testing.assert_allclose(
        kernels["stride1"][:, :, 1], old["stride1"][:, :, 1] / factor, rtol=1e-6
    )
    # the skip: up0 reads down1's 4 channels first, then down0's
    np.testing.assert_allclose(kernels["up0"][:, :, 5], old["up0"][:, :, 5] / factor, rtol=1e-6)
    np.testing.assert_array_equal(kernels["up0"][:, :, :5], old["up0"][:, :, :5])
