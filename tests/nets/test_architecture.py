"""Sizes that the layers have, against the Keras net and convolution matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.compat import tensorflow
from snnlab.nets.architecture import (
    Layer,
    channels,
    fan_out,
    halo,
    multiple,
    resolution,
    shapes,
    unet,
    weight_shape,
)
from snnlab.nets.keras import keras_model
from snnlab.nets.model import from_float

WIDTHS = [(3, 4), (2, 3, 4), (2, 2, 2, 2), (1, 1, 1, 1, 1)]


def transparent(layers):
    """A net of these layers through which every tap of every kernel is seen."""
    kernels = {layer.name: np.ones(weight_shape(layer, layers)) for layer in layers}
    for layer in layers:  # the activations of a deep net of ones would overflow
        kernels[layer.name] /= kernels[layer.name][..., 0].size
    biases = {layer.name: np.ones(layer.channels) for layer in layers}
    return keras_model(from_float("net", layers, kernels, biases, dict.fromkeys(kernels, 100.0)))


@pytest.mark.parametrize("widths", WIDTHS)
def test_shapes_are_those_of_the_keras_net(widths):
    layers = unet(2, widths)
    side = multiple(layers)
    net = transparent(layers)
    height, width = 2 * side, 3 * side
    outputs = [net.get_layer(layer.name).output for layer in layers]
    found = tensorflow().keras.Model(net.input, outputs)(np.zeros((1, height, width, 1), "f4"))
    expected = shapes(layers, height, width)
    assert [tuple(one.shape[1:]) for one in found] == [expected[layer.name] for layer in layers]
    assert sum(np.prod(weight_shape(layer, layers)) for layer in layers) == sum(
        int(np.prod(variable.shape)) for variable in net.variables if len(variable.shape) == 4
    )


def test_the_default_net_is_of_the_size_that_a_lab_wants():
    layers = unet()
    weights = sum(int(np.prod(weight_shape(layer, layers))) for layer in layers)
    assert 50_000 <= weights <= 400_000
    assert multiple(layers) == 16
    assert not layers[0].on_chip and not layers[-1].on_chip
    assert all(layer.on_chip for layer in layers[1:-1])
    assert layers[-1].activation == "linear"


def test_layers_come_after_their_inputs_and_skips_meet_at_their_size():
    layers = unet(2, (3, 4, 5, 6))
    factor, seen = resolution(layers), {"image"}
    for layer in layers:
        assert seen.issuperset(layer.inputs)
        below = layer.stride if layer.kind == "up" else 1
        first, *rest = layer.inputs
        assert {factor[name] * below for name in rest} <= {factor[first]}
        seen.add(layer.name)
    assert len(seen) == len(layers) + 1
    assert channels(layers)["image"] == 1


def test_a_size_that_does_not_suit_is_refused():
    with pytest.raises(ValueError, match="multiple of 16"):
        shapes(unet(), 64, 72)


@pytest.mark.parametrize("widths", WIDTHS)
def test_halo_covers_what_an_output_sees(widths):
    """Which pixels move an output, read off the real net by disturbing each of them."""
    tf = tensorflow()
    layers = unet(1, widths)
    side, margin = multiple(layers), halo(layers)
    net = transparent(layers)
    size = 2 * margin + 2 * side
    image = tf.ones((1, size, size, 1))
    reach = 0
    # outputs of every parity within one period of the strides, in the middle
    for at in range(margin, margin + side):
        with tf.GradientTape() as tape:
            tape.watch(image)
            logit = net(image)[0, at, at, 0]
        seen = np.argwhere(tape.gradient(logit, image)[0, :, :, 0].numpy() != 0)
        reach = max(reach, np.abs(seen - at).max())
    assert reach <= margin
    assert margin % side == 0
    # and is no waste: a halo less would cut off what is seen, or the reach is next to it
    assert margin - reach < 2 * side


def test_a_pixel_beyond_the_halo_does_not_matter_and_one_within_does():
    layers = unet(1, (2, 2, 2))
    net, margin = transparent(layers), halo(layers)
    image = np.ones((1, 4 * margin, 4 * margin, 1), np.float32)
    before = net(image).numpy()[0, :, :, 0]
    place = 2 * margin
    image[0, place, place] = 0
    changed = np.argwhere(net(image).numpy()[0, :, :, 0] != before)
    assert len(changed) > 1
    assert np.abs(changed - place).max() <= margin


def counted(kind, kernel, stride, size_in):
    """Outputs each input reaches, counted in TensorFlow's own convolution of impulses."""
    tf = tensorflow()
    impulses = np.eye(size_in, dtype=np.float32)[:, None, :, None]
    ones = np.ones((1, kernel, 1, 1), np.float32)
    if kind == "conv":
        out = tf.nn.conv2d(impulses, ones, (1, stride), "SAME")
    else:
        shape = (size_in, 1, size_in * stride, 1)
        out = tf.nn.conv2d_transpose(impulses, ones, shape, (1, stride), "SAME")
    matrix = out.numpy()[:, 0, :, 0]
    return matrix.shape[1], tuple((matrix != 0).sum(1))


@given(
    st.sampled_from(["conv", "conv_transpose"]),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 19),
)
def test_fan_out_is_the_rows_of_the_convolution_matrix(kind, kernel, stride, size_in):
    layer = Layer("layer", kind, ("image",), 1, kernel, stride)
    size_out, expected = counted(kind, kernel, stride, size_in)
    assert fan_out(layer, size_in, size_out) == expected


@given(st.sampled_from(["conv", "conv_transpose"]), st.sampled_from([(3, 1), (3, 2), (2, 2)]))
def test_synapses_of_a_plane_are_the_product_of_rows_and_columns(kind, size):
    """Against scipy's dense convolution: how many outputs a single pixel touches."""
    from scipy.signal import convolve2d

    kernel, stride = size
    height, width = 6, 8
    layer = Layer("layer", kind, ("image",), 1, kernel, stride)
    if kind == "conv":
        tall, wide = -(-height // stride), -(-width // stride)
        big, small, step = (height, width), (tall, wide), stride
    else:
        tall, wide = height * stride, width * stride
        big, small, step = (tall, wide), (height, width), stride
    # both kinds join positions of the wider plane with positions of the narrower one
    links = np.zeros((*big, *small))
    before = [max((n - 1) * step + kernel - b, 0) // 2 for b, n in zip(big, small, strict=True)]
    for row in range(small[0]):
        for column in range(small[1]):
            impulse = np.zeros((big[0] + 2 * kernel, big[1] + 2 * kernel))
            impulse[row * step - before[0] + kernel, column * step - before[1] + kernel] = 1
            touched = convolve2d(impulse, np.ones((kernel, kernel)))
            links[:, :, row, column] = touched[kernel:, kernel:][: big[0], : big[1]] > 0
    reached = links.sum((2, 3)) if kind == "conv" else links.sum((0, 1))
    found = np.outer(fan_out(layer, height, tall), fan_out(layer, width, wide))
    np.testing.assert_array_equal(found, reached)
