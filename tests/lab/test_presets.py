"""Presets follow from the models' cards, whatever these are."""

import json

import pytest

from snnlab import simulation
from snnlab.lab import segmenting as lab
from snnlab.lab.presets import presets
from snnlab.settings import Settings

CARDS = {
    "quick": {"settings": {"timesteps": 48, "lower_hz": 700.0, "upper_hz": 800.0},
              "scores": {"snn": {"v_rand": 0.9}}},
    "chip": {"settings": {"timesteps": 100, "reset": "zero", "synapse_ms": 5.0},
             "scores": {"snn": {"v_rand": 0.8}}},
    "better-chip": {"settings": {"timesteps": 120, "reset": "zero", "upper_hz": 140.0},
                    "scores": {"snn": {"v_rand": 0.95}}},
    "bare": {},
}  # fmt: skip
NOW = Settings(source="isbi", section=20, threshold=0.4, seed=9, model="bare")


def by_name(cards, simulators=("event", "loihi")):
    return {preset.name: preset for preset in presets(cards, NOW, simulators)}


def test_each_picks_by_what_the_cards_say():
    found = by_name(CARDS)
    faithful = found["Faithful to Loihi"].settings
    assert (faithful.model, faithful.reset, faithful.simulator) == ("better-chip", "zero", "loihi")
    few, too_few = (found[name].settings for name in ("Few steps", "Too few steps: watch it fail"))
    assert (few.model, few.timesteps, few.upper_hz) == ("quick", 12, 800.0)
    # 120 steps at 140 Hz: the slowest of all
    assert (too_few.model, too_few.timesteps) == ("better-chip", 7)
    thrifty = found["Least energy"].settings
    # 64 steps at 150 Hz, 9.6 spikes: fewer than 15, 16.8 and 38.4
    assert thrifty.model == "bare"


def test_the_image_stays_and_thresholds_are_the_models():
    cards = json.loads(json.dumps(CARDS))
    cards["better-chip"]["settings"] |= {"threshold": 0.7, "ann_threshold": 0.8}
    for preset in by_name(cards).values():
        kept = preset.settings
        assert (kept.source, kept.section, kept.seed) == ("isbi", 20, 9)
        own = (0.7, 0.8) if kept.model == "better-chip" else (0.5, 0.5)
        assert (kept.threshold, kept.ann_at) == own


def test_without_the_chips_simulator_or_a_model_for_it():
    assert by_name(CARDS, ("event",))["Faithful to Loihi"].settings.simulator == "event"
    assert "Faithful to Loihi" not in by_name({"quick": CARDS["quick"]})
    assert presets({}, NOW) == ()


def test_retraining_changes_the_presets():
    cards = json.loads(json.dumps(CARDS))
    cards["quick"]["settings"]["timesteps"] = 32
    assert by_name(cards)["Few steps"].settings.timesteps == 8
    cards["chip"]["scores"]["snn"]["v_rand"] = 0.99
    assert by_name(cards)["Faithful to Loihi"].settings.model == "chip"


def scored(**accuracy):
    by_steps = {steps[1:]: {"pixel_accuracy": a, "v_rand": 0.9} for steps, a in accuracy.items()}
    return {
        "settings": {"timesteps": 16, "method": "qcfs"},
        "scores": {"ann": {"pixel_accuracy": 0.92}, "snn_by_timesteps": by_steps},
    }


def test_few_steps_are_the_fewest_that_are_as_good_as_the_ann():
    cards = CARDS | {"brief": scored(_2=0.90, _4=0.909, _6=0.9151, _8=0.93)}
    few = by_name(cards)["Few steps"]
    assert (few.settings.model, few.settings.timesteps, few.settings.method) == ("brief", 6, "qcfs")
    assert "half a point" in few.summary
    # at most a spike a step, whatever the bounds: 6 are fewer than the 9.6 of "bare"
    thrifty = by_name(cards)["Least energy"]
    assert thrifty.settings == few.settings
    assert "at most 6 spikes" in thrifty.summary and "same as few steps" in thrifty.summary
    cards["brief"] = scored(_2=0.90, _4=0.914)
    found = by_name(cards)["Few steps"]
    assert (found.settings.model, found.settings.timesteps) == ("brief", 4)  # 16, a quarter
    assert "a quarter" in found.summary


def test_the_least_energy_may_cost_a_point_and_says_what():
    found = by_name(CARDS | {"brief": scored(_2=0.90, _4=0.9111, _6=0.9151)})
    few, thrifty = found["Few steps"], found["Least energy"]
    assert (few.settings.timesteps, thrifty.settings.timesteps) == (6, 4)
    assert "at most 4 spikes per neuron (few steps: 6)" in thrifty.summary
    assert "0.9 points of pixel accuracy" in thrifty.summary
    # 6 steps are 3 that are read out: no spike, 1, 2 or 3
    assert "rates of 4 values" in few.summary


def test_the_shipped_presets_differ_or_say_that_they_do_not():
    found = {preset.name: preset for preset in presets(lab.cards(), NOW, ("event", "loihi"))}
    few, thrifty = found["Few steps"], found["Least energy"]
    same = few.settings == thrifty.settings
    assert ("same as few steps" in thrifty.summary) == same
    assert len({preset.settings for preset in found.values()}) == len(found) - same


def test_one_step_is_the_least():
    cards = {"one": {"settings": {"timesteps": 1}}}
    assert {p.settings.timesteps for p in by_name(cards).values()} == {1}


@pytest.mark.parametrize("index", range(4))
def test_the_shipped_models_allow_all_four_and_each_can_run(index):
    names = [item.name for item in simulation.SIMULATORS]
    found = presets(lab.cards(), NOW, names)
    assert len(found) == 4
    lab.check(found[index].settings)
