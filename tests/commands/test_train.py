"""The command that trains, for a model that is to run in few timesteps."""

import json
from dataclasses import replace

import numpy as np
import pytest

from snnlab import conversion
from snnlab.commands import cli, train, train_one, train_several
from snnlab.data import epfl, isbi
from snnlab.data.drawn import Data
from snnlab.lab import segmenting as lab
from snnlab.nets import model
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.training import recipes
from snnlab.training.recipe import Recipe
from tests import small_models
from tests.data.test_epfl import made


@pytest.mark.parametrize("name", ["qcfs", "surrogate"])
def test_a_model_for_few_steps_is_shipped_with_its_method(name, monkeypatch, tmp_path, capsys):
    plan = recipes.PLANS[name]
    small = replace(
        plan.stages[-1], side=64, batch=1, widths=(3, 4), encoder=2, validate_every=0.5,
        validated=(4,),
    )  # fmt: skip
    monkeypatch.setitem(recipes.PLANS, name, replace(plan, stages=(small,), data="synthetic"))
    monkeypatch.setattr(recipes, "SECTIONS", 2)
    section = recipes.normalise(recipes.synthetic(128, 900).image)[None]
    few = section, section > 0.4
    monkeypatch.setattr(recipes, "held_out", lambda seeds=(): few)
    monkeypatch.setattr(recipes, "finishing", lambda *_: few)
    monkeypatch.setattr(recipes, "choice", lambda *_: few)
    monkeypatch.setattr(lab, "model", lambda wanted: small_models.untuned(5, (3, 4)))
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    code = cli.main(["train", "--model", name, "--steps", "4", "--out", str(tmp_path), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(answer["snn_by_timesteps"]) == ["4", "8", "16", "32"]
    trained = model.load(name, tmp_path)
    steps = plan.settings["timesteps"]
    assert trained.card["scores"]["snn"] == answer["snn_by_timesteps"][str(steps)]
    assert trained.card["stages"][0]["recipe"]["timesteps"] == small.timesteps
    # and the lab runs it as the card says
    settings = Settings(**(trained.card["settings"] | {"model": name}))
    assert (settings.method, settings.timesteps) == (name, steps)
    image = small_models.image(32)
    network = conversion.method(settings.method).convert(trained, image, settings)
    assert network.probability(event.run(network, steps, threads=1)).shape == image.shape


@pytest.fixture
def travels(monkeypatch, tmp_path):
    """The recipe that leaves EPFL out, made small, on synthetic sections; no folder is named."""
    for variable in (isbi.VARIABLE, epfl.VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    small = Recipe(side=64, batch=1, widths=(3, 4), encoder=2, validate_every=0.5)
    plan = replace(recipes.PLANS["without-epfl"], stages=(small,))
    monkeypatch.setitem(recipes.PLANS, plan.data, plan)
    section = recipes.normalise(recipes.synthetic(128, 900).image)
    few = section[None], section[None] > 0.4
    name = f"{isbi.named(isbi.TRAINING)}; {recipes.SECTIONS} synthetic sections"
    data = Data(lambda random: (section, section > 0.4), *few, name)
    monkeypatch.setattr(recipes, "data", lambda *_: data)
    monkeypatch.setattr(recipes, "held_out", lambda seeds=(): few)
    monkeypatch.setattr(recipes, "finishing", lambda *_: few)
    monkeypatch.setattr(recipes, "choice", lambda *_: few)
    return ["train", "--model", plan.data, "--steps", "4", "--out", str(tmp_path / "out")]


def test_what_travels_is_scored_elsewhere_where_there_is_the_folder(
    travels, monkeypatch, tmp_path, capsys
):
    # without it nothing is lost but those scores
    assert cli.main([*travels, "--json"]) == 0
    assert "elsewhere" not in json.loads(capsys.readouterr().out)
    card = model.load("without-epfl", tmp_path / "out").card
    assert card["scores"]["snn"]
    kinds = card["familiarity"], *card["familiarity"]["others"]  # each set by itself
    assert [kind["of"].split()[0] for kind in kinds] == ["ISBI", "synthetic,"]
    assert (card["finest_nm"], card["coarsest_nm"]) == (2.5, 8.0)
    random = np.random.default_rng(1)
    grey, labels = random.integers(0, 256, (2, 4, 64, 80)).astype(np.uint8)
    folder = made(tmp_path / "epfl", grey, 255 * (labels > 50).astype(np.uint8))
    assert cli.main([*travels, "--epfl", str(folder), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer["elsewhere"]) == [epfl.named(epfl.REPORT)]
    assert 0 < answer["elsewhere"][epfl.named(epfl.REPORT)]["snn"]["pixel_accuracy"] < 1
    assert f"SNN on {epfl.named(epfl.REPORT)}: pixel_accuracy" in train.show(answer)


@pytest.mark.parametrize("option", ["--data", "--epfl"])
def test_a_folder_that_is_not_there_is_said_before_training(travels, option, tmp_path, capsys):
    assert cli.main([*travels, option, str(tmp_path / "none")]) == 2
    assert "none cannot be read; name an existing folder." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_other_processes_are_told_whole_paths(tmp_path, monkeypatch):
    random = np.random.default_rng(1)
    grey = random.integers(0, 256, (4, 64, 80)).astype(np.uint8)
    made(tmp_path / "epfl", grey, 255 * (grey > 50).astype(np.uint8))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(isbi.VARIABLE, raising=False)
    asked = cli.parser().parse_args(
        ["train", "--models", "generalist", "--epfl", "epfl", "--out", "out"]
    )
    sent = train_several._portable(asked, "generalist")
    assert sent.epfl == str(tmp_path / "epfl")
    assert sent.data is None


def test_a_start_is_taken_from_the_folder_that_is_trained_into(monkeypatch, tmp_path, caplog):
    plan = recipes.PLANS["regularised"]
    nothing = np.zeros((0, 16, 16))
    data = Data(None, nothing, nothing, isbi.named(isbi.TRAINING))
    old = model.with_card(small_models.untuned(5, (3, 4)), data="ISBI 2012 sections 0..17")
    monkeypatch.setattr(lab, "model", lambda wanted: old)
    assert train_one._start(plan, data, tmp_path) is old
    assert "trained on ISBI 2012 sections 0..17, and not on" in caplog.text
    caplog.clear()
    new = replace(small_models.untuned(6, (3, 4)), name="relu", card={"data": data.name})
    model.save(new, tmp_path)
    found = train_one._start(plan, data, tmp_path)
    assert found.digest == new.digest and not caplog.text
    assert "0..14" in train_one._told(found)
    # what starts from random weights starts from none
    assert train_one._start(recipes.PLANS["relu"], data, tmp_path) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "relu"], "--kind classes makes organelles; leave --model out."),
        (["--images", "a.tif"], "--images does not go with --kind classes; leave it out."),
        (["--models", "relu,qcfs"], "--models does not go with --kind classes; leave it out."),
    ],
)
def test_classes_are_of_one_model_and_its_own_sections(words, said, tmp_path, capsys):
    assert cli.main(["train", "--kind", "classes", "--out", str(tmp_path), *words]) == 2
    assert said in capsys.readouterr().err


def test_classes_are_trained_from_one_end_to_the_other(monkeypatch, tmp_path, capsys):
    plan = recipes.PLANS[recipes.CLASSES]
    small = replace(plan.stages[0], side=32, batch=1, widths=(3, 4), encoder=2, validate_every=0.5)
    changed = replace(plan, stages=(small,))
    monkeypatch.setitem(recipes.PLANS, recipes.CLASSES, changed)
    few = np.stack([small_models.image(64)]), np.stack([small_models.image(64) > 0.4])
    kinds = np.where(few[1], 1, 0).astype(np.int8)
    kinds[:, :20, :20] = 2
    data = Data(lambda random: (few[0][0], kinds[0]), few[0], kinds, "ISBI 2012 sections 0..14")
    monkeypatch.setattr(recipes, "data", lambda *_: data)
    monkeypatch.setattr(recipes, "finishing", lambda *_: few)
    monkeypatch.setattr(recipes, "choice", lambda *_: few)
    monkeypatch.setattr(recipes, "held_out", lambda seeds=(): few)
    monkeypatch.setattr(lab, "model", lambda wanted: small_models.untuned(5, (3, 4)))
    monkeypatch.setattr(isbi, "find", lambda folder: None)
    monkeypatch.setattr(epfl, "find", lambda folder, data=None: None)
    words = ["train", "--kind", "classes", "--steps", "4", "--out", str(tmp_path), "--json"]
    assert cli.main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["model"] == "organelles" and answer["ann"]["pixel_accuracy"] > 0
    found = model.load("organelles", tmp_path)
    assert found.layers[-1].channels == 3 and found.card["summary"] == plan.summary
    (stage,) = found.card["stages"]
    assert all(0 <= one["mitochondria_dice"] <= 1 for one in stage["history"])
