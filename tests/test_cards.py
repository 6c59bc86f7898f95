"""The page of model cards is that of today's cards, and its failures are of today's weights."""

import json

import pytest
from PIL import Image

from snnlab.lab import segmenting as lab
from snnlab.training.recipes import PLANS, scales
from tools import make_cards

FAILURES = json.loads(make_cards.FAILURES.read_text("utf-8"))


def test_the_page_is_made_of_the_cards():
    cards = make_cards.shipped()
    text = make_cards.PAGE.read_text("utf-8")
    assert text == make_cards.page(cards, FAILURES), "run python -m tools.make_cards"
    for name, card in cards.items():
        assert f"\n## {name}\n" in text and card["not"] in text
        assert card["data"] in text and card["licence_of_the_data"] in text


def test_a_card_says_what_the_next_training_would():
    for name, card in make_cards.shipped().items():
        assert (card["summary"], card["not"]) == (PLANS[name].summary, PLANS[name].limits)
        drawn = {key: card[key] for key in ("finest_nm", "coarsest_nm") if key in card}
        assert drawn == scales(PLANS[name].data)


def test_a_changed_card_changes_the_page():
    cards = make_cards.shipped()
    changed = cards | {"relu": cards["relu"] | {"data": "other sections"}}
    assert make_cards.page(cards, FAILURES) != make_cards.page(changed, FAILURES)


@pytest.mark.parametrize("name", make_cards.PICTURED)
def test_failures_are_of_these_weights_and_small(name):
    told = "run python -m tools.make_cards --failures"
    assert FAILURES[name]["weights"] == lab.model(name).digest, told
    for kind in FAILURES[name]["kinds"]:
        with Image.open(make_cards.FOLDER / f"{name}-{kind}.webp") as picture:
            assert picture.height == make_cards.SIDE == 128


def test_a_failure_is_what_a_run_gives():
    settings = lab.defaults("regularised").replace(timesteps=16)
    numbers, strip = make_cards.failure(lab.sample(make_cards.SAMPLE), settings)
    kept = FAILURES["regularised"]["kinds"]["short"]
    assert numbers["accuracy"] == pytest.approx(kept["accuracy"], abs=0.002)
    assert {key: numbers[key] for key in ("timesteps", "true")} == {
        key: kept[key] for key in ("timesteps", "true")
    }
    for key in ("merges", "splits", "missed"):
        assert abs(numbers[key] - kept[key]) <= 2
    assert strip.shape == (128, 3 * 128 + 2 * make_cards.GAP, 3)
    colours = {tuple(one) for one in strip[:, -128:].reshape(-1, 3)}
    assert colours <= {(0, 0, 0), (255, 255, 255), make_cards.MISSED, make_cards.INVENTED}
    assert len(colours) == 4
