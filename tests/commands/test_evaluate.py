"""The rate bounds that ``evaluate`` reports."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from snnlab.commands import evaluate
from snnlab.lab import segmenting as lab
from snnlab.training import ranging
from snnlab.training.regulariser import RateRange
from tests import small_models

BOUNDS = {"percentile": 90.0, "lower_hz": 20.0, "upper_hz": 120.0}


def test_neurons_are_held_against_the_range_in_the_card(monkeypatch):
    models = {
        "bound": replace(small_models.model(), card={"range": BOUNDS}),
        "free": replace(small_models.model(), card={"range": None}),
        "without a card": small_models.model(),
    }
    monkeypatch.setattr(lab, "model", models.get)
    images = [small_models.image(64, seed=seed) for seed in (2, 3)]
    pictures = [SimpleNamespace(normalised=image) for image in images]
    (found,) = evaluate._range("bound", pictures)
    assert found["share"] == ranging.kept(models["bound"], np.stack(images), RateRange(**BOUNDS))
    assert 0 < found["share"]["all"] < 1
    assert evaluate._range("free", pictures) == evaluate._range("without a card", pictures) == []

    text = evaluate.show({"rows": [], "in_range": [found]})
    assert f"{100 * found['share']['section']:.2f} % of the neurons" in text
    assert "20..120 Hz" in text
