"""The RBF network beside a run: trained above the middle only, and all judged below it."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.lab import rbf as lab_rbf
from snnlab.lab import rbf_baseline
from snnlab.lab import segmenting as lab
from snnlab.results import metrics


@pytest.fixture(scope="module")
def run():
    return lab.default_result()


@pytest.fixture(scope="module")
def found(run):
    told = []
    made = rbf_baseline.beside(run, lambda share, stage: told.append((share, stage)))
    return made, told


def test_all_are_judged_on_the_same_rows(run, found):
    made = found[0]
    height = run.image.shape[0]
    assert made.first == height // 2 + rbf_baseline.GAP
    lower, truth = slice(made.first, height), run.picture.labels
    own = run.settings
    for name, values, at in (
        ("rbf", made.probability, 0.5),
        ("ann", run.ann, own.ann_at),
        ("snn", run.snn(), own.threshold),
    ):
        wanted = metrics.together([metrics.marks(values[lower], truth[lower], at)])
        assert made.scores[name] == wanted, name
    assert made.scores["rbf"].pixel_accuracy > 0.85


def test_what_lies_below_the_middle_is_not_trained_on(run, found):
    half = run.image.shape[0] // 2
    assert found[0].model.card["labelled_pixels"] == half * run.image.shape[1]
    other = run.picture.labels.copy()
    other[half:] = ~other[half:]
    turned = rbf_baseline.beside(replace(run, picture=replace(run.picture, labels=other)))
    assert turned.model.digest == found[0].model.digest
    assert turned.scores["rbf"].pixel_accuracy < 0.5


def test_the_picture_is_the_networks(run, found):
    said = lab_rbf.segment(lab_rbf.bare(run.picture), found[0].model)
    assert np.array_equal(said.probability, found[0].probability) and said.scores is None
    shares = [share for share, _ in found[1]]
    assert shares == sorted(shares) and "from the Euclidean kernel" in found[1][-3][1]


def test_without_labels_it_is_refused(run):
    with pytest.raises(LabError, match="need labels"):
        rbf_baseline.beside(replace(run, picture=replace(run.picture, labels=None)))
