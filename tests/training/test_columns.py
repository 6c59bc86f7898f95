"""A new readout from scribbles starts from the U-Net, and learns what other tissue looks like."""

import numpy as np
import pytest
from scipy.ndimage import zoom
from scipy.special import expit
from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks.scribbling import painted
from snnlab.errors import Cancelled, LabError
from snnlab.images import scribbles
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.training import columns


@pytest.fixture(scope="module")
def sample():
    """Model, image and labels of the default sample."""
    picture = lab.default_result().picture
    return lab.model("regularised"), picture.normalised, picture.labels


@pytest.fixture(scope="module")
def strokes(sample):
    """Labels as scribbles, and whose stroke they are."""
    made = painted(sample[2], 24)
    shape = sample[2].shape
    return scribbles.labels(made, shape), scribbles.owners(made, shape)


def test_it_computes_what_all_layers_say_interpolated(sample):
    model, image, _ = sample
    random, layers = np.random.default_rng(0), inference.activations(model, image)
    weights = {name: random.standard_normal(v.shape[2]) / 20 for name, v in layers.items()}
    made = columns.Columns(model, weights, 0.75, -0.5, 0.1)
    own = np.clip(inference.segment(model, image).probability.astype(float), 1e-9, 1 - 1e-7)
    logits = 0.75 * np.log(own / (1 - own)) - 0.5
    for name, values in layers.items():
        factor = image.shape[0] // values.shape[0]
        fine = zoom(values.astype(float), (factor, factor, 1), order=1, grid_mode=True,
                    mode="nearest")  # fmt: skip
        logits += fine @ weights[name]
    assert np.abs(made.segment(image) - expit(logits)).max() < 1e-3


def test_tiles_change_nothing(sample, strokes, monkeypatch):
    model, image, _ = sample
    whole = columns.learned(model, image, *strokes)
    said = whole.segment(image)
    monkeypatch.setattr(columns, "WHOLE", 1)
    monkeypatch.setattr(columns, "TILE", 128)
    heard = []
    assert np.abs(whole.segment(image, heard.append) - said).max() < 1e-4
    assert heard == [0.25, 0.5, 0.75, 1.0]
    places = np.argwhere(strokes[0] >= 0)
    _, in_tiles, own, *_ = columns._seen(model, image, places)
    monkeypatch.undo()
    _, at_once, own_at_once, *_ = columns._seen(model, image, places)
    assert np.abs(in_tiles - at_once).max() < 1e-3 and np.abs(own - own_at_once).max() < 1e-3


def test_a_turned_image_is_learned_from_scribbles(sample, strokes):
    """The U-Net takes light membranes for cells; its features tell them apart all the same."""
    model, image, truth = sample
    turned = 1 - image
    before = inference.segment(model, turned).probability >= 0.5
    after = columns.learned(model, turned, *strokes).segment(turned) >= 0.5

    def wrong(cells):
        return (cells[~truth].mean() + (~cells[truth]).mean()) / 2

    assert wrong(before) > 0.4 and wrong(after) < 0.25


def test_the_u_net_is_kept_where_scribbles_agree_with_it(sample, strokes):
    model, image, truth = sample
    own = inference.segment(model, image).probability >= 0.5
    after = columns.learned(model, image, *strokes).segment(image) >= 0.5
    assert (after == own).mean() > 0.88
    assert (after == truth).mean() > (own == truth).mean() - 0.06


def test_one_class_alone_is_refused_and_it_can_be_cancelled(sample, strokes):
    model, image, _ = sample
    labels, owners = strokes
    with pytest.raises(LabError, match="both membrane and cell"):
        columns.learned(model, image, np.where(labels == 1, labels, -1), owners)
    with pytest.raises(Cancelled):
        columns.learned(model, image, labels, owners, cancel=lambda: True)


def test_small_products_are_left_to_one_thread(sample, strokes, monkeypatch):
    model, image, _ = sample
    real, seen = columns.minimize, set()

    def minimized(*arguments, **more):
        pools = [one for one in threadpool_info() if one["user_api"] == "blas"]
        seen.update(one["num_threads"] for one in pools)
        return real(*arguments, **more)

    monkeypatch.setattr(columns, "minimize", minimized)
    # this process may have been given one thread from the start
    with threadpool_limits(2, "blas"):
        columns.learned(model, image, *strokes)
        assert {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"} == {2}
    assert seen == {1}
