"""Names that are there are found; others are refused with the list of those that are."""

from dataclasses import dataclass

import pytest

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.registry import named


@dataclass(frozen=True)
class Thing:
    name: str


THINGS = (Thing("one"), Thing("two"))


def test_finds_by_name():
    assert named(THINGS, "two", "thing") is THINGS[1]
    assert named(iter(THINGS), "one", "thing") is THINGS[0]


@pytest.mark.parametrize("name", ["three", "", "One", "../one"])
def test_says_what_there_is(name):
    with pytest.raises(LabError, match="no thing .*choose one of one, two"):
        named(THINGS, name, "thing")


@pytest.mark.parametrize(
    ("items", "find"),
    [(conversion.METHODS, conversion.method), (simulation.SIMULATORS, simulation.simulator)],
)
def test_every_listed_name_is_found_and_names_differ(items, find):
    assert [find(item.name) for item in items] == list(items)
    assert len({item.name for item in items}) == len(items)
