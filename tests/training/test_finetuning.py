"""Fine-tuning of a tiny net: rates really move, and a stopped run is the one never stopped."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from snnlab.data.drawn import Data
from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled
from snnlab.images.contrast import normalise
from snnlab.nets import inference
from snnlab.training import checkpoints, ranging, resuming
from snnlab.training.finetuning import Finetuner, recipe_for
from snnlab.training.regulariser import RateRange
from tests import small_models

START = small_models.untuned(5, (3, 4))
BAND = RateRange(300, 420, 99, weight=1e-4, encoder_weight=1e-3, margin=0.1)
SHORT = replace(recipe_for(START, BAND, steps=8, side=64), validate_every=0.25)


@cache
def section(seed):
    made = synthetic(96, seed)
    return normalise(made.image), made.labels


def draw(random):
    return section(int(random.integers(4)))


@cache
def data():
    images, labels = zip(*[section(10 + seed) for seed in range(2)], strict=True)
    return Data(draw, np.stack(images), np.stack(labels), "synthetic")


def training():
    images, labels = zip(*[section(seed) for seed in range(4)], strict=True)
    return np.stack(images), np.stack(labels)


def test_rates_really_reach_a_new_band():
    """From a start whose neurons are nearly all outside it; on sections never trained on."""
    recipe = replace(recipe_for(START, BAND, steps=100, side=64), rate=1e-2)
    tuner = Finetuner(recipe, data(), START)
    trained = tuner.run()
    made = tuner.finished(trained, *training())
    before, after = (ranging.kept(one, data().images, BAND) for one in (START, made))
    assert before["all"] < 0.3 and after["all"] > before["all"] + 0.5
    was, scaled, *_, last = tuner.history
    assert was["in_range"] < scaled["in_range"] < last["in_range"]
    assert was["loss"] is None and last["rate_loss"] < 0.2 * tuner.history[2]["rate_loss"]
    # the net learns its task meanwhile: the start is random
    assert tuner.history[-1]["loss"] < tuner.history[2]["loss"]
    assert all(rate == 420 for rate in made.rate_hz.values())


def test_without_weight_it_is_scaled_and_computes_what_it_did():
    none = replace(BAND, weight=0.0, encoder_weight=0.0)
    tuner = Finetuner(recipe_for(START, none, steps=1, side=64), data(), START)
    for image in data().images:
        expected = inference.segment(START, image, kernels=START.floats).probability
        tuner.net.levels = 10**6  # but for the rounding
        np.testing.assert_allclose(tuner.preview(image), expected, atol=2e-3)


def stopped(recipe, folder, step):
    tuner = Finetuner(recipe, data(), START, folder)
    with pytest.raises(Cancelled):
        tuner.run(cancel=lambda: tuner.done_steps >= step)
    assert tuner.done_steps == step
    return tuner


def test_a_run_that_was_stopped_is_the_one_that_never_was(tmp_path):
    step = 3  # between two checks
    whole = Finetuner(SHORT, data(), START, tmp_path / "whole")
    expected = whole.run()
    first = stopped(SHORT, tmp_path / "stopped", step)
    second = Finetuner(SHORT, data(), START, tmp_path / "stopped")
    assert second.done_steps == step and second.history == first.history
    found = second.run()
    assert [e["step"] for e in second.history] == [e["step"] for e in whole.history]
    for key, kernel in expected.floats.items():
        # the last bit is left to TensorFlow's threads
        np.testing.assert_allclose(found.floats[key], kernel, rtol=1e-3, atol=1e-4)
    for one, other in zip(second.history, whole.history, strict=True):
        assert one["pixel_accuracy"] == pytest.approx(other["pixel_accuracy"], abs=2e-3)
    # and one that is done has nothing left to do
    third = Finetuner(SHORT, data(), START, tmp_path / "stopped")
    assert third.run().digest == found.digest


def test_a_run_that_dies_between_two_checks_has_kept_what_was_done(tmp_path, monkeypatch):
    monkeypatch.setattr(resuming, "EVERY", 0.0)
    monkeypatch.setattr(resuming, "SHARE", 1e9)
    tuner = Finetuner(SHORT, data(), START, tmp_path)

    def killed():
        if tuner.done_steps == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuner.run(cancel=killed)
    assert checkpoints.about(tmp_path)["steps"] == 3


def test_checks_are_watched_and_steps_are_told():
    seen, told = [], []
    tuner = Finetuner(SHORT, data(), START)
    tuner.run(lambda share, stage: told.append(share), watch=lambda t, entry: seen.append(entry))
    assert seen == tuner.history and told == sorted(told) and told[-1] == 1
    assert [entry["step"] for entry in seen] == [0, 0, 2, 4, 6, 8]
    first, names = seen[0], {layer.name for layer in START.populations()}
    assert set(first["rates"]) == names and len(first["rates"]["down1"]) == 4
    # the first check is the model as it is
    accuracy = np.mean([
        ((inference.segment(START, image).probability >= 0.5) == truth).mean()
        for image, truth in zip(data().images, data().labels, strict=True)
    ])  # fmt: skip
    assert first["pixel_accuracy"] == pytest.approx(accuracy, abs=1e-3)


@pytest.mark.parametrize("bits", [3, 8])
def test_weights_have_the_bits_that_were_asked_for(bits):
    tuner = Finetuner(replace(SHORT, steps=2, bits=bits), data(), START)
    made = tuner.finished(tuner.run(), *training())
    most = 2 ** (bits - 1) - 1
    assert max(np.abs(levels).max() for levels in made.levels.values()) == most
    # what was previewed is the rounded net
    shown = inference.segment(tuner.model(), data().images[0]).probability
    np.testing.assert_allclose(tuner.preview(data().images[0]), shown, atol=1e-4)


@pytest.mark.parametrize(("curve", "neuron"), [("loihi", "loihi"), ("spiking", "relu")])
def test_every_rate_curve_trains_and_makes_a_model_of_its_neurons(curve, neuron):
    recipe = recipe_for(START, BAND, curve, steps=2, side=64)
    tuner = Finetuner(recipe, data(), START)
    made = tuner.finished(tuner.run(), *training())
    assert {layer.activation for layer in made.populations()} == {neuron}
    assert np.isfinite(tuner.history[-1]["loss"])


def test_layers_can_have_bounds_of_their_own():
    own = replace(BAND, layers=(("down1", 60.0, 90.0),))
    tuner = Finetuner(recipe_for(START, own, steps=2, side=64), data(), START)
    assert tuner.net.rate_hz["down1"] == 90 and tuner.net.rate_hz["down0"] == 420
    tuner.run()
    _, middle, _, _ = tuner.history[1]["rates"]["down1"]
    assert middle == pytest.approx(np.sqrt(60 * 90), rel=0.25)
    _, middle, _, _ = tuner.history[1]["rates"]["down0"]
    assert middle == pytest.approx(np.sqrt(300 * 420), rel=0.25)
