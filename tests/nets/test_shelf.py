"""Where people's models live: a folder for all, a shelf for each visitor."""

from dataclasses import replace

import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets import model as models
from snnlab.nets import shelf as model_store
from tests import small_models

MODEL = replace(small_models.model(3), name="mine", card={"summary": "Mine.", "settings": {}})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_the_folder_is_named_or_the_users(monkeypatch, tmp_path):
    monkeypatch.delenv("SNNLAB_MODELS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert model_store.folder() == tmp_path / "snnlab" / "models"
    assert model_store.named() == ()  # nor is it there yet


def test_models_of_the_folder_are_listed_after_the_shipped_ones(folder):
    shipped = lab.models_listed()
    model_store.save(MODEL)
    assert lab.models_listed() == (*shipped, ("mine", "Mine.", ""))
    assert lab.model("mine").digest == MODEL.digest
    assert lab.defaults("mine").model == "mine"


def test_a_file_written_anew_is_read_anew(folder):
    model_store.save(MODEL)
    first = lab.model("mine")
    assert lab.model("mine") is first
    other = small_models.altered(MODEL, MODEL.layers[1].name)
    model_store.save(other)
    assert lab.model("mine").digest == other.digest != first.digest


def test_a_shipped_name_cannot_be_taken(folder):
    name = models.available()[0]
    shipped = lab.model(name).digest
    model_store.save(replace(MODEL, name=name))
    assert lab.model(name).digest == shipped
    assert model_store.named() == ()


def test_a_damaged_file_is_not_listed_and_says_so_when_named(folder):
    model_store.save(MODEL)
    (folder / "mine.npz").write_bytes(b"nothing")
    assert "mine" not in lab.cards()
    with pytest.raises(LabError, match="damaged"):
        lab.model("mine")
    (folder / "Not a Name.npz").write_bytes(b"")
    assert "Not a Name" not in model_store.named()


def test_a_folder_that_cannot_be_written_is_one_sentence(folder):
    folder.write_text("a file")
    with pytest.raises(LabError, match="cannot be written to"):
        model_store.save(MODEL)


def test_a_model_that_was_taken_away_comes_back_under_its_name():
    shelf = model_store.Shelf()
    first = shelf.put("anna", MODEL)
    # while it is still there, another one cannot have its name
    assert shelf.put("anna", first).name != first.name
    shelf.drop("anna")
    assert shelf.put("anna", first).name == first.name
    # nor is a name taken that lists cannot hold
    odd = shelf.put("ben", replace(MODEL, name="x" * 50 + "-0a1b2c")).name
    assert model_store.check_name(odd) and odd != "x" * 50 + "-0a1b2c"


def test_a_visitors_models_are_in_nobody_elses_list():
    shelf = model_store.Shelf()
    one = shelf.put("anna", MODEL)
    again = shelf.put("anna", MODEL)
    other = shelf.put("ben", MODEL)
    assert len({one.name, again.name, other.name}) == 3
    assert one.card["name"] == one.name and one.name.startswith("mine-")
    assert [model.name for model in shelf.of("anna")] == [one.name, again.name]
    assert [model.name for model in shelf.of("ben")] == [other.name]
    shelf.drop("ben", one.name)  # not his
    assert shelf.get(one.name) is one
    shelf.drop("anna", one.name)
    assert shelf.get(one.name) is None and shelf.get(again.name) is again
    shelf.drop("anna")
    assert shelf.of("anna") == () and shelf.of("ben") == (other,)


def test_a_shelf_is_not_endless_and_names_are_made_fit():
    shelf = model_store.Shelf()
    for _ in range(model_store.MOST):
        made = shelf.put("anna", replace(MODEL, name="A ../Strange/ NAME" + "x" * 60))
        model_store.check_name(made.name)
    with pytest.raises(LabError, match="download and remove one"):
        shelf.put("anna", MODEL)
    shelf.put("ben", MODEL)


def test_a_model_on_the_shelf_is_the_labs_by_name_and_in_no_list():
    made = model_store.SHELF.put("anna", MODEL)
    try:
        assert lab.model(made.name) is made
        assert made.name not in [name for name, _, _ in lab.models_listed()]
    finally:
        model_store.SHELF.drop("anna")
    with pytest.raises(LabError, match="no model"):
        lab.model(made.name)


@pytest.mark.parametrize("name", ["", "Ä", "a/b", "..", "a" * 41, "A"])
def test_names_that_no_list_can_hold_are_refused(name):
    with pytest.raises(LabError, match="small letters, digits and hyphens"):
        model_store.check_name(name)
