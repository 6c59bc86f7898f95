"""The net to train and the net that is shown: one function, folded, rounded or not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.compat import tensorflow
from snnlab.nets.activations import CURVES, relu
from snnlab.nets.architecture import unet, wires
from snnlab.nets.keras import keras_model
from snnlab.nets.model import from_float, quantise
from snnlab.training.net import EPSILON, MOMENTUM, TrainableNet, fake_quantise
from tests import small_models


def net_of(layers, seed=0, rate_hz=150.0):
    """A net with every variable away from its start, normalisation included."""
    names = [layer.name for layer in layers[:-1]]
    net = TrainableNet(layers, dict.fromkeys(names, rate_hz), seed)
    random = np.random.default_rng(seed + 1)
    state = net.state()
    for key, value in state.items():
        if key.endswith(("variance", "gamma")):
            state[key] = random.uniform(0.3, 2, value.shape)
        elif key.endswith(("mean", "bias")):
            state[key] = random.normal(0, 0.3, value.shape)
    net.restore(state)
    return net


def images(count=2, height=16, width=24, seed=3):
    return np.random.default_rng(seed).uniform(0, 1, (count, height, width, 1)).astype(np.float32)


@given(st.integers(0, 2**31), st.floats(1e-3, 1e3))
def test_fake_quantisation_is_the_stored_one(seed, scale):
    kernel = np.random.default_rng(seed).normal(0, scale, (3, 3, 2, 4)).astype(np.float32)
    levels, step = quantise(kernel)
    expected = levels.astype(np.float32) * np.float32(step)
    np.testing.assert_allclose(fake_quantise(kernel), expected, rtol=1e-6, atol=1e-6 * step)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_fewer_bits_are_fewer_levels(bits):
    most = 2 ** (bits - 1) - 1
    kernel = np.random.default_rng(bits).normal(0, 1, (3, 3, 4, 5)).astype(np.float32)
    levels, step = quantise(kernel, most)
    assert levels.min() >= -most and levels.max() <= most
    assert np.abs(levels).max() == most and np.abs(levels * step - kernel).max() <= step / 2 + 1e-6
    np.testing.assert_allclose(fake_quantise(kernel, most), levels * np.float32(step), rtol=1e-5)
    model = small_models.untuned()
    coarse = from_float("x", model.layers, model.floats, model.biases, model.rate_hz, most=most)
    assert max(np.abs(values).max() for values in coarse.levels.values()) == most
    net = TrainableNet(model.layers, model.rate_hz)
    net.levels = most
    net.restore(
        net.state()
        | {f"{key}/kernel": value for key, value in model.floats.items()}
        | {f"{key}/bias": value for key, value in model.biases.items()}
    )
    found, _ = net(images(), CURVES["relu"], quantised=True)
    expected = keras_model(coarse)(images(), training=False)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_fake_quantisation_leaves_the_gradient_alone():
    tf = tensorflow()
    kernel = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 2, 2)).astype(np.float32))
    weight = np.random.default_rng(1).normal(size=kernel.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(kernel)
        loss = tf.reduce_sum(weight * fake_quantise(kernel))
    np.testing.assert_array_equal(tape.gradient(loss, kernel), weight)


def test_a_kernel_of_zeros_is_fake_quantised_to_zeros():
    np.testing.assert_array_equal(fake_quantise(np.zeros((1, 1, 2, 2), np.float32)), 0)


@pytest.mark.parametrize("activation", CURVES)
@pytest.mark.parametrize("widths", [(3, 4), (3, 4, 5)])
def test_the_net_to_train_is_the_net_that_is_shown(widths, activation):
    """8-bit kernels in both; layer by layer, and the logits."""
    tf = tensorflow()
    layers = unet(2, widths, activation)
    net = net_of(layers)
    state = net.state()
    model = from_float(
        "net", layers, {x.name: state[f"{x.name}/kernel"] for x in layers},
        {x.name: state[f"{x.name}/bias"] for x in layers}, net.rate_hz,
    )  # fmt: skip
    shown = keras_model(model)
    every = tf.keras.Model(shown.input, [shown.get_layer(x.name).output for x in layers])
    *activations, logits = every(images(), training=False)
    found, active = net(images(), CURVES[activation], quantised=True)
    # where a rate curve has steps, rounding may put a neuron on either side of one
    share = 1 if activation == "relu" else 0.999
    for layer, expected in zip(layers[:-1], activations, strict=True):
        near = np.isclose(active[layer.name], expected, rtol=1e-4, atol=1e-5)
        assert near.mean() >= share, layer.name
        assert np.asarray(expected).any(), layer.name
    assert np.isclose(found, logits, rtol=1e-4, atol=1e-4).mean() >= share
    # and rounding does something
    unrounded, _ = net(images(), CURVES[activation])
    assert np.abs(unrounded - logits).max() > 1e-4


def test_kernels_may_be_given_unrounded():
    model = small_models.untuned()
    exact = {key: value + 0.01 for key, value in model.kernels.items()}
    net = keras_model(model, kernels=exact)
    for layer in model.layers:
        for wire in wires(layer, model.layers):
            part = layer.name if layer.kind == "conv" else f"{layer.name}_of_{wire.source}"
            kernel = net.get_layer(part).get_weights()[0]
            expected = exact[layer.name][:, :, wire.first : wire.last]
            if wire.kind == "conv_transpose":
                expected = expected.transpose(0, 1, 3, 2)
            np.testing.assert_array_equal(kernel, expected)


def test_up_is_a_transposed_convolution_from_below_and_a_convolution_of_the_skip():
    """By hand, from the kernel as it is stored: rows, columns, in, out."""
    tf = tensorflow()
    model = small_models.untuned(widths=(3, 4))
    layer = next(x for x in model.layers if x.kind == "up")
    net = keras_model(model)
    names = [*layer.inputs, layer.name]
    every = tf.keras.Model(net.input, [net.get_layer(name).output for name in names])
    below, skip, found = (np.asarray(x)[0] for x in every(images(1, 6, 10)))
    kernel, bias = model.kernels[layer.name], model.biases[layer.name]
    expected = np.zeros((6 + 2, 10 + 2, 3)) + bias
    for row, column, i, j in np.ndindex(3, 5, 3, 3):
        # an input's first tap meets the output at twice its place
        expected[2 * row + i + 1, 2 * column + j + 1] += below[row, column] @ kernel[i, j, :4]
    for row, column, i, j in np.ndindex(6, 10, 3, 3):
        # and a convolution's output looks from the pixel before to the one behind
        if 0 <= row + i - 1 < 6 and 0 <= column + j - 1 < 10:
            read = skip[row + i - 1, column + j - 1] @ kernel[i, j, 4:]
            expected[row + 1, column + 1] += read
    expected = np.maximum(expected[1:-1, 1:-1], 0)
    assert expected.any() and below.any() and skip.any()
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", CURVES)
def test_folding_leaves_inference_alone(activation):
    layers = unet(2, (3, 4, 5), activation)
    net = net_of(layers)
    before, active = net(images(), relu, batch_norm=True)
    net.fold()
    after, active_after = net(images(), relu)
    np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-5)
    for name in active:
        np.testing.assert_allclose(active_after[name], active[name], rtol=1e-5, atol=1e-5)


def test_normalisation_is_keras_own():
    """Against tf.keras.layers.BatchNormalization: a training step, then inference."""
    tf = tensorflow()
    layers = unet(3, (2, 2))
    net = net_of(layers)
    state = net.state()
    judge = tf.keras.layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM)
    kernel = state["encoder/kernel"]
    z = images() @ kernel[0, 0]
    judge.build(z.shape)
    judge.set_weights([state[f"encoder/{x}"] for x in ("gamma", "bias", "mean", "variance")])
    for training in (True, False):
        expected = np.maximum(judge(z, training=training), 0)
        _, active = net(images(), relu, batch_norm=True, training=training)
        np.testing.assert_allclose(active["encoder"], expected, rtol=1e-4, atol=1e-5)
    # tf.keras stores the unbiased or the biased variance depending on its kernel
    np.testing.assert_allclose(net.means["encoder"], judge.moving_mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(net.variances["encoder"], judge.moving_variance, rtol=1e-3)


def test_state_comes_back():
    layers = unet(2, (3, 4))
    one, other = net_of(layers, 1), net_of(layers, 2)
    assert np.abs(one(images(), relu)[0] - other(images(), relu)[0]).max() > 1e-3
    other.restore(one.state())
    np.testing.assert_array_equal(
        one(images(), relu, batch_norm=True)[0], other(images(), relu, batch_norm=True)[0]
    )


def test_weights_start_with_he_spread_from_the_seed():
    layers = unet()
    names = [layer.name for layer in layers[:-1]]
    one, same = (TrainableNet(layers, dict.fromkeys(names, 1.0), 5).state() for _ in range(2))
    for key in one:
        np.testing.assert_array_equal(one[key], same[key])
    for layer in layers:
        kernel = one[f"{layer.name}/kernel"]
        if kernel.size > 4000:
            # of the 9 taps from below, an output meets 9 / 4 on average
            skip = layer.channels if layer.kind == "up" else 0
            seen = 9 * skip + (kernel.shape[2] - skip) * (9 / 4 if skip else 9)
            assert kernel.std() == pytest.approx(np.sqrt(2 / seen), rel=0.05)


def test_measured_activations_take_the_curves_place_and_not_its_gradient():
    tf = tensorflow()
    layers = unet(2, (3, 4))
    net = net_of(layers)
    logits, active = net(images(), relu)
    measured = {name: value + 0.25 for name, value in active.items()}
    with tf.GradientTape(persistent=True) as tape:
        found, replaced = net(images(), relu, measured=measured)
        loss = tf.reduce_sum(replaced["down0"])
    for name in active:
        np.testing.assert_allclose(replaced[name], measured[name], atol=1e-6)
    last = layers[-2].name
    readout = net.state()["readout/kernel"][0, 0, :, 0], net.state()["readout/bias"]
    expected = np.asarray(measured[last]) @ readout[0] + readout[1]
    np.testing.assert_allclose(found[..., 0], expected, rtol=1e-4, atol=1e-4)
    # the slope of down0 by its own bias counts the neurons that the curve has on
    z_on = np.maximum(convolved(net, measured["encoder"]), 0) > 0
    np.testing.assert_allclose(
        tape.gradient(loss, net.biases["down0"]), z_on.sum((0, 1, 2)), rtol=1e-5
    )


def convolved(net, fed):
    """Input of ``down0`` in float32, by Keras."""
    tf = tensorflow()
    state = net.state()
    layer = tf.keras.layers.Conv2D(3, 3, padding="same")
    layer.build(fed.shape)
    layer.set_weights([state["down0/kernel"], state["down0/bias"]])
    return np.asarray(layer(fed))
