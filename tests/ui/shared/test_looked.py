"""Pages follow the visitor to the part of a large image that was chosen, and compute it once."""

from collections import OrderedDict

import numpy as np
import pytest

from snnlab.images.pictures import Picture
from snnlab.lab import looking, parts
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench, chosen, looked, views
from tests import small_models

MODEL = small_models.model(6)
SETTINGS = Settings(model="small", timesteps=12)


@pytest.fixture
def large(monkeypatch):
    """A large result on the page, a session's state, and the places that were looked into."""
    monkeypatch.setattr(lab, "model", lambda name: MODEL)
    for name in ("_results", "_ann"):
        monkeypatch.setattr(lab, name, OrderedDict())
    monkeypatch.setattr(parts, "WHOLE", 1000)
    monkeypatch.setattr(parts, "REGION", 32)
    pixels = small_models.image(96, 80)
    result = lab.segment(Picture(pixels, None, "p", 0, 1, "f" * 64), SETTINGS)
    state, places, computed = {"settings": SETTINGS}, [], []
    monkeypatch.setattr(looked.st, "session_state", state)
    monkeypatch.setattr(bench, "shown", lambda: state["shown"])
    monkeypatch.setattr(chosen, "chosen", lambda _: tuple(places))
    plain = looking.at
    monkeypatch.setattr(looking, "at", lambda *given: computed.append(given[1]) or plain(*given))
    state["shown"] = result
    return state, places, computed


def test_the_part_follows_the_chosen_place_and_stays(large):
    state, places, computed = large
    first = state["shown"]
    assert looked.shown() is first and not looked.leads_away(first)
    places[:] = [(2, 70), (50, 50)]
    assert looked.leads_away(first)
    moved = looked.shown()
    assert looking.holds(moved, (2, 70)) and not looked.leads_away(moved)
    assert looked.shown() is moved and computed == [(2, 70)]
    places[:] = [(5, 66)]  # in the same part
    assert looked.shown() is moved
    places.clear()  # nothing is chosen any more: the part stays
    assert looked.shown() is moved and computed == [(2, 70)]


def test_the_ann_of_the_part_is_computed_for_pages_that_show_it(large):
    _, places, computed = large
    places[:] = [(2, 70)]
    assert looked.shown().sampled == {}
    sampled = looked.shown(with_ann=True)
    assert set(sampled.sampled) == {stats.name for stats in sampled.layers}
    assert looked.shown() is sampled and len(computed) == 1


def test_another_run_begins_in_its_middle(large):
    state, places, _ = large
    places[:] = [(2, 70)]
    looked.shown()
    places.clear()
    state["shown"] = other = lab.segment(state["shown"].picture, SETTINGS.replace(timesteps=13))
    assert looked.shown() is other


def test_what_was_worked_out_of_one_part_is_not_shown_of_another(large):
    _, places, _ = large
    counted = []
    for place in ((2, 70), (90, 3), (2, 70)):
        places[:] = [place]
        result = looked.shown()
        name = result.layers[0].name
        total = views.of(result, "test/total", lambda r=result, n=name: r.recording[n].total())
        assert total == result.recording[name].total()
        counted.append(total)
        views.of(result, "test/once", lambda p=place: p, everywhere=True)
    assert counted[0] == counted[2] != counted[1]
    assert views.of(result, "test/once", lambda: None, everywhere=True) == (2, 70)


def test_a_run_that_can_be_looked_into_in_one_part_stays_there(large):
    state, places, computed = large
    picture = state["shown"].picture
    state["shown"] = result = lab.segment(picture, SETTINGS.replace(simulator="nengo", timesteps=3))
    places[:] = [(2, 70)]
    assert looked.shown() is result and not looked.leads_away(result)
    assert computed == [] and np.all(np.array(result.region[2:]) == 32)
