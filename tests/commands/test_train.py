"""The command that trains, for a model that is to run in few timesteps."""

import json
from dataclasses import replace

import numpy as np
import pytest

from snnlab import conversion
from snnlab.commands import cli, train_one
from snnlab.data import isbi
from snnlab.data.drawn import Data
from snnlab.lab import segmenting as lab
from snnlab.nets import model
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.training import recipes
from tests import small_models


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
    monkeypatch.setattr(recipes, "finishing_data", lambda *_: few)
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
