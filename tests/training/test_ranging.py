"""Rates within bounds, counted by hand; channels scaled into them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.nets import inference
from snnlab.nets.model import LEVELS
from snnlab.training import finishing, ranging
from snnlab.training.regulariser import RateRange
from tests import small_models

MODEL = small_models.untuned(5, (3, 4))
PLAIN = RateRange(60, 200, 99)
OWN = replace(PLAIN, layers=(("down1", 300.0, 500.0),))
NARROW = RateRange(60.0, 120.0, 99)
IMAGES = np.stack([small_models.image(96, seed=seed) for seed in (4, 5)])


@cache
def images():
    made = [normalise(synthetic(96, seed).image) for seed in (1, 2)]
    return np.stack(made)


def test_bounds_of_one_layer_count_for_that_layer_alone():
    plain, own = (ranging.kept(MODEL, images(), bounds) for bounds in (PLAIN, OWN))
    reached = ranging.neuron_percentiles(MODEL, images(), 99)["down1"]
    assert own["down1"] == pytest.approx(((reached >= 300) & (reached <= 500)).mean())
    assert {k for k in plain if plain[k] != own[k]} <= {"down1", "all", "section"}


def test_scaling_into_the_bounds_computes_the_same():
    made = ranging.into_bounds(MODEL, images(), OWN, LEVELS)
    for image in images():
        before, after = (
            inference.segment(one, image, kernels=one.floats).probability for one in (MODEL, made)
        )
        np.testing.assert_allclose(after, before, atol=1e-4)
    before, after = (ranging.kept(one, images(), OWN) for one in (MODEL, made))
    assert after["all"] >= before["all"] and after["down1"] > before["down1"]
    # the best of the candidates: none of a few other factors keeps more of a channel inside
    layer = next(one for one in MODEL.layers if one.name == "down1")
    reached = ranging.neuron_percentiles(MODEL, images(), 99)["down1"].reshape(-1, layer.channels)
    best = np.max(
        [ranging.within(reached * f, layer, OWN).mean(0) for f in ranging.CANDIDATES], axis=0
    )
    # but for the rounding to 8 bits, which moves some over the edge
    assert after["down1"] == pytest.approx(best.mean(), abs=0.05)


def test_channels_are_put_in_the_middle_of_their_layers_bounds():
    rate_hz = {layer.name: OWN.of(layer.name)[1] for layer in MODEL.populations()}
    reached = finishing.channel_percentiles(MODEL, images(), 99)
    kernels, biases = ranging.scaled(
        MODEL.layers, MODEL.floats, MODEL.biases, reached, rate_hz, OWN
    )
    from snnlab.nets.model import from_float

    made = from_float("x", MODEL.layers, kernels, biases, rate_hz)
    found = finishing.channel_percentiles(made, images(), 99)
    for layer in MODEL.populations():
        awake = reached[layer.name] > 1e-6
        lower, upper = OWN.of(layer.name)
        hertz = found[layer.name][awake] * rate_hz[layer.name]
        np.testing.assert_allclose(hertz, np.sqrt(lower * upper), rtol=0.08)


def test_a_spread_is_summed_up_by_layer_and_weighed_by_neurons():
    layers = MODEL.layers
    reached = {layer.name: np.full(layer.channels, 100.0) for layer in MODEL.populations()}
    reached["down1"] = np.array([10.0, 20.0, 400.0, 600.0])
    found = ranging.spread(reached, layers, OWN)
    low, middle, high, share = found.layers["down1"]
    assert (middle, share) == (210, 0.25)
    assert low == pytest.approx(np.percentile(reached["down1"], 5))
    assert high == pytest.approx(np.percentile(reached["down1"], 95))
    # neurons a pixel: encoder 2, down0 3, stride1 and down1 4 in a quarter of the places, up0 3
    total = 2 + 3 + 1 + 1 + 3
    assert found.share == pytest.approx((total - 0.75) / total)
    silent = {name: np.zeros_like(values) for name, values in reached.items()}
    assert ranging.spread(silent, layers, OWN).share == pytest.approx(2 / total)  # off chip


def test_rates_in_range_are_counted_neuron_by_neuron():
    """Of a 64 x 64 tile's network, tile after tile, by hand."""
    model = small_models.untuned(6)
    tiles = [
        image[top : top + 64, left : left + 64]
        for image in IMAGES for top in (0, 32) for left in (0, 32)
    ]  # fmt: skip
    every = [inference.activations(model, tile) for tile in tiles]
    lower, upper, inside, neurons = 60.0, 120.0, 0, 0
    found = ranging.kept(model, IMAGES, RateRange(lower, upper, 90))
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
    for name, values in inference.activations(model, np.tile(large[:32, :32], (6, 6))).items():
        tile = inference.activations(model, np.tile(large[:32, :32], (2, 2)))[name] > threshold
        whole = ranging.stretched(tile, 3)
        assert whole.shape == values.shape
        # the image repeats every 32 pixels, so do the rates; near the middle of a tile of 64,
        # half of which is repeated, some still feel the border
        assert np.mean(whole == (values > threshold)) > 0.95
        edge = whole.shape[0] // 24
        np.testing.assert_array_equal(whole[:edge, :edge], values[:edge, :edge] > threshold)


def test_the_share_of_a_section_counts_borders_less():
    inside = np.ones((16, 16, 1), bool)
    inside[[0, -1]] = inside[:, [0, -1]] = False
    whole = ranging.stretched(inside, 4)
    assert whole.shape == (64, 64, 1)
    assert whole.sum() == 62 * 62


def test_channels_are_rescaled_into_the_range_and_the_net_computes_the_same():
    model = small_models.untuned(6)
    found = ranging.into_bounds(model, IMAGES, NARROW)
    before = ranging.kept(model, IMAGES, NARROW)
    after = ranging.kept(found, IMAGES, NARROW)
    assert after["all"] > before["all"] + 0.05
    for image in IMAGES:
        near = np.abs(
            inference.segment(found, image).probability
            - inference.segment(model, image).probability
        )
        assert near.mean() < 0.02  # rounded to 8 bits anew


def test_a_channel_in_range_by_its_middle_keeps_as_many_neurons_as_can_be():
    model = small_models.untuned(6)
    found = ranging.into_bounds(model, IMAGES, NARROW)
    reached = ranging.neuron_percentiles(model, IMAGES, 99)["down0"]
    rescaled = ranging.neuron_percentiles(found, IMAGES, 99)["down0"]
    for channel in range(reached.shape[-1]):
        rates = reached[..., channel].ravel()
        best = max(
            np.mean((rates * f >= 60) & (rates * f <= 120)) for f in np.geomspace(0.25, 4, 400)
        )
        got = np.mean((rescaled[..., channel] >= 60) & (rescaled[..., channel] <= 120))
        assert got >= best - 0.1


def test_the_margin_that_training_keeps_is_aimed_at():
    model = small_models.untuned(6)
    inner = RateRange(72.0, 108.0, 99)
    plain, clear = (
        ranging.kept(ranging.into_bounds(model, IMAGES, bounds), IMAGES, inner)["all"]
        for bounds in (NARROW, replace(NARROW, margin=0.2))
    )
    assert clear > plain
