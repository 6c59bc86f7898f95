"""Threshold and quantiles, against NumPy on the activations themselves."""

import numpy as np
import pytest

from snnlab.nets.inference import activations, segment
from snnlab.nets.model import PERCENTILES
from snnlab.training import finishing
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
