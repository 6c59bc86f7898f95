"""The verdict says what the numbers say."""

import pytest

from snnlab.lab import finetune_verdict

BEFORE = {
    "ann": {"pixel_accuracy": 0.92, "v_rand": 0.957},
    "snn": {"pixel_accuracy": 0.91, "v_rand": 0.95},
    "in_range": {"section": 0.5},
}


def verdict(inside=0.994, ann=0.0, snn=0.0, pixels=0.0):
    after = {
        side: {
            "pixel_accuracy": BEFORE[side]["pixel_accuracy"] + pixels,
            "v_rand": BEFORE[side]["v_rand"] + by,
        }
        for side, by in (("ann", ann), ("snn", snn))
    }
    return finetune_verdict.of(BEFORE, after | {"in_range": {"section": inside}})


def test_what_is_good_is_said_and_asks_for_nothing():
    found = verdict(ann=0.002, snn=-0.003)
    assert found.good and found.text == (
        "At least 99 % of the neurons are in band. The segmentation is as good as before:"
        " V_Rand +0.2 points (ANN), −0.3 points (SNN)."
    )


def test_a_fall_of_v_rand_is_said_plainly_with_what_to_do():
    found = verdict(ann=-0.0124, snn=-0.0019)
    assert not found.good
    assert "got worse: V_Rand −1.2 points (ANN), −0.2 points (SNN)" in found.text
    assert "smaller weight" in found.text and "timesteps" not in found.text


def test_where_only_the_spikes_lose_time_is_what_they_need():
    found = verdict(snn=-0.12)
    assert "V_Rand ±0 points (ANN), −12.0 points (SNN)" in found.text
    assert "more timesteps" in found.text and "smaller weight" not in found.text


def test_pixels_count_too():
    found = verdict(pixels=-0.02)
    assert not found.good and "pixel accuracy −2.0 points (ANN)" in found.text


def test_neurons_outside_are_said():
    found = verdict(inside=0.97)
    assert not found.good and found.text.startswith("Fewer than 99 %")
    assert "To get more in band: wider bounds" in found.text and "as good as before" in found.text


def test_a_gain_is_good_news_whatever_else_there_is_to_do():
    found = verdict(ann=0.189, snn=0.185)
    assert found.good and found.text.startswith(
        "The segmentation got better: V_Rand +18.9 points (ANN), +18.5 points (SNN). At least 99 %"
    )
    found = verdict(inside=0.9, ann=0.189, snn=0.185, pixels=-0.008)
    assert found.good and "pixel accuracy −0.8 points (ANN)" in found.text
    assert found.text.endswith("To get more in band: wider bounds, or more minutes.")


@pytest.mark.parametrize(
    "change", [{"ann": 0.1, "snn": -0.01}, {"ann": 0.02, "snn": 0.02, "pixels": -0.02}]
)
def test_a_gain_that_something_pays_for_is_none(change):
    found = verdict(**change)
    assert not found.good and "got worse" in found.text


def test_advice_does_not_contradict_itself():
    found = verdict(inside=0.97, ann=-0.02)
    assert found.text.endswith("Wider bounds or more minutes help both.")
    assert "weight" not in found.text


@pytest.mark.parametrize(
    ("change", "said"), [(0.0124, "+1.2 points"), (-0.5, "−50.0 points"), (-0.0001, "±0 points")]
)
def test_points(change, said):
    assert finetune_verdict.points(change) == said
