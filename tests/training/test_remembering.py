"""A model's card keeps what its training sections look like to it."""

import numpy as np

from snnlab.nets import inference
from snnlab.training import remembering
from snnlab.training.remembering import Sections
from tests import small_models

MODEL = small_models.model()
SEEN = [small_models.image(64, 64, seed) for seed in range(6)]
APART = [small_models.image(64, 64, seed) for seed in (10, 11)]


def test_a_model_remembers_what_it_was_shown():
    shares = []
    made = remembering.remembered(
        MODEL, Sections.plain(SEEN, "six"), Sections.plain(APART, "two"), shares.append
    )
    entry = made.card["familiarity"]
    assert (entry["of"], entry["held_against"]) == ("six", "two")
    assert entry["windows"] == 6 * 3  # each in three of its eight ways to lie
    assert set(entry["mean"]) == {layer.name for layer in MODEL.populations()}
    assert shares == sorted(shares) and shares[-1] == 1
    known = inference.looked_at(made, small_models.image(64, 64, 12)).familiarity
    noise = np.random.default_rng(0).random((64, 64), np.float32)
    assert inference.looked_at(made, noise).familiarity.value > 2 * known.value
    assert made.digest == MODEL.digest


def test_a_single_section_is_held_against_itself_piece_by_piece():
    made = remembering.remembered(MODEL, Sections.plain(SEEN[:1], "one"))
    entry = made.card["familiarity"]
    assert entry["held_against"] == "each other"
    assert (entry["windows"], entry["pixels"]) == (4 * 4, 32 * 32)


def test_what_was_remembered_before_does_not_stay():
    made = remembering.remembered(MODEL, Sections.plain(SEEN, "six"))
    silent = [np.zeros((64, 64), np.float32)] * 4
    assert "familiarity" not in remembering.remembered(made, Sections.plain(silent, "0")).card


def test_turning_gives_eight_ways_to_lie():
    image = np.arange(6.0).reshape(2, 3)
    ways = {(*one.shape, *one.ravel()) for one in (remembering._turn(image, t) for t in range(8))}
    assert len(ways) == 8
