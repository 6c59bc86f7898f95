"""A model from a visitor's sections: whole runs of tiny recipes."""

import json

import numpy as np
import pytest

from snnlab import conversion, simulation
from snnlab.errors import Cancelled, LabError
from snnlab.nets import inference, model
from snnlab.results import metrics
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.training import recipes
from snnlab.training.own import running
from snnlab.training.own.order import Order
from tests.training.own import tiny


@pytest.fixture(autouse=True, scope="module")
def plans():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "PLANS", tiny.PLANS)
        yield


@pytest.fixture(scope="module")
def whole(plans, tmp_path_factory):
    """A run that nobody stopped: the model, what was told, what was heard."""
    told, heard = [], []
    made = running.train(
        Order("regularised", "mine", steps=18), tiny.own(), tmp_path_factory.mktemp("whole"),
        lambda fraction, stage: told.append((fraction, stage)), None, heard.append,
    )  # fmt: skip
    return made, told, heard


def test_what_comes_out_is_a_model_that_was_trained_finished_and_scored(whole, tmp_path):
    made, told, heard = whole
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and told[-1][1] == "scores"
    assert any(stage.startswith("stage 1, step 1") for _, stage in told)
    assert [what.stage for what in heard] == [1, 1, 1, 1, 2, 2]
    assert [what.steps_before for what in heard] == [0] * 4 + [heard[3].entry["step"]] * 2
    assert all(what.shown.shape == (80, 160) for what in heard)

    path = model.save(made, tmp_path)
    again = model.load("mine", tmp_path)
    assert again.digest == made.digest and path.exists()
    card = json.loads(json.dumps(made.card))
    assert card["range"] == {"percentile": 99.9, "lower_hz": 75.0, "upper_hz": 150.0}
    assert card["settings"] == {
        "timesteps": 20, "lower_hz": 60.0, "percentile": 99.9, "upper_hz": 150.0,
    }  # fmt: skip
    assert [stage["steps"] for stage in card["stages"]] == [13, 5]
    assert card["data_sha256"] == tiny.own().digest and "held out" in card["validation"]

    # the scores are those of the model on what was held out, computed here once more
    (image,), (labels,) = tiny.own().for_scores()
    expected = metrics.score(inference.segment(made, image).probability, labels)
    assert card["scores"]["ann"]["v_rand"] == pytest.approx(expected.v_rand)
    settings = Settings(**card["settings"])
    network = conversion.method("rate-scaling").convert(made, image, settings)
    recording = simulation.simulator("nengo").run(network, 20)
    found = network.probability(recording, window_start(20, settings))
    expected = metrics.score(found, labels)
    assert card["scores"]["snn"]["pixel_accuracy"] == pytest.approx(expected.pixel_accuracy)
    assert 0 <= card["scores"]["in_range"]["all"] <= 1
    assert card["scores"]["in_range_of"] == "held out"
    assert card["nm"] == 0  # the files do not say
    assert card["scores"]["constant"]["pixel_accuracy"] == pytest.approx(labels.mean())


def test_it_goes_on_where_it_was_stopped_and_ends_where_it_would_have(whole, tmp_path):
    order = Order("regularised", "mine", steps=18)
    heard, steps = [], []

    def cancel():
        steps.append(1)
        return len(steps) > 17  # in the second stage

    with pytest.raises(Cancelled):
        running.train(order, tiny.own(), tmp_path, None, cancel, heard.append)
    before = json.loads(json.dumps([what.entry for what in heard]))
    again = []
    made = running.train(order, tiny.own(), tmp_path, heard=again.append)
    assert [what.entry for what in again][: len(before)] == before
    assert [what.entry["step"] for what in again] == [4, 7, 10, 13, 3, 5]
    assert {what.shown is None for what in again[: len(before)]} == {True}
    for name, levels in whole[0].levels.items():
        # TensorFlow may add up in another order
        assert np.abs(levels.astype(int) - made.levels[name]).max() <= 1


def test_another_order_is_not_mixed_with_it(tmp_path):
    running.train(Order(steps=4), tiny.own(), tmp_path)
    with pytest.raises(LabError, match="other settings; name another folder"):
        running.train(Order(steps=8), tiny.own(), tmp_path)


def test_too_little_held_out_for_tiles_is_said(tmp_path):
    own = tiny.own(height=200)
    assert own.validation[0][0].shape[0] < 64
    made = running.train(Order(steps=4, upper_hz=120.0), own, tmp_path)
    assert made.card["scores"]["in_range_of"].startswith("trained on")
    assert made.card["range"]["upper_hz"] == 120
