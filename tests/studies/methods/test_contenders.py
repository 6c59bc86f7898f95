"""Who takes part: from cards of models that exist and of some that may come."""

import pytest

from snnlab import conversion
from snnlab.settings import Settings
from snnlab.studies.methods import contenders as module
from snnlab.studies.methods.contenders import (
    contenders,
    convertible,
    trained_for,
    unfit,
    unfit_for_2,
)

CARDS = {
    "plain": {"settings": {"timesteps": 64, "lower_hz": 300.0, "upper_hz": 400.0}},
    "bare": {},
    "chip": {
        "settings": {
            "reset": "zero",
            "synapse_ms": 5.0,
            "timesteps": 200,
            "initial": 0.0,
            "threshold": 0.7,
        }
    },
    "pools": {"settings": {"method": "data-normalisation"}},
    "qcfs": {"settings": {"method": "qcfs", "timesteps": 8}},
    "later": {"settings": {"method": "not-there-yet"}},
}
POOLS = {name: name == "pools" for name in CARDS}
BASE = Settings(model="plain", source="isbi", section=20, threshold=0.4, seed=3)


@pytest.fixture
def found():
    return {one.key: one for one in contenders("plain", CARDS, POOLS, BASE)}


def test_what_was_trained_for_a_method_is_not_for_the_others():
    assert convertible(CARDS) == ("plain", "bare")
    assert trained_for(CARDS["chip"]) == "rate-scaling"
    assert trained_for(CARDS["qcfs"]) == "qcfs"


def test_converting_methods_have_the_same_weights_and_differ_in_the_method_alone(found):
    same = [one for one in found.values() if not one.own]
    assert {one.method for one in same} == set(module.CONVERTED)
    assert {one.model for one in same} == {"plain"}
    plain = {one.settings.replace(method="ecc", input="current") for one in same}
    assert len(plain) == 1
    settings = plain.pop()
    assert (settings.lower_hz, settings.upper_hz, settings.reset) == (900.0, 1000.0, "subtraction")


def test_trained_models_come_with_their_own_settings(found):
    own = {one.model: one for one in found.values() if one.own}
    there = {item.name for item in conversion.METHODS}
    assert set(own) == {"chip", "pools"} | ({"qcfs"} & there)
    assert (own["chip"].settings.reset, own["chip"].settings.timesteps) == ("zero", 200)
    assert own["pools"].method == "data-normalisation"


def test_all_see_the_same_section_and_each_model_has_its_threshold(found):
    for one in found.values():
        settings = one.settings
        assert (settings.source, settings.section) == ("isbi", 20)
        assert (settings.seed, settings.simulator) == (3, "event")
        assert settings.threshold == {"plain": 0.4, "chip": 0.7}.get(one.model, 0.5)


@pytest.mark.parametrize(
    ("changes", "pools", "reason"),
    [
        ({"reset": "zero"}, False, ""),
        ({"reset": "zero", "method": "data-normalisation"}, False, ""),
        ({}, False, module.SUBTRACTION),
        ({"reset": "zero", "method": "ecc"}, False, module.SUBTRACTION),
        ({"reset": "zero", "method": "qcfs"}, False, module.SUBTRACTION),
        ({"reset": "zero", "method": "bistable"}, False, module.GRADED),
        ({"reset": "zero", "method": "multi-threshold"}, False, module.GRADED),
        ({"reset": "zero", "method": "data-normalisation"}, True, module.GATES),
    ],
)
def test_what_loihi_lacks(changes, pools, reason):
    assert unfit(Settings(**changes), pools) == reason
    # Loihi 2 has both but for gates, of which nothing is known
    assert unfit_for_2(reason) == (reason if pools else "")
