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
        "At least 99 % of the neurons are in band. By V_Rand the segmentation is as good as"
        " before: +0.2 points (ANN), −0.3 points (SNN). By pixel accuracy it is as good as before:"
        " ±0 points (ANN), ±0 points (SNN)."
    )


def test_a_fall_of_v_rand_is_said_plainly_with_what_to_do():
    found = verdict(ann=-0.0124, snn=-0.0019)
    assert not found.good
    assert "By V_Rand the segmentation got worse for the ANN: −1.2 points (ANN), −0.2" in found.text
    assert "smaller weight" in found.text and "timesteps" not in found.text


def test_where_only_the_spikes_lose_time_is_what_they_need():
    found = verdict(snn=-0.12)
    assert "By V_Rand the segmentation got worse for the SNN: ±0 points (ANN), −12.0" in found.text
    assert "more timesteps" in found.text and "smaller weight" not in found.text


def test_pixels_count_too():
    found = verdict(pixels=-0.02)
    assert not found.good and "By pixel accuracy it got worse: −2.0 points (ANN)" in found.text


def test_neurons_outside_are_said():
    found = verdict(inside=0.97)
    assert not found.good and found.text.startswith("Fewer than 99 %")
    assert "To get more in band: wider bounds" in found.text and "as good as before" in found.text


def test_a_gain_is_good_news_whatever_else_there_is_to_do():
    found = verdict(ann=0.189, snn=0.185)
    assert found.good and found.text.startswith(
        "By V_Rand the segmentation got better: +18.9 points (ANN), +18.5 points (SNN). By pixel"
    )
    found = verdict(inside=0.9, ann=0.189, snn=0.185, pixels=-0.008)
    assert found.good and "By pixel accuracy it got worse: −0.8 points (ANN)" in found.text
    assert found.text.endswith("To get more in band: wider bounds, or more minutes.")


@pytest.mark.parametrize(
    "change", [{"ann": 0.1, "snn": -0.01}, {"ann": 0.02, "snn": 0.02, "pixels": -0.02}]
)
def test_a_gain_that_something_pays_for_is_none(change):
    found = verdict(**change)
    assert not found.good and "worse" in found.text


def test_advice_does_not_contradict_itself():
    found = verdict(inside=0.97, ann=-0.02)
    assert found.text.endswith("Wider bounds or more minutes help both.")
    assert "weight" not in found.text


@pytest.mark.parametrize(
    ("change", "said"), [(0.0124, "+1.2 points"), (-0.5, "−50.0 points"), (-0.0001, "±0 points")]
)
def test_points(change, said):
    assert finetune_verdict.points(change) == said


def test_measures_that_disagree_are_told_apart():
    """What the page said of a run whose table has the opposite."""
    after = {
        "ann": {"pixel_accuracy": 0.955, "v_rand": 0.96},
        "snn": {"pixel_accuracy": 0.912, "v_rand": 0.919},
        "in_range": {"section": 0.994},
    }
    assert (
        "By V_Rand the segmentation got worse for the SNN: +0.3 points (ANN), −3.1 points (SNN)."
        " By pixel accuracy it got better for the ANN: +3.5 points (ANN), +0.2 points (SNN)."
    ) in finetune_verdict.of(BEFORE, after).text


def checked(*steps):
    """Checks after so many steps: of the start, after scaling, and then as listed."""
    none = {"step": 0, "seconds": 0.0, "loss": None}
    return (none, none, *({"step": n, "seconds": 55.0, "loss": 0.4} for n in steps))


@pytest.mark.parametrize("steps", [(), (1,), (1, 2, 3), tuple(range(3, 20))])
def test_a_training_of_single_batches_is_called_too_short_before_anything_else(steps):
    after = {side: BEFORE[side] for side in ("ann", "snn")} | {"in_range": {"section": 0.5}}
    found = finetune_verdict.of(BEFORE, after, checked(*steps))
    done = {0: "0 steps in 0 s", 1: "1 step in 55 s"}.get(
        len(steps), f"{max(steps, default=0)} steps"
    )
    assert found.whole.startswith("The time was too short to judge the training: it did " + done)
    # nothing but time is advised
    assert not found.good and "weight" not in found.text and "more timesteps" not in found.text


def test_the_steps_of_a_longer_one_are_named():
    after = BEFORE | {"in_range": {"section": 0.994}}
    found = finetune_verdict.of(BEFORE, after, checked(12, 24, 36))
    assert found.short == "" and found.whole.startswith("After 36 steps: At least 99 %")
