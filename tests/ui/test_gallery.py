"""Each address of the gallery opens in the lab what the gallery says, and its numbers hold."""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image

from snnlab import conversion, simulation
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench
from tests.ui.conftest import PAGES
from tools import make_gallery
from tools.make_gallery import RUNS

NUMBERS = json.loads(make_gallery.NUMBERS.read_text("utf-8"))
TEXT = make_gallery.PAGE.read_text("utf-8")


def test_the_page_is_made_of_the_runs():
    assert make_gallery.page(NUMBERS) == TEXT, "run python -m tools.make_gallery --text"
    assert list(NUMBERS) == [run.name for run in RUNS] and len(RUNS) == 10
    assert [one["address"] for one in NUMBERS.values()] == [run.address for run in RUNS]


def test_pictures_are_there_and_small():
    files = [make_gallery.FOLDER / f"{run.name}.webp" for run in RUNS]
    assert sum(file.stat().st_size for file in files) < 600_000
    for file in files:
        with Image.open(file) as picture:
            assert picture.width == make_gallery.WIDTH


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_an_address_says_what_the_gallery_does(run):
    found = {urlsplit(one) for one in re.findall(r"\]\((http://[^)]+)\)", TEXT)}
    there = [one for one in found if one.path[1:] + "?" + one.query == run.address]
    assert len(there) == 1
    query = dict(parse_qsl(there[0].query))
    known = {
        "model": tuple(lab.cards()),
        "method": tuple(item.name for item in conversion.METHODS),
        "simulator": tuple(item.name for item in simulation.SIMULATORS),
    }
    settings, complaints = Settings.from_query(query, known, lab.defaults)
    assert complaints == [] and settings == run.settings
    for field, value in run.changes.items():
        assert getattr(settings, field) == value
    assert f"pages/{run.page or 'segment'}.py" in PAGES
    for name, text in run.more:
        assert bench.BESIDE[name][0].fullmatch(text)


@pytest.mark.parametrize("name", ["sixteen-steps", "loihi"])
def test_the_lab_opens_it(app, name):
    (run,) = (one for one in RUNS if one.name == name)
    for key, value in parse_qsl(run.address.partition("?")[2]):
        app.query_params[key] = value
    app.run()
    assert not app.exception and app.session_state["settings"] == run.settings


def test_numbers_are_those_of_a_run():
    made, kept = make_gallery.measured(RUNS[0]), NUMBERS[RUNS[0].name]
    assert made["snn"] == pytest.approx(kept["snn"], abs=0.002)
    assert made["ann"] == pytest.approx(kept["ann"], abs=0.002)
    assert made["spikes"] == pytest.approx(kept["spikes"], rel=0.01)
    lab.forget_all()
