"""Models by name: lists of any number of them are read once, weights kept while they fit."""

import json
from dataclasses import replace

import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab import trials
from snnlab.nets import library, shelf
from snnlab.nets import model as models
from tests import small_models

MODEL = replace(small_models.model(3), name="mine", card={"summary": "Mine.", "settings": {}})
MANY = 30


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path))
    return tmp_path


@pytest.fixture
def reads(monkeypatch):
    """Names of the models whose files were read since."""
    found, of_folder, shipped = [], shelf.load, models.load
    monkeypatch.setattr(shelf, "load", lambda name: found.append(name) or of_folder(name))
    monkeypatch.setattr(models, "load", lambda name: found.append(name) or shipped(name))
    return found


def fill(count=MANY):
    for index in range(count):
        shelf.save(replace(MODEL, name=f"own-{index:02d}", card={"summary": f"Number {index}."}))


def test_what_pages_ask_each_time_they_are_drawn_reads_no_file_again(folder, reads):
    fill()
    # more models than fit, which were all read anew at each draw
    own = library.Library(room=2 * MODEL.nbytes)
    shipped = len(models.available())
    first = own.all()
    assert len(first) == shipped + MANY and first["own-07"].card["summary"] == "Number 7."
    assert sorted(reads) == sorted(first)
    reads.clear()
    assert own.all() == first
    assert all(own.about(name) is known for name, known in first.items())
    assert reads == []


def test_a_page_with_many_own_models_reads_none_of_them_twice(folder, reads):
    fill()
    library.LIBRARY.clear()
    listed = lab.models_listed()
    assert len(listed) > MANY
    reads.clear()
    picture, base = lab.sample(0), lab.defaults("regularised")
    for _ in range(2):
        lab.cards(), lab.models_listed()
        assert trials.trials_known(picture, base) is None
        assert [lab.defaults(name).model for name, _, _ in listed]
    assert reads == []


def test_what_is_known_of_a_model_is_what_it_is():
    one = library.Library().about("relu")
    whole = models.load("relu")
    assert (one.card, one.layers, one.digest) == (whole.card, whole.layers, whole.digest)


def test_weights_are_kept_while_there_is_room_those_asked_for_last(folder, reads):
    fill(4)
    own = library.Library(room=int(2.5 * MODEL.nbytes))
    for name in ("own-00", "own-01", "own-00", "own-02", "own-00"):
        own.model(name)
    assert reads == ["own-00", "own-01", "own-02"]
    own.model("own-01")
    assert reads[3:] == ["own-01"]
    narrow = library.Library(room=1)  # less than one: the one in use stays
    assert narrow.model("own-03") is narrow.model("own-03")


def test_memory_is_counted_with_what_is_computed_from_the_weights():
    made = small_models.untuned(5)
    least = sum(
        values.nbytes
        for part in (made.levels, made.kernels, made.biases, made.floats)
        for values in part.values()
    )
    assert made.nbytes == least
    assert 20 * models.load("regularised").nbytes < library.ROOM


def test_weights_or_a_card_written_anew_are_read_anew(folder):
    shelf.save(MODEL)
    own = library.Library()
    assert own.all()["mine"].digest == MODEL.digest
    other = small_models.altered(MODEL, MODEL.layers[1].name)
    shelf.save(other)
    assert own.all()["mine"].digest == own.model("mine").digest == other.digest
    (folder / "mine.json").write_text(json.dumps({"summary": "Another one, of other length."}))
    assert own.all()["mine"].card["summary"] == "Another one, of other length."
    (folder / "mine.npz").unlink()
    assert "mine" not in own.all()
    with pytest.raises(LabError, match="no model 'mine'"):
        own.about("mine")


def test_a_damaged_one_is_in_no_list_and_says_so_when_it_is_named(folder):
    fill(2)
    (folder / "own-00.npz").write_bytes(b"nothing")
    own = library.Library()
    assert {"own-00", "own-01"} & set(own.all()) == {"own-01"}
    for ask in (own.about, own.model):
        with pytest.raises(LabError, match="damaged"):
            ask("own-00")


def test_a_visitors_own_is_known_too():
    made = shelf.SHELF.put("anna", MODEL)
    try:
        known = lab.about(made.name)
        assert (known.card, known.digest) == (made.card, made.digest)
        assert lab.defaults(made.name).model == made.name
    finally:
        shelf.SHELF.drop("anna")
