"""A model's card keeps what its training sections look like to it."""

import numpy as np

from snnlab.nets import files as models
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
        MODEL, [(Sections.plain(SEEN, "six"), Sections.plain(APART, "two"))], shares.append
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
    made = remembering.remembered(MODEL, [(Sections.plain(SEEN[:1], "one"), None)])
    entry = made.card["familiarity"]
    assert entry["held_against"] == "each other"
    assert (entry["windows"], entry["pixels"]) == (4 * 4, 32 * 32)


def test_what_was_remembered_before_does_not_stay():
    made = remembering.remembered(MODEL, [(Sections.plain(SEEN, "six"), None)])
    silent = [np.zeros((64, 64), np.float32)] * 4
    kinds = [(Sections.plain(silent, "0"), None)]
    assert "familiarity" not in remembering.remembered(made, kinds).card


def test_each_kind_is_known_by_itself():
    """What lies between two kinds is neither; all of them as one kind would take it in."""
    dark = [0.3 * image for image in SEEN], [0.3 * image for image in APART]
    kinds = [
        (Sections.plain(seen, name), Sections.plain(apart, name))
        for name, (seen, apart) in {"full": (SEEN, APART), "dark": dark}.items()
    ]
    made = remembering.remembered(MODEL, kinds)
    entry = made.card["familiarity"]
    assert entry["of"] == "full" and [one["of"] for one in entry["others"]] == ["dark"]

    def value(model, image):
        return inference.looked_at(model, image).familiarity.value

    fresh = small_models.image(64, 64, 12)
    alone = [remembering.remembered(MODEL, [kind]) for kind in kinds]
    for image in (fresh, 0.3 * fresh, 0.6 * fresh):
        assert value(made, image) == min(value(one, image) for one in alone)
    mixed = remembering.remembered(
        MODEL,
        [(Sections.plain([*SEEN, *dark[0]], "mixed"), Sections.plain([*APART, *dark[1]], "mixed"))],
    )
    assert value(made, fresh) < 1.3 and value(made, 0.3 * fresh) < 1.3
    assert value(made, 0.6 * fresh) > 1.5 * value(mixed, 0.6 * fresh)
    # and a file keeps it
    again = models.unpack(models.pack(made), made.name)
    assert value(again, fresh) == value(made, fresh)


def test_turning_gives_eight_ways_to_lie():
    image = np.arange(6.0).reshape(2, 3)
    ways = {(*one.shape, *one.ravel()) for one in (remembering._turn(image, t) for t in range(8))}
    assert len(ways) == 8
