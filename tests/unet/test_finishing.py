"""Threshold, quantiles and rates in range, against NumPy on the activations themselves."""

import numpy as np
import pytest

from snnlab.unet import finishing
from snnlab.unet.inference import activations, segment
from snnlab.unet.model import PERCENTILES
from tests import small_models

IMAGES = np.stack([small_models.image(96, seed=seed) for seed in (4, 5)])


def test_the_threshold_is_put_where_it_is_most_accurate():
    model = small_models.untuned(6)
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, 20_000)
    # truth that half a unit of logit separates best
    labels = logits + random.normal(0, 0.3, logits.shape) > 0.5
    found = finishing.calibrate_threshold(model, logits, labels)
    shift = float(found.biases["readout"][0] - model.biases["readout"][0])
    reached = {s: np.mean((logits + s > 0) == labels) for s in np.arange(-1.5, 1.5, 0.01)}
    assert np.mean((logits + shift > 0) == labels) >= max(reached.values()) - 1e-3
    assert shift == pytest.approx(-0.5, abs=0.1)
    for key in set(model.biases) - {"readout"}:
        np.testing.assert_array_equal(found.biases[key], model.biases[key])


def test_a_threshold_that_is_right_stays():
    model = small_models.untuned(6)
    logits = np.array([-9.0, -8.0, 7.0, 9.0])
    assert finishing.calibrate_threshold(model, logits, logits > 0).digest == model.digest


def test_quantiles_are_numpys_over_all_neurons_and_images():
    model = small_models.untuned(6)
    found = finishing.with_quantiles(model, IMAGES)
    every = [activations(model, image) for image in IMAGES]
    for name, quantiles in found.quantiles.items():
        values = np.concatenate([part[name].ravel() for part in every])
        np.testing.assert_allclose(quantiles, np.percentile(values, PERCENTILES), rtol=1e-5)
        assert found.activation_at(name, 99.9) == pytest.approx(np.percentile(values, 99.9), 1e-4)
    channels = finishing.channel_percentiles(model, IMAGES, 98)
    values = np.concatenate([part["up0"].reshape(-1, 3) for part in every])
    np.testing.assert_allclose(channels["up0"], np.percentile(values, 98, axis=0), rtol=1e-5)


def test_finishing_is_both():
    model = small_models.untuned(6)
    labels = np.stack([segment(model, image).probability for image in IMAGES]) > 0.6
    found = finishing.finish(model, IMAGES, labels)
    after = np.stack([segment(found, image).probability for image in IMAGES])
    assert np.mean((after >= 0.5) == labels) > 0.97
    assert set(found.quantiles) == set(model.rate_hz)


def test_rates_in_range_are_counted_neuron_by_neuron():
    """Of a 64 x 64 tile's network, tile after tile, by hand."""
    model = small_models.untuned(6)
    tiles = [
        image[top : top + 64, left : left + 64]
        for image in IMAGES for top in (0, 32) for left in (0, 32)
    ]  # fmt: skip
    every = [activations(model, tile) for tile in tiles]
    lower, upper, inside, neurons = 60.0, 120.0, 0, 0
    found = finishing.in_range(model, IMAGES, 90, lower, upper)
    for name in model.rate_hz:
        reached = np.percentile(np.stack([x[name] for x in every]), 90, axis=0) * 150
        within = (reached >= (0 if name == "encoder" else lower)) & (reached <= upper)
        assert found[name] == pytest.approx(within.mean(), abs=2e-3)
        inside, neurons = inside + within.sum(), neurons + within.size
    assert found["all"] == pytest.approx(inside / neurons, abs=2e-3)
    assert 0.02 < found["all"] < 0.98


def test_a_whole_section_is_a_tile_with_its_middle_repeated():
    """The network of 192 pixels itself, shown one image, against a tile's of 64, stretched."""
    large = small_models.image(192, seed=3)
    model = small_models.untuned(6)
    threshold = 0.1
    for name, values in activations(model, np.tile(large[:32, :32], (6, 6))).items():
        tile = activations(model, np.tile(large[:32, :32], (2, 2)))[name] > threshold
        whole = finishing.stretched(tile, 3)
        assert whole.shape == values.shape
        # the image repeats every 32 pixels, so do the rates; near the middle of a tile of 64,
        # half of which is repeated, some still feel the border
        assert np.mean(whole == (values > threshold)) > 0.95
        edge = whole.shape[0] // 24
        np.testing.assert_array_equal(whole[:edge, :edge], values[:edge, :edge] > threshold)


def test_the_share_of_a_section_counts_borders_less():
    inside = np.ones((16, 16, 1), bool)
    inside[[0, -1]] = inside[:, [0, -1]] = False
    whole = finishing.stretched(inside, 4)
    assert whole.shape == (64, 64, 1)
    assert whole.sum() == 62 * 62


def test_channels_are_rescaled_into_the_range_and_the_net_computes_the_same():
    model = small_models.untuned(6)
    found = finishing.into_range(model, IMAGES, 99, 60.0, 120.0)
    before = finishing.in_range(model, IMAGES, 99, 60.0, 120.0)
    after = finishing.in_range(found, IMAGES, 99, 60.0, 120.0)
    assert after["all"] > before["all"] + 0.05
    for image in IMAGES:
        near = np.abs(segment(found, image).probability - segment(model, image).probability)
        assert near.mean() < 0.02  # rounded to 8 bits anew


def test_a_channel_in_range_by_its_middle_keeps_as_many_neurons_as_can_be():
    model = small_models.untuned(6)
    found = finishing.into_range(model, IMAGES, 99, 60.0, 120.0)
    reached = finishing.neuron_percentiles(model, IMAGES, 99)["down0"]
    rescaled = finishing.neuron_percentiles(found, IMAGES, 99)["down0"]
    for channel in range(reached.shape[-1]):
        rates = reached[..., channel].ravel()
        best = max(
            np.mean((rates * f >= 60) & (rates * f <= 120)) for f in np.geomspace(0.25, 4, 400)
        )
        got = np.mean((rescaled[..., channel] >= 60) & (rescaled[..., channel] <= 120))
        assert got >= best - 0.1
