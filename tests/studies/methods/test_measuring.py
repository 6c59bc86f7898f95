"""Cells against runs of their own, one a number of steps."""

import numpy as np
import pytest

from snnlab import conversion, simulation
from snnlab.images.pictures import Picture
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation.network import read_out
from snnlab.studies.methods import measuring
from snnlab.studies.methods.contenders import Contender
from tests import small_models

STEPS = (2, 5, 12)


@pytest.fixture(scope="module")
def shown():
    pixels = small_models.image(32, 48)
    labels = pixels > np.median(pixels)
    made = Picture(pixels, labels, "small", 0, 1, "d" * 64)
    made.__dict__["normalised"] = pixels
    return made


def measured(shown, steps=STEPS, model=None, **settings):
    model = model or small_models.model(6)
    contender = Contender("x", "x", Settings(**settings), False, "")
    ann = inference.segment(model, shown.normalised).probability
    activations = inference.activations(model, shown.normalised)
    made = measuring.measure(contender, model, shown, ann, activations, steps)
    return made, model, ann, activations


@pytest.mark.parametrize("method", ["rate-scaling", "multi-threshold", "bistable"])
def test_a_cell_is_a_run_of_so_many_steps(method, shown):
    made, model, ann, activations = measured(shown, method=method)
    assert [cell.timesteps for cell in made.cells] == list(STEPS)
    for cell in made.cells:
        steps = cell.timesteps
        settings = Settings(method=method, timesteps=steps)
        network = conversion.method(method).convert(model, shown.normalised, settings)
        recording = simulation.simulator("event").run(network, steps)
        last, start = network.populations[-1], window_start(steps, settings)
        probability = read_out(recording[last.name], last.rate_hz, network.readout, start, steps)
        assert (cell.small == measuring.small(probability)).all()
        scores = metrics.score(probability, shown.labels, 0.5)
        assert cell.scores == {name: getattr(scores, name) for name in measuring.SCORES}
        assert cell.agreement == np.mean((probability >= 0.5) == (ann >= 0.5))
        assert cell.work.spikes == recording.spikes()
        assert cell.silent == (recording[last.name].counts(start, steps).sum() == 0)
        for part in cell.wrong:
            counts = recording[part.name].counts()[activations[part.name] <= 0]
            assert (part.inactive, part.neurons, part.spikes) == (
                counts.size,
                (counts > 0).sum(),
                counts.sum(),
            )
    assert made.ann_scores["v_rand"] == metrics.score(ann, shown.labels, 0.5).v_rand


def test_bistable_says_nothing_before_all_layers_have_listened(shown):
    """In a cycle of one step a layer is heard one step after it listened."""
    depth = len(small_models.model(6).populations())
    made, *_ = measured(shown, (2, depth - 1, 3 * depth), method="bistable")
    assert [cell.silent for cell in made.cells] == [True, True, False]


def test_shares_of_wrong_spikes(shown):
    made, *_ = measured(shown, (8,), method="ecc")
    cell = made.cells[0]
    inactive = sum(part.inactive for part in cell.wrong)
    assert cell.wrong_share == sum(part.neurons for part in cell.wrong) / inactive
    assert cell.wrong_spikes >= sum(part.neurons for part in cell.wrong)


def test_gates_are_measured_too_and_have_no_error_of_their_own(shown):
    model = small_models.pooled_model()
    made, _, _, activations = measured(shown, (8,), model, method="data-normalisation")
    named = {layer.name for layer in made.cells[0].work.layers}
    assert any(name.startswith("pool-") for name in named)
    assert {error.name for error in made.cells[0].errors} <= set(activations)


def test_small_pictures_are_means_of_squares(monkeypatch):
    monkeypatch.setattr(measuring, "SIDE", 2)
    grey = np.array([[0, 1, 1, 1], [0, 1, 1, 1], [0, 0, 0.2, 0.2], [0, 0, 0.2, 0.2]], np.float32)
    assert measuring.small(grey).tolist() == [[round(7.5 + 0.06), 15], [0, 3]]
    assert measuring.small(grey[:2, :2]).shape == (2, 2)


def test_the_middle_keeps_what_the_networks_saw_of_the_whole():
    random = np.random.default_rng(0)
    whole = Picture(random.random((40, 30), np.float32), None, "x", 0, 1, "e" * 64)
    cut = measuring.middle(whole, 20)
    assert cut.pixels.shape == (20, 20)
    assert (cut.normalised == whole.normalised[10:30, 5:25]).all()
    assert measuring.middle(whole, 40) is whole
