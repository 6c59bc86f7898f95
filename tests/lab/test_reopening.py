"""A training is opened again by its id: the same order, sections and model."""

import json
import os
import time
from dataclasses import replace

import pytest

from snnlab.errors import LabError
from snnlab.lab import finetuning, reopening, training
from snnlab.lab.finetune_wish import Wish
from snnlab.nets import shelf as model_store
from snnlab.training import tuning_data
from snnlab.work import tickets
from tests import small_models
from tests.training.own import tiny

MINE = replace(
    small_models.model(6, (3, 4)), name="mine-0a1b2c", card={"name": "mine-0a1b2c", "settings": {}}
)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    return tmp_path


def test_a_training_is_the_same_again_and_finds_its_checkpoints():
    order = training.Order("regularised", "mine", steps=40, lower_hz=60.0)
    token = reopening.keep_training(order, tiny.own(), "em.png with truth.png")
    found = reopening.opened(token)
    assert found.asked == order and found.about == "em.png with truth.png" and not found.paused
    assert training.folder(found.asked, found.own) == training.folder(order, tiny.own())


def test_a_fine_tuning_too_with_the_model_that_only_its_visitor_had():
    shelf = model_store.SHELF
    mine = shelf.put("anna", MINE)
    wish = Wish(mine.name, layers=(("down1", 20.0, 30.0),), data="own")
    where = finetuning.place(wish, tuning_data.identity("own", None, tiny.own()))
    token = reopening.keep_tuning(wish, None, tiny.own(), "em.png")
    try:
        # the visitor is still there: nothing is put anywhere
        assert reopening.opened(token, None).asked == wish
        shelf.drop("anna")
        with pytest.raises(LabError, match="no model"):
            reopening.opened(token)
        found = reopening.opened(token, lambda model: shelf.put("bert", model))
        assert found.asked == wish and [m.digest for m in shelf.of("bert")] == [MINE.digest]
        assert finetuning.place(found.asked, tuning_data.identity("own", None, found.own)) == where
    finally:
        shelf.drop("bert")


def test_one_without_sections_of_its_own():
    wish = Wish("relu", data="isbi")
    found = reopening.opened(reopening.keep_tuning(wish, "/isbi", None, ""))
    assert (found.asked, found.folder, found.own) == (wish, "/isbi", None)


def test_an_id_that_is_over_opens_nothing(cache):
    token = reopening.keep_training(training.Order(), tiny.own(), "")
    reopening.tickets().drop(token)
    assert reopening.opened(token) is None and reopening.opened("nonsense") is None


@pytest.mark.parametrize(
    "change", [{"order": {"kind": "ghost"}}, {"order": {"colour": 1}}, {"own": {}}, {"own": 3}]
)
def test_what_another_version_wrote_is_said(cache, change):
    token = reopening.keep_training(training.Order(), tiny.own(), "")
    (path,) = cache.rglob("about.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(LabError):
        reopening.opened(token)


def test_checkpoints_go_after_seven_days_and_beyond_the_last_twelve(cache):
    now = time.time()
    ages = {"old": 8 * 86400} | {f"{i:02}": 60 * i for i in range(tickets.MOST + 1)}
    for kind in reopening.CHECKPOINTS:
        for name, age in ages.items():
            stage = cache / kind / name / "stage-1"
            stage.mkdir(parents=True)
            (stage / "checkpoint.npz").write_bytes(b"")
            os.utime(stage / "checkpoint.npz", (now - age, now - age))
    reopening.tidy()
    for kind in reopening.CHECKPOINTS:
        left = {path.name for path in (cache / kind).iterdir()}
        assert left == {f"{i:02}" for i in range(tickets.MOST)}
