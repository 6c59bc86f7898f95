"""Names that are there are found; others are refused with the list of those that are."""

import sys
import types
from dataclasses import dataclass

import pytest

from snnlab import conversion, simulation
from snnlab.commands import cli
from snnlab.conversion import rate_scaling
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.registry import named
from snnlab.simulation import nengo_reference
from tests import small_models


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


def one_file(monkeypatch, name: str, function: str, does) -> str:
    """A module of somebody's own, as a file of that name would be."""
    module = types.ModuleType(name)
    setattr(module, function, does)
    monkeypatch.setitem(sys.modules, name, module)
    return name


def test_a_new_method_and_a_new_simulator_are_one_file_and_one_line_each(monkeypatch, capsys):
    """Registered, each is listed, run, and named in the result like those that came first."""
    called = []

    def convert(model, image, settings):
        called.append("method")
        return rate_scaling.convert(model, image, settings)

    def run(network, timesteps, seed, progress, cancel):
        called.append("simulator")
        return nengo_reference.run(network, timesteps, seed, progress, cancel)

    place = one_file(monkeypatch, "mine_method", "convert", convert)
    method = conversion.Method(
        "mine", "A method.", "None.", place, "None.", "None.", percentile=True, bounds=True
    )
    simulator = simulation.SimulatorEntry(
        "my-simulator", "One of mine.", "Fast.", one_file(monkeypatch, "mine_simulator", "run", run)
    )
    monkeypatch.setattr(conversion, "METHODS", (*conversion.METHODS, method))
    monkeypatch.setattr(simulation, "SIMULATORS", (*simulation.SIMULATORS, simulator))
    monkeypatch.setattr(lab, "model", lambda name: small_models.model())
    for kind in ("methods", "simulators"):
        assert cli.main([kind]) == 0
    listed = capsys.readouterr().out
    assert "mine" in listed and "my-simulator" in listed
    settings = lab.Settings(method="mine", simulator="my-simulator", timesteps=8)
    lab.check(settings)
    picture = lab.replace(lab.sample(0), pixels=small_models.image(32), labels=None)
    found = lab.segment(picture, settings)
    assert called == ["method", "simulator"]
    assert found.settings.method == "mine" and found.recording.timesteps == 8
