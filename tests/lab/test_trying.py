"""An image is tried inverted and resampled, and what is clearly more familiar is named."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.images.pictures import sample
from snnlab.lab import segmenting as lab
from snnlab.lab import trying
from snnlab.lab.trying import Tried
from snnlab.nets.familiarity import told


@pytest.fixture(scope="module")
def inverted():
    known = sample(0)
    return replace(known, pixels=1 - known.pixels, nm=8.0)


def test_an_inverted_image_is_more_familiar_turned(inverted):
    tried = trying.ways(inverted, "regularised")
    values = {one.way: one.found.value for one in tried}
    assert tried[0].way == "as it is" and len(values) == 6
    assert {"resampled to 16 nm", "resampled to 4 nm"} <= set(values)
    assert values["inverted"] == min(values.values()) < 1 < values["as it is"]
    assert trying.sentence(tried).startswith("Most familiar: inverted, familiar")


def test_only_what_may_help_is_tried():
    known = sample(0)
    assert known.nm == 4 and not known.light_membranes
    assert trying.helpful(known, "regularised") == ()
    assert [one.way for one in trying.ways(known, "regularised")] == ["as it is"]
    assert trying.helpful(replace(known, nm=None), "regularised") == ("resampled",)
    turned = replace(known, pixels=1 - known.pixels)
    assert trying.helpful(turned, "regularised") == ("inverted",)


def test_nothing_is_advised_by_chance():
    tried = (Tried("as it is", told(1.5)), Tried("other", told(1.45)))
    assert trying.sentence(tried).startswith("None of these is clearly")
    assert "no tissue" in trying.sentence(())


def test_other_models_that_know_an_image_come_once_for_each_training_set():
    cards, known = lab.cards(), sample(0)
    found = trying.known_to(known, "phantom")
    assert found and all(one.found.word == "familiar" for one in found)
    values = [one.found.value for one in found]
    assert values == sorted(values)
    sections = [cards[one.way]["familiarity"]["of"] for one in found]
    assert len(set(sections)) == len(sections)
    assert cards["phantom"]["familiarity"]["of"] not in sections
    # regularised learned from what relu learned from
    ours = cards["relu"]["familiarity"]["of"]
    assert ours in sections
    others = trying.known_to(known, "relu")
    assert others and all(cards[one.way]["familiarity"]["of"] != ours for one in others)
    # and it is told as the model itself tells it
    assert found[0].found == trying.ways(known, found[0].way)[0].found


def test_an_image_that_is_to_be_turned_first_leads_to_no_model(inverted):
    assert inverted.light_membranes and trying.known_to(inverted, "phantom") == ()


def test_no_model_knows_noise():
    noise = np.random.default_rng(1).random((512, 512)).astype(np.float32)
    assert trying.known_to(replace(sample(0), pixels=noise), "regularised") == ()
