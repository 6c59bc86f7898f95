"""The U-Net with max-pooling and two classes, against plain NumPy and SciPy."""

import numpy as np
from scipy.signal import correlate2d
from scipy.special import softmax

from snnlab.nets.architecture import fan_out, halo, multiple, shapes, weight_shape, wires
from snnlab.nets.inference import activations, segment
from snnlab.nets.pooled import pooled
from snnlab.training.recipe import PooledRecipe
from tests import small_models


def test_sizes_follow_the_pools():
    layers = pooled()
    assert multiple(layers) == 16
    size = shapes(layers, 64, 96)
    assert size["down0"] == (64, 96, 8) and size["down4"] == (4, 6, 64)
    assert size["up0"] == (64, 96, 8) and size["readout"] == (64, 96, 2)
    assert [layer.name for layer in layers if layer.pool > 1] == [f"down{i}" for i in range(1, 5)]
    assert weight_shape(layers[2], layers) == (3, 3, 8, 16)


def test_no_output_sees_further_than_the_halo():
    model, image = small_models.pooled_model(), small_models.image(64)
    reach, other = halo(model.layers), image.copy()
    for at in (0, 1, 2, 3):
        other[:, at] = 1 - other[:, at]
        one, changed = (segment(model, x).probability for x in (image, other))
        np.testing.assert_allclose(
            one[:, at + reach + 1 :], changed[:, at + reach + 1 :], atol=1e-6
        )
        assert np.abs(one - changed).max() > 1e-3


def test_a_window_counts_its_synapses_once():
    layer = pooled()[2]
    (wire,) = wires(layer, pooled())
    assert fan_out(wire, 8, 4) == (2, 0, 3, 0, 3, 0, 2, 0)


def test_the_net_pools_maxima_and_ends_in_a_softmax():
    model, image = small_models.pooled_model(), small_models.image(32)
    active = activations(model, image)
    below = active["down0"]
    maxima = below.reshape(16, 2, 16, 2, -1).max(axis=(1, 3))
    kernel, bias = model.kernels["down1"], model.biases["down1"]
    for out in range(kernel.shape[3]):
        z = sum(
            correlate2d(maxima[:, :, i], kernel[:, :, i, out], mode="same")
            for i in range(kernel.shape[2])
        )
        np.testing.assert_allclose(active["down1"][:, :, out], np.maximum(z + bias[out], 0),
                                   atol=1e-5)  # fmt: skip
    logits = active["up0"] @ model.kernels["readout"][0, 0] + model.biases["readout"]
    found = segment(model, image).probability
    np.testing.assert_allclose(found, softmax(logits, axis=-1)[..., 1], atol=1e-5)


def test_a_recipe_says_which_net_it_is_for():
    assert PooledRecipe(widths=(3, 4)).layers() == pooled(4, (3, 4))
