"""The training learns, is folded and balanced, and goes on where it stopped."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.data.instances import components
from snnlab.errors import Cancelled, LabError
from snnlab.nets.detector.inference import padded
from snnlab.nets.detector.model import Detector
from snnlab.nets.detector.plan import Plan
from snnlab.nets.model import PERCENTILES
from snnlab.training.detector.crops import Drawing, Sections
from snnlab.training.detector.fitting import DetectorTrainer, with_activations
from snnlab.training.detector.recipe import Recipe

RECIPE = Recipe(
    Plan((4, 6, 8, 8, 8), (False, False, True, False, False), pyramid=8, subnet=8, deep=1),
    Drawing(side=64), batch=2, steps=8, validate_every=0.5, rate=5e-3,
)  # fmt: skip


def sections(seed, count=2, name="blobs"):
    """Bright ellipses on a dark ground."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:200, :230]
    images, things = [], []
    for _ in range(count):
        mask = np.zeros(y.shape, bool)
        for _ in range(6):
            cy, cx, ry, rx = (*random.uniform(20, 180, 2), *random.uniform(14, 24, 2))
            mask |= ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1
        things.append(components(mask))
        noise = random.normal(0, 0.05, mask.shape)
        images.append((0.3 + 0.4 * mask + noise).astype(np.float32))
    return Sections(images, things, tuple(range(0, 10 * count, 10)), name)


TRAINING, CHOICE = sections(0), sections(1, 1)


def test_some_steps_lower_the_loss():
    recipe = replace(RECIPE, steps=150, validate_every=0.2, rate=2e-2, rates=None)
    trainer = DetectorTrainer(recipe, TRAINING, CHOICE)
    found = trainer.run()
    losses = [entry["loss"] for entry in trainer.history]
    assert losses[-1] < 0.85 * losses[0]
    assert [entry["folded"] for entry in trainer.history] == [False] * 3 + [True] * 2
    assert isinstance(found, Detector) and found.plan == recipe.plan
    known = with_activations(found, TRAINING.images)
    assert {v.shape for v in known.active.values()} == {(2, len(PERCENTILES))}
    assert set(known.active) == {step.name for step in recipe.plan.steps() if step.neurons}


def test_a_training_that_was_stopped_ends_as_one_that_was_not(tmp_path):
    whole = DetectorTrainer(RECIPE, TRAINING, CHOICE).run()
    calls = iter([False] * 3 + [True] * 9)
    with pytest.raises(Cancelled):
        DetectorTrainer(RECIPE, TRAINING, CHOICE, tmp_path).run(cancel=lambda: next(calls))
    again = DetectorTrainer(RECIPE, TRAINING, CHOICE, tmp_path)
    assert again.done_steps == 3
    found = again.run()
    assert again.done_steps == RECIPE.steps
    for name, kernel in whole.kernels.items():
        np.testing.assert_allclose(found.kernels[name], kernel, atol=2e-2 * np.abs(kernel).max())


def test_another_recipe_does_not_go_on_from_it(tmp_path):
    calls = iter([False, True])
    with pytest.raises(Cancelled):
        DetectorTrainer(RECIPE, TRAINING, CHOICE, tmp_path).run(cancel=lambda: next(calls))
    with pytest.raises(LabError, match="other settings"):
        DetectorTrainer(replace(RECIPE, seed=1), TRAINING, CHOICE, tmp_path)


def test_folding_and_balancing_keep_what_is_answered():
    trainer = DetectorTrainer(replace(RECIPE, steps=20), TRAINING, CHOICE)
    image = padded(CHOICE.images[0])[None, ..., None]
    trainer.net.restore(trainer.averaged)
    before = trainer.net.forward(image, batch_norm=True)[0].numpy()
    trainer._fold()
    after, _, drive = trainer.net.forward(image)
    np.testing.assert_allclose(after, before, atol=1e-3 * np.abs(before).max())
    bounds = RECIPE.rates
    top = np.percentile(np.maximum(drive["down1"], 0).reshape(-1, 4), 99.9, axis=0)
    rates = top * RECIPE.rate_hz
    assert ((rates > bounds.lower_hz / 2) & (rates < bounds.upper_hz * 2)).mean() >= 0.5


def test_sides_are_filled_up_with_what_is_at_the_border():
    shown = padded(np.arange(30.0).reshape(5, 6))
    assert shown.shape == (32, 32)
    assert (shown[5:, :6] == shown[4, :6]).all() and (shown[:5, 5] == shown[:5, 6:].T).all()
