"""What is said beside the scores of what a model was trained on."""

from snnlab.data import seen
from snnlab.results import flattering

FILE = "a" * 64
CARD = {
    seen.OWN: seen.on_card([seen.Section(seen.mark(FILE), 0, 0.8)]),
    "data_before": "ISBI 2012 sections 0..14",
    "scores": {
        "sections": "the lowest 20 % of the rows held out",
        "ann": {"pixel_accuracy": 0.8868, "v_rand": 0.91},
        "snn": {"pixel_accuracy": 0.881, "v_rand": 0.9},
    },
}


def told(source, place):
    return flattering.told("mine", CARD, source, place)


def test_how_much_of_it_and_what_it_reaches_on_the_rest():
    assert told("upload", f"{FILE}  0") == (
        "mine was trained on 80 % of the rows of this section, so its scores here are flattering."
        " On what it was not trained on (the lowest 20 % of the rows held out), pixel accuracy was"
        " 0.8868 (V_Rand 0.9100) by its ANN, 0.8810 (V_Rand 0.9000) by its SNN."
    )
    assert told("upload", f"{FILE} inverted 0").startswith("mine was trained on 80 %")


def test_nothing_is_said_of_another():
    for source, place in (("upload", f"{FILE}  1"), ("upload", "b  0"), ("isbi", "  15"), ("", "")):
        assert told(source, place) == ""
    assert flattering.told("mine", {}, "isbi", "  3") == ""


def test_what_the_start_saw_is_said_without_scores_of_other_tissue():
    assert told("isbi", "  14") == (
        "mine was trained on this section, so its scores here are flattering."
    )


def test_of_a_stack_they_are_counted():
    said = flattering.of_several("mine", CARD, "upload", (f"{FILE}  {n}" for n in range(3)))
    assert said.startswith(
        "mine was trained on 1 of these 3 sections (of 1, on 80 % of the rows), so its scores are"
    )
    assert "0.8868" in said
    assert flattering.of_several("mine", CARD, "isbi", ["  20"]) == ""
