"""Where people's models live: a folder for all, a shelf for each visitor."""

import errno
import os
from dataclasses import replace

import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets import files as model_file
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


def a_pipe(path):
    os.mkfifo(path)


def a_folder(path):
    path.mkdir()


def nothing(path):
    path.write_bytes(b"")


def too_much(path):
    with path.open("wb") as stream:
        stream.truncate(model_store.model_file.LARGEST + 1)


def a_card_of_nonsense(path):
    model_store.save(replace(MODEL, name=path.stem))
    path.with_suffix(".json").write_bytes(b"\xff\xfe[")


def a_card_without_end(path):
    model_store.save(replace(MODEL, name=path.stem))
    path.with_suffix(".json").write_text("[" * 100_000)


def a_step_at_the_end_of_the_floats(path):
    layer = MODEL.layers[1].name
    model_store.save(replace(MODEL, name=path.stem, steps=MODEL.steps | {layer: 5e-324}))


BAD = (a_pipe, a_folder, nothing, too_much, a_card_of_nonsense, a_card_without_end,
       a_step_at_the_end_of_the_floats)  # fmt: skip


@pytest.mark.parametrize("harm", BAD, ids=lambda harm: harm.__name__)
def test_one_bad_file_is_one_sentence_and_the_other_models_are_there(folder, harm, monkeypatch):
    model_store.save(MODEL)
    harm(folder / "bad.npz")
    assert {"mine", *models.available()} == set(lab.cards())
    (sentence,) = lab.refused().values()
    assert sentence.startswith("bad.npz in the folder of models cannot be used: ")
    assert "\n" not in sentence and sentence.endswith(".")
    with pytest.raises(LabError, match="bad.npz"):
        lab.model("bad")
    # pages ask for all models each time that they are drawn: it is not read again
    monkeypatch.setattr(model_store.stored, "content", None)
    assert "bad" not in lab.cards() and set(lab.refused()) == {"bad"}
    monkeypatch.undo()
    monkeypatch.setenv("SNNLAB_MODELS", str(folder))
    # and when it is mended, it is there
    if harm is a_folder:
        (folder / "bad.npz").rmdir()
    else:
        (folder / "bad.npz").unlink()
    model_store.save(replace(MODEL, name="bad"))
    assert lab.cards().keys() == {"mine", "bad", *models.available()}
    assert lab.refused() == {}


def test_a_card_that_is_written_anew_is_read_anew(folder):
    path = model_store.save(MODEL)
    assert lab.model("mine").card["summary"] == "Mine."
    path.with_suffix(".json").write_text('{"summary": "Ours.", "settings": {}}')
    assert lab.model("mine").card["summary"] == "Ours."


def test_a_disk_that_fills_up_leaves_no_half_model(folder, monkeypatch):
    def full(stream, **arrays):
        stream.write(b"PK")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(models.np, "savez_compressed", full)
    with pytest.raises(LabError, match="no space left on device"):
        model_store.save(MODEL)
    assert not list(folder.glob("*.npz")) and not list(folder.glob("*.part"))


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


def test_the_same_model_of_a_session_that_came_back_keeps_its_name():
    shelf = model_store.Shelf()
    mine = shelf.put("before", MODEL)
    back = model_file.unpack(model_file.pack(mine), mine.name)
    assert shelf.put("after", back).name == mine.name
    # the session before ends: it is still there for the one after, and then for nobody
    shelf.drop("before")
    assert [one.name for one in shelf.of("after")] == [mine.name] and shelf.of("before") == ()
    shelf.drop("after")
    assert shelf.get(mine.name) is None
    # another one of that name gets another name
    mine = shelf.put("before", MODEL)
    other = replace(small_models.model(4), name=mine.name)
    assert shelf.put("after", other).name != mine.name


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
    with pytest.raises(LabError, match="download one and remove it"):
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
