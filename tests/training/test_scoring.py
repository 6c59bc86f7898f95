"""Scores of a model's two networks, of several sections together."""

import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.training import scoring
from tests import small_models


def test_scores_are_of_all_sections_at_one_threshold():
    made, settings = small_models.model(), Settings(timesteps=12)
    images = np.stack([small_models.image(seed=seed) for seed in (1, 2)])
    labels = np.random.default_rng(0).random(images.shape) > 0.4
    ann, snn = scoring.both(made, images, labels, settings)
    expected = [[], []]
    for image, truth in zip(images, labels, strict=True):
        shown = inference.segment(made, image).probability
        expected[0].append(metrics.marks(shown, truth))
        network = rate_scaling.convert(made, image, settings)
        read = network.probability(nengo_reference.run(network, 12), 6)  # its last half
        expected[1].append(metrics.marks(read, truth))
    for found, ones in zip((ann, snn), expected, strict=True):
        assert set(found) == set(scoring.TOLD)
        for name, value in found.items():
            assert value == pytest.approx(getattr(metrics.together(ones), name), abs=2e-3)
