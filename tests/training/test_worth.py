"""A net that has learnt nothing is told apart from one that has learnt a little."""

from dataclasses import asdict

import numpy as np
import pytest

from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.lab import segmenting as lab
from snnlab.nets import files as model_file
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.training import worth

LABELS = np.stack([synthetic(128, seed).labels for seed in (1, 2)])
ALWAYS = worth.constant(LABELS)


def mean(said):
    scored = [asdict(metrics.score(one, truth)) for one, truth in zip(said, LABELS, strict=True)]
    return {key: np.mean([one[key] for one in scored]) for key in scored[0]}


def test_the_commoner_class_is_right_as_often_as_it_is_there():
    assert ALWAYS["class"] == "cell"
    assert ALWAYS["pixel_accuracy"] == pytest.approx(LABELS.mean())
    # one segment: V_Rand = sum_j t_j^2 / (1/2 + 1/2 sum_j t_j^2), means over the sections
    expected = []
    for truth in LABELS:
        sizes = np.bincount(metrics.components(truth).ravel())[1:]
        purity = np.sum((sizes / sizes.sum()) ** 2)
        expected.append(purity / (0.5 + 0.5 * purity))
    assert ALWAYS["v_rand"] == pytest.approx(np.mean(expected), abs=1e-6)
    assert worth.constant(~LABELS)["class"] == "membrane"


def test_a_net_that_calls_all_of_it_cell_is_warned_of():
    dead = mean(np.full(LABELS.shape, 0.9, np.float32))
    told = worth.warning(dead, dead, ALWAYS)
    assert "learnt next to nothing" in told and "calling every pixel cell" in told
    assert f"{ALWAYS['pixel_accuracy']:.4f} and V_Rand {ALWAYS['v_rand']:.4f}" in told
    assert "Train longer" in told


def test_noise_that_knows_how_common_cell_is_is_warned_of():
    random = np.random.default_rng(0)
    noise = mean((random.random(LABELS.shape) < LABELS.mean()).astype(np.float32))
    assert "learnt next to nothing" in worth.warning(noise, noise, ALWAYS)


def test_a_net_that_works_is_not_and_its_dead_spiking_net_is():
    images = [normalise(synthetic(128, seed).image) for seed in (1, 2)]
    model = lab.model("phantom")
    good = mean([inference.segment(model, image).probability for image in images])
    assert worth.warning(good, good, ALWAYS) == ""
    silent = mean(np.ones(LABELS.shape, np.float32))
    assert worth.warning(good, silent, ALWAYS).startswith("The spiking net is worth")


def test_labels_of_one_class_leave_nothing_to_be_won():
    labels = np.ones((1, 64, 64), bool)
    always = worth.constant(labels)
    assert always["pixel_accuracy"] == always["v_rand"] == 1
    assert worth.warning(always, always, always) == ""


@pytest.mark.parametrize("warning", ["", "This net has learnt next to nothing."])
def test_a_net_that_learnt_nothing_is_marked_wherever_it_goes(warning):
    card = {"summary": "Trained from scratch.", "not": "It knows little.", "settings": {}}
    made = worth.marked(card, {"ann": {}, "snn": {}, "warning": warning})
    plain = model_file.card_of(made)
    assert made["scores"]["warning"] == warning
    assert plain["summary"].startswith(worth.MARK) == bool(warning)
    assert plain["not"] == f"{warning} It knows little.".strip()
