"""The forward pass against Keras's own: shipped nets, and nets of any shape."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.nets import forward
from snnlab.nets.architecture import Layer, unet, weight_shape
from snnlab.nets.keras import keras_model
from snnlab.nets.kernels import packed, weighted
from snnlab.nets.model import available, from_float, load
from snnlab.nets.pooled import pooled
from tests import small_models
from tests.ui.test_pages import ROOT


def by_keras(model, image):
    """Output of every layer, ``(channels, height, width)``."""
    from snnlab.compat import tensorflow

    net = keras_model(model)
    names = [layer.name for layer in model.layers]
    every = tensorflow().keras.Model(net.input, [net.get_layer(name).output for name in names])
    found = every(image[None, :, :, None], training=False)
    return {
        name: value.numpy()[0].transpose(2, 0, 1) for name, value in zip(names, found, strict=True)
    }


def differences(model, image):
    """The largest of each layer, in units of its largest activation."""
    expected = by_keras(model, image)
    found = dict(forward.forward(model, image))
    assert list(found) == list(expected)
    return {
        name: np.abs(found[name] - value) / max(np.abs(value).max(), 1e-3)
        for name, value in expected.items()
    }


@pytest.mark.parametrize("name", [name for name in available() if name != "loihi"])
def test_shipped_nets(name):
    model, image = load(name), small_models.image(96, 128)
    for layer, apart in differences(model, image).items():
        assert apart.max() < 1e-5, layer


def test_each_layer_of_loihi_with_keras_input():
    """Its rate curve has steps: a neuron at one may stand on its other side, and from there on all
    differ. So each layer is given what Keras computed in those before, and few neurons may."""
    model, image = load("loihi"), small_models.image(96, 128)
    expected = by_keras(model, image)
    for layer, values in forward.forward(model, image):
        apart = np.abs(values - expected[layer]) / np.abs(expected[layer]).max()
        assert np.mean(apart > 1e-5) < 2e-4 and apart.max() < 0.02, layer
        values[...] = expected[layer]  # what the next layers read


def net(draw):
    """A net with a way down and up, of drawn kernels, strides and channels."""
    side = st.integers(1, 5)
    stride = draw(st.integers(2, 3))
    pool = draw(st.sampled_from((1, 1, 2)))
    down = {"stride": 1, "pool": stride} if pool > 1 else {"stride": stride}
    few = st.integers(1, 6)
    one, two, three = (draw(few) for _ in range(3))
    layers = (
        Layer("encoder", "conv", ("image",), one, draw(side), on_chip=False),
        Layer("down", "conv", ("encoder",), two, draw(side), **down),
        Layer("up", "up", ("down", "encoder"), three, draw(side), stride),
        Layer("readout", "conv", ("up", "encoder"), draw(st.integers(1, 2)), draw(side),
              activation="linear", on_chip=False),
    )  # fmt: skip
    random = np.random.default_rng(draw(st.integers(0, 999)))
    kernels = {x.name: random.normal(0.1, 1, weight_shape(x, layers)) for x in layers}
    biases = {x.name: random.normal(0, 0.3, x.channels) for x in layers}
    rates = {x.name: 150.0 for x in layers[:-1]}
    image = random.normal(0.3, 1, (stride * draw(st.integers(5, 12)), stride * 7))
    return from_float("drawn", layers, kernels, biases, rates), image.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nets_of_any_shape(data):
    model, image = net(data.draw)
    for layer, apart in differences(model, image).items():
        assert apart.max() < 2e-5, (layer, model.layers)


@pytest.mark.parametrize("layout", (unet, pooled))
@pytest.mark.parametrize("shape", ((32, 32), (48, 32), (32, 2064)))
def test_runs_of_rows_and_rows_longer_than_a_run(layout, shape):
    model = small_models.untuned(1, (3, 4, 5), layout=layout)
    image = small_models.image(*shape)
    assert max(apart.max() for apart in differences(model, image).values()) < 1e-5


def test_loihis_rate_curve():
    smooth = np.array([0, 1e-5, 0.3, 1.0, 6.5, 7.0], np.float32)
    # at 150 Hz an activation of 1 is a spike in 6.67 steps, so in 7; none is quicker than a step
    periods = 1 / (smooth[2:] * 0.15)
    expected = np.concatenate([[0, 0], 1 / (0.15 * np.ceil(periods))])
    np.testing.assert_allclose(forward.stepped(smooth, 150.0), expected, rtol=1e-6)


def test_the_loop_by_hand():
    """Two rows of three pixels, two taps, one channel; what lies between the rows is dropped."""
    source = np.arange(12, dtype=np.float32)
    out = np.full((1, 2, 3), np.nan, np.float32)
    bias = np.array([0.5, 0, 0, 0], np.float32)
    weights = packed(np.array([[1], [10]]))
    weighted(out, source, np.array([0, 1, 0, 0]), 5, weights, bias, True, 0, 2)
    # pixel x of row r: source[5 r + x] + 10 source[5 r + x + 1] + 0.5
    np.testing.assert_array_equal(out[0], [[10.5, 21.5, 32.5], [65.5, 76.5, 87.5]])


def test_an_image_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="multiple"):
        list(forward.forward(small_models.untuned(), np.zeros((33, 32), np.float32)))


def test_segmenting_starts_no_tensorflow():
    """It takes seconds to start; a first picture is not to wait for it."""
    code = (
        "import sys; from snnlab.lab import segmenting as lab;"
        "from snnlab.images.pictures import sample;"
        "lab.segment(sample(0), lab.defaults('relu').replace(timesteps=4));"
        "print([name for name in ('tensorflow', 'tf_keras', 'keras') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr[-2000:]
