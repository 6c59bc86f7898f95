"""A network from start to end, on synthetic sections."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled
from snnlab.images.contrast import normalise
from snnlab.nets import rbf, rbf_files
from snnlab.training.rbf.making import Recipe, make

QUICK = Recipe(units=40, pixels=4000, steps=400)


def section(seed: int, side: int = 128):
    made = synthetic(side, seed)
    return normalise(made.image), made.labels


@pytest.fixture(scope="module")
def trained():
    told, heard = [], []
    model = make([section(1)], "mine", QUICK, lambda *what: told.append(what), None, heard.append)
    return model, told, heard


def test_it_tells_cell_from_membrane_where_it_has_not_been(trained):
    image, labels = section(2)
    right = np.mean((rbf.segment(trained[0], image).probability > 0.5) == labels)
    assert right > max(labels.mean(), 1 - labels.mean()) + 0.05


def test_what_is_told(trained):
    model, told, heard = trained
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == pytest.approx(1)
    assert "of the output from the Euclidean kernel" in told[-1][1]
    assert heard[-1].loss < heard[0].loss
    assert (heard[-1].a1, heard[-1].a2) == pytest.approx(model.mixture)
    assert model.mixture != (0.5, 0.5)


def test_its_card_and_its_file(trained):
    model = trained[0]
    assert model.card["labelled_pixels"] == 128 * 128 and model.card["pixels"] == 4000
    assert (model.card["units"], model.units, model.card["bits"]) == (40, 40, 8)
    found = rbf_files.unpack(rbf_files.pack(model), "mine")
    assert found.digest == model.digest
    assert found.card["mixture"] == model.card["mixture"]


def test_a_second_round_is_made_where_pixels_are_to_spare(trained):
    model = trained[0]
    assert model.first is not None and model.first.first is None
    assert (model.card["rounds"], model.card["weights"]) == (2, 80)
    once = make([section(1)], "mine", replace(QUICK, rounds=1))
    assert once.first is None and once.digest == model.first.digest
    # what it has seen by heart would be no example
    every = replace(QUICK, pixels=128 * 128, steps=20)
    assert make([section(1)], "mine", every).first is None


def test_a_second_round_is_worth_it(trained):
    losses = [now.loss for now in trained[2]]
    half = len(losses) // 2
    assert losses[-1] < losses[half - 1]


def test_the_same_again(trained):
    assert make([section(1)], "mine", QUICK).digest == trained[0].digest


def test_a_mixture_that_is_not_to_be_trained_stays():
    fixed = Recipe(units=10, pixels=500, steps=50, mixture=(1.0, 0.0), adaptive=False)
    assert make([section(1)], "euclid", fixed).mixture == (1.0, 0.0)


def test_scribbles_are_enough():
    image, labels = section(1)
    scribbles = np.full(labels.shape, -1, np.int8)
    random = np.random.default_rng(0)
    chosen = random.choice(labels.size, 400, replace=False)
    scribbles.flat[chosen] = labels.flat[chosen]
    model = make([(image, scribbles)], "scribbled", Recipe(steps=400))
    assert model.units == 200 and model.card["labelled_pixels"] == 400
    other, truth = section(3)
    right = np.mean((rbf.segment(model, other).probability > 0.5) == truth)
    assert right > max(truth.mean(), 1 - truth.mean())


def test_it_can_be_stopped():
    with pytest.raises(Cancelled):
        make([section(1)], "mine", QUICK, cancel=lambda: True)
