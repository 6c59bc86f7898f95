"""A detector's file: what comes out is what went in, and what is damaged is said."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.nets import model as unets
from snnlab.nets.detector import model
from snnlab.nets.detector.plan import Plan
from snnlab.nets.model import PERCENTILES

PLAN = Plan((2, 3, 4, 4, 4), pyramid=3, subnet=2, deep=1)


def made(seed=0):
    random = np.random.default_rng(seed)
    kernels = {one.name: random.normal(size=one.shape) for one in PLAN.weights()}
    biases = {one.name: random.normal(size=one.channels) for one in PLAN.weights()}
    found = model.from_float("some", PLAN, kernels, biases, {"name": "some", "nm": 5.0})
    neurons = [step.name for step in PLAN.steps() if step.neurons]
    active = np.sort(random.random((2, len(PERCENTILES))).astype(np.float32))
    return replace(found, active=dict.fromkeys(neurons, active))


def test_a_detector_comes_back_from_its_file(tmp_path):
    before = made()
    path = model.save(before, tmp_path)
    assert path.name == "some.detector.npz"
    after = model.load("some", tmp_path)
    assert (after.digest, after.card, after.plan) == (before.digest, before.card, PLAN)
    for name, kernel in before.floats.items():
        np.testing.assert_array_equal(after.floats[name], kernel)
        assert np.abs(after.kernels[name] - kernel).max() <= 0.5001 * before.steps[name]
    assert before.weights == sum(int(np.prod(one.shape)) for one in PLAN.weights())


def test_it_is_no_unet_in_the_same_folder(tmp_path):
    model.save(made(), tmp_path)
    assert model.available(tmp_path) == ("some",)
    assert unets.available(tmp_path) == ()


def test_the_digest_tells_other_weights_apart():
    assert made(0).digest == made(0).digest != made(1).digest


def test_a_name_that_is_none_is_said(tmp_path):
    with pytest.raises(LabError, match="no detector 'other'.*train one"):
        model.load("other", tmp_path)
    model.save(made(), tmp_path)
    with pytest.raises(LabError, match="no detector 'other'; choose one of some"):
        model.load("other", tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"down1/levels": np.zeros((5, 5, 1, 3), np.int8)},
        {"down1/levels": np.full((5, 5, 1, 2), -128, np.int8)},
        {"down1/levels": np.zeros((5, 5, 1, 2), np.float32)},
        {"down1/step": np.float64(0)},
        {"down1/bias": np.array([1.0, np.nan])},
        {"active/down1": np.zeros(4)},
        {"active/elsewhere": np.zeros((2, len(PERCENTILES)))},
        {"down1/floats": np.zeros(4)},
        {"plan": np.array("{")},
        {"plan": np.array('{"widths": [2, 3, 4, 4, 400000]}')},
        {"plan": np.array('{"deep": 1.5}')},
        {"down1/levels": None},
    ],
)
def test_what_was_changed_is_damaged(tmp_path, change):
    path = model.save(made(), tmp_path)
    arrays = dict(np.load(path).items()) | change
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    with pytest.raises(LabError, match="some.detector.npz is damaged"):
        model.load("some", tmp_path)
