"""Fine-tuning by its front door: wishes, runs, results that can be loaded."""

import os
import time
from dataclasses import replace

import numpy as np
import pytest

from snnlab.data.seen import Section, mark, shares
from snnlab.errors import Cancelled, LabError
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.lab.finetuning import Live, Wish
from snnlab.nets import files as model_file
from snnlab.settings import Settings
from snnlab.training import checkpoints, tuning_data
from snnlab.work import tickets
from tests import small_models
from tests.training.test_finetuning import data, section, training

BEGAN = "ISBI 2012 sections 0..14"
START = replace(small_models.model(6, (3, 4)), name="small", card={"settings": {}, "data": BEGAN})
SEEN = Section(mark("a" * 64), 0, 0.75)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """A small model by name, and a cache of its own."""
    plain = lab.model
    monkeypatch.setattr(lab, "model", lambda name: START if name == "small" else plain(name))
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path / "cache"))


def sections():
    images, labels = zip(*[section(20 + seed) for seed in range(2)], strict=True)
    held = np.stack(images), np.stack(labels)
    return tuning_data.Material(data(), training(), held, "two sections", "tiny", 64, seen=(SEEN,))


def wish(**changes):
    return Wish(**{"model": "small", "percentile": 99, "lower_hz": 200, "upper_hz": 400,
                   "steps": 6} | changes)  # fmt: skip


def test_a_run_gives_a_model_with_a_card_that_can_be_taken_away_and_loaded():
    live = Live(lab.sample(0).normalised)
    told = []
    tuned = lab_finetune.run(
        wish(), sections(), live, progress=lambda share, stage: told.append(share)
    )
    assert told == sorted(told) and told[0] == 0
    card = tuned.model.card
    assert tuned.model.name == card["name"] == "small-200-400"
    assert card["range"] == {"percentile": 99, "lower_hz": 200, "upper_hz": 400}
    assert card["scores"]["in_range"] == {k: tuned.after["in_range"][k] for k in ("section", "all")}
    assert card["steps"] == 6 and card["starts_from"].startswith("small")
    Settings(**card["settings"])
    assert tuned.after["in_range"]["all"] > tuned.before["in_range"]["all"]
    assert [entry["step"] for entry in live.entries] == [0, 0, 1, 2, 3, 4, 5, 6]
    start, now = live.previews
    assert start.shape == now.shape == live.shown.shape == (256, 256)
    assert np.abs(now - start).max() > 0
    found = model_file.unpack(model_file.pack(tuned.model), "again")
    assert found.digest == tuned.model.digest and found.card["range"] == card["range"]
    # what it was trained on goes with it, and what its start was
    assert shares(found.card, "upload", "a" * 64 + "  0") == (0.75, 0.0)
    assert shares(found.card, "isbi", "  14") == (0.0, 1.0)
    assert lab_finetune.packed(tuned.model) == model_file.pack(tuned.model)


def test_a_run_that_was_stopped_goes_on_and_tells_what_was():
    calls = []

    def cancel():
        calls.append(None)
        return len(calls) > 3

    with pytest.raises(Cancelled):
        lab_finetune.run(wish(), sections(), cancel=cancel)
    live = Live(lab.sample(0).normalised)
    tuned = lab_finetune.run(wish(), sections(), live)
    assert [entry["step"] for entry in live.entries] == [0, 0, 1, 2, 3, 4, 5, 6]
    assert tuned.model.card["steps"] == 6
    # known already: nothing is trained
    again = lab_finetune.run(wish(), sections(), Live())
    assert again.model.digest == tuned.model.digest
    where = lab_finetune.place(wish(), "tiny")
    assert live.place == where and where.exists()
    lab_finetune.forget(where)
    assert not where.exists()


def test_another_wish_or_other_data_are_another_run():
    own = sections()
    places = {
        lab_finetune.place(asked, one.identity)
        for asked in (wish(), wish(seed=1), wish(layers=(("down1", 20.0, 30.0),)))
        for one in (own, replace(own, identity="other"))
    }
    assert len(places) == 6


def test_checkpoints_do_not_pile_up(tmp_path):
    now = time.time()
    made = [tmp_path / "runs" / f"{age:02}" for age in range(tickets.MOST + 2)]
    for age, path in enumerate(made):
        path.mkdir(parents=True)
        (path / checkpoints.NAME).write_bytes(b"")
        os.utime(path / checkpoints.NAME, (now - age, now - age))
    lab_finetune._prune(tmp_path / "runs")
    assert [path.exists() for path in made] == tickets.MOST * [True] + 2 * [False]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "ghost"}, "no model 'ghost'"),
        ({"lower_hz": 500}, "lower"),
        ({"percentile": 20}, "percentile"),
        ({"curve": "tanh"}, "no rate curve"),
        ({"bits": 9}, "2 to 8 bits"),
        ({"minutes": 0}, "above 0"),
        ({"minutes": float("nan")}, "above 0"),
        ({"weight": -1}, "from 0 to 1000"),
        ({"steps": 0}, "from 1 to"),
        ({"data": "cats"}, "no data"),
        ({"layers": (("nose", 1.0, 2.0),)}, "no layer 'nose'"),
        ({"layers": (("down1", 3.0, 2.0),)}, "bounds of down1"),
        ({"layers": (("down1", 1.0, 2.0), ("down1", 1.0, 3.0))}, "once"),
    ],
)
def test_a_wish_that_makes_no_sense_is_one_sentence(changes, words):
    with pytest.raises(LabError, match=words):
        wish(**changes)


def test_settings_suit_the_band():
    slow, fast = wish(lower_hz=75, upper_hz=150), wish(lower_hz=800, upper_hz=999)
    assert slow.settings["timesteps"] == 200 and slow.settings["synapse_ms"] == 5
    assert fast.settings["timesteps"] == 64 and fast.settings["synapse_ms"] == 0
    own = wish(layers=(("down1", 20.0, 30.0),))
    assert own.settings["lower_hz"] == 20 and own.settings["upper_hz"] == 400
    slower = wish(lower_hz=30, upper_hz=60).settings
    assert (slower["timesteps"], slower["synapse_ms"]) == (500, 10)
    # a reset to zero wants a synapse at any rate
    loihi = wish(curve="loihi", lower_hz=100, upper_hz=400).settings
    assert (loihi["reset"], loihi["timesteps"], loihi["synapse_ms"]) == ("zero", 200, 5)
    for asked in (slow, fast, own, wish(lower_hz=1, upper_hz=2)):
        Settings(**asked.settings)


def test_how_far_an_earlier_run_came_is_known_without_its_data():
    asked = wish(data="synthetic")
    assert lab_finetune.begun(asked) == 0
    made = replace(sections(), identity=tuning_data.identity("synthetic"))
    calls = []
    with pytest.raises(Cancelled):
        lab_finetune.run(asked, made, cancel=lambda: calls.append(0) or len(calls) > 3)
    assert lab_finetune.begun(asked) == pytest.approx(0.5)
    assert lab_finetune.begun(wish(seed=4)) == 0
    with pytest.raises(LabError, match="images with their labels"):
        lab_finetune.begun(wish(data="own"))


def test_data_has_to_be_there(tmp_path):
    with pytest.raises(LabError, match="images with their labels"):
        lab_finetune.material(wish(data="own"))
    with pytest.raises(LabError):
        lab_finetune.material(wish(data="isbi"), str(tmp_path / "none"))
    made = lab_finetune.material(wish())
    assert made.data.images.shape[0] == 3 and len(made.held_out[0]) == 4
    image, labels = made.data.draw(np.random.default_rng(0))
    assert image.shape == labels.shape == (256, 256)


def test_real_sections_that_are_judged_by_are_not_trained_on(isbi_folder):
    from snnlab.training import recipes

    made = lab_finetune.material(wish(data="isbi"), str(isbi_folder))
    held, _ = recipes.real(str(isbi_folder), range(18, 24))
    np.testing.assert_array_equal(made.held_out[0], held)
    random = np.random.default_rng(0)
    for _ in range(30):
        image, _ = made.data.draw(random)
        assert not any(np.array_equal(image, one) for one in held)
