"""The network's output against its equation, and images of any size."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from snnlab.errors import Cancelled
from snnlab.nets import rbf, rbf_features
from tests import small_models, small_rbf


def test_the_equation():
    model = small_rbf.network()
    found = np.random.default_rng(3).random((20, len(rbf_features.NAMES))).astype(np.float32)
    logits = model.logits(model.alike(found))
    for values, logit in zip(found.astype(float), logits, strict=True):
        x = (values - model.mean) / model.spread
        total = model.bias
        for levels, weight in zip(model.centres, model.levels, strict=True):
            centre = levels * model.centre_step
            near = np.exp(-np.sum((x - centre) ** 2) / (2 * model.width**2))
            toward = x @ centre / np.sqrt((x @ x) * (centre @ centre))
            total += weight * model.step * (1.5 * near + 0.5 * toward)
        assert logit == pytest.approx(total, abs=1e-4)


def test_kernels_weighed_are_the_logits():
    model = small_rbf.network(2)
    x = np.random.default_rng(4).normal(0, 1, (30, len(rbf_features.NAMES))).astype(np.float32)
    assert model.kernels(x) @ model.weights + model.bias == pytest.approx(model.logits(x), abs=1e-5)


@pytest.mark.parametrize("mixture", [(1.0, 0.0), (0.0, 1.0)])
def test_one_kernel_alone(mixture):
    both, alone = small_rbf.network(), small_rbf.network(mixture=mixture)
    x = np.random.default_rng(5).normal(0, 1, (5, len(rbf_features.NAMES))).astype(np.float32)
    assert not np.allclose(both.logits(x), alone.logits(x))
    assert np.isfinite(alone.logits(x)).all()


def test_an_image_of_any_size(monkeypatch):
    model, image = small_rbf.network(), small_models.image(37, 53)
    found = rbf.segment(model, image)
    x = model.alike(rbf_features.features(image))
    assert found.probability == pytest.approx(expit(model.logits(x)).reshape(37, 53), abs=1e-6)
    assert found.probability.dtype == np.float32 and found.seconds > 0


def test_a_large_image_goes_in_tiles(monkeypatch):
    model, image = small_rbf.network(), small_models.image(320, 200)
    whole = rbf.segment(model, image).probability
    monkeypatch.setattr(rbf_features, "WHOLE", 1000)
    monkeypatch.setattr(rbf_features, "TILE", 100)
    told = []
    cut = rbf.segment(model, image, told.append).probability
    assert cut == pytest.approx(whole, abs=1e-3)
    assert told == sorted(told) and told[-1] == 1 and len(told) == 8


def test_a_second_round_sees_the_image_and_what_the_first_made_of_it():
    first, image = small_rbf.network(1), small_models.image(40, 50)
    second = small_rbf.network(2, first=first)
    said = rbf.segment(first, image).probability
    seen = np.concatenate([rbf_features.features(image), rbf_features.features(said)], axis=-1)
    assert np.array_equal(second.features(image), seen)
    wanted = expit(second.logits(second.alike(seen))).reshape(40, 50)
    assert rbf.segment(second, image).probability == pytest.approx(wanted, abs=1e-6)
    assert (first.reach, second.reach) == (rbf_features.HALO, 2 * rbf_features.HALO)
    other = replace(second, first=small_rbf.network(3))
    assert other.digest != second.digest


def test_a_second_round_in_tiles(monkeypatch):
    model = small_rbf.network(2, first=small_rbf.network(1))
    image = small_models.image(96, 480)
    whole = rbf.segment(model, image).probability
    monkeypatch.setattr(rbf_features, "WHOLE", 1000)
    monkeypatch.setattr(rbf_features, "TILE", 120)
    assert rbf.segment(model, image).probability == pytest.approx(whole, abs=2e-3)


def test_it_can_be_stopped():
    with pytest.raises(Cancelled):
        rbf.segment(small_rbf.network(), small_models.image(64), cancel=lambda: True)


def test_the_digest_is_of_all_that_counts():
    model = small_rbf.network()
    changed = [
        replace(model, bias=0.5), replace(model, mixture=(0.5, 1.5)), replace(model, width=2.0),
        replace(model, levels=model.levels[::-1]), replace(model, mean=model.mean + 1),
    ]  # fmt: skip
    assert len({one.digest for one in [model, *changed]}) == 6
    assert replace(model, card={}).digest == model.digest
