"""Pages of a run that counted spikes and knows no times: each says what it cannot show."""

import functools

import pytest

from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.ui.learn.texts import LESSONS
from snnlab.ui.shared import bench, words
from tests.ui import steps
from tests.ui.conftest import PAGES

NOTHING = "There is nothing to show here"
# how often a page says so: once in place of all, or of one figure
TIMED = {"spike", "few", "reset", "energy"}  # lessons that follow spikes in time
SAYS = {"pages/spikes.py": 1, "pages/energy.py": 1, "pages/rates.py": 1}


@functools.cache
def counted():
    settings = lab.defaults("relu").replace(method="ecc", simulator="closed-form", timesteps=8)
    return lab.segment(lab.sample(0), settings)


@pytest.fixture(autouse=True)
def first(monkeypatch):
    """The run is what the lab opens with, whatever an earlier test opened it with."""
    monkeypatch.setattr(lab, "default_result", counted)
    for kept in (bench._first, bench._first_summary):
        kept.clear()
    yield
    for kept in (bench._first, bench._first_summary):
        kept.clear()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_draws_counts_or_says_what_it_lacks(app, name):
    app.run()
    app.switch_page(name).run()
    assert not app.exception
    assert not app.error
    said = [item.value for item in app.info if NOTHING in item.value]
    assert len(said) == SAYS.get(name, 0)
    assert all("choose another simulator" in text.lower() for text in said)
    # the detector's own run has times, and its page tells of that one
    told = "detector *mitochondria*" if name == "pages/objects.py" else "simulator *closed-form*"
    assert told in app.caption[0].value
    if name == "pages/rates.py":
        assert "Counts of the closed form over all 8 steps" in steps.said(app)
    if name == "pages/segment.py":
        labels = [item.label for item in app.get("download_button")]
        assert not any(label.startswith("Spikes") for label in labels)


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_every_lesson_draws_counts_or_says_what_it_lacks(app, lesson):
    app.run()
    app.session_state["lesson"] = lesson.key
    app.switch_page("pages/learn.py").run()
    assert not app.exception
    assert not app.error
    assert steps.said(app).count(NOTHING) == (lesson.key in TIMED)
    assert ("choose another simulator" in steps.said(app).lower()) == (lesson.key in TIMED)


def test_rates_are_said_to_be_of_all_steps():
    assert "8 steps" in words.rates_counted(counted())


def test_energy_asks_for_a_simulator():
    from snnlab.errors import LabError

    with pytest.raises(LabError, match="choose another simulator"):
        lab_energy.work_of(counted())
