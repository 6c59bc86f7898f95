"""Rates in bounds that differ from layer to layer."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from snnlab.contrast import normalise
from snnlab.datasets import synthetic
from snnlab.unet import finishing, inference, ranging
from snnlab.unet.model import LEVELS
from snnlab.unet.regulariser import RateRange
from tests import small_models

MODEL = small_models.untuned(5, (3, 4))
PLAIN = RateRange(60, 200, 99)
OWN = replace(PLAIN, layers=(("down1", 300.0, 500.0),))


@cache
def images():
    made = [normalise(synthetic(96, seed).image) for seed in (1, 2)]
    return np.stack(made)


def test_with_the_same_bounds_for_all_it_is_what_training_counts():
    expected = finishing.in_range(MODEL, images(), 99, 60, 200)
    assert ranging.kept(MODEL, images(), PLAIN) == pytest.approx(expected)


def test_bounds_of_one_layer_count_for_that_layer_alone():
    plain, own = (ranging.kept(MODEL, images(), bounds) for bounds in (PLAIN, OWN))
    reached = finishing.neuron_percentiles(MODEL, images(), 99)["down1"]
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
    reached = finishing.neuron_percentiles(MODEL, images(), 99)["down1"].reshape(-1, layer.channels)
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
    from snnlab.unet.model import from_float

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
