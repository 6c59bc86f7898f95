"""Receptive fields, against which single bright pixels a neuron answers to."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.nets import inference
from snnlab.results.receptive import receptive_field
from snnlab.settings import Settings
from tests import small_models

SIDES = 36, 32


@pytest.fixture(scope="module")
def answers():
    """By layer: bool ``(pixels, rows, columns)``, whether a neuron answers to a pixel."""
    made = small_models.model(6)
    everything = replace(
        made,
        name="sum",
        levels={name: np.ones_like(levels) for name, levels in made.levels.items()},
        biases={name: np.zeros_like(bias) for name, bias in made.biases.items()},
    )
    single = np.eye(SIDES[0] * SIDES[1], dtype=np.float32).reshape(-1, *SIDES)
    found = inference.activations_of(everything, single)
    return {name: values[..., 0] > 0 for name, values in found.items()}


@pytest.fixture(scope="module")
def network():
    image = small_models.image(*SIDES)
    return rate_scaling.convert(small_models.model(6), image, Settings(timesteps=4))


def test_fields_are_all_the_pixels_that_a_neuron_answers_to(answers, network):
    for population in network.populations:
        height, width, _ = population.shape
        for row in {0, height // 3, height // 2, height - 1}:
            for column in {0, width // 2, width - 2, width - 1}:
                seen = answers[population.name][:, row, column].reshape(SIDES)
                rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
                expected = (rows[0], columns[0], np.ptp(rows) + 1, np.ptp(columns) + 1)
                found = receptive_field(network, population.name, row, column)
                assert found == expected, (population.name, row, column)


def test_coarser_layers_see_more(network):
    first, *_, last = network.populations
    assert receptive_field(network, first.name, 5, 5) == (5, 5, 1, 1)
    _, _, height, width = receptive_field(network, last.name, 12, 16)
    assert height > 8 and width > 8
