"""Three classes: the start, the loss, what a few steps do, and windows that keep classes."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.special import expit, log_softmax

from snnlab.compat import tensorflow
from snnlab.data import classes
from snnlab.data.classes import INSIDE, MITOCHONDRIA
from snnlab.data.drawn import Data
from snnlab.errors import Cancelled
from snnlab.nets import inference
from snnlab.nets.model import load, save
from snnlab.training import recipes, tissues, varying
from snnlab.training.augmentation import Jitter, crop
from snnlab.training.by_class import ClassesRecipe, ClassesTrainer, with_classes
from tests import small_models
from tests.data.test_epfl import made
from tests.training.test_fitting import section

TINY = ClassesRecipe(
    steps=60, side=32, batch=4, widths=(3, 4), encoder=2, rate=3e-2, average=0.8,
    validate_every=0.25, mitochondria_weight=4.0,
)  # fmt: skip


def kinds(seed):
    """A section whose dark upper left quarter is called a mitochondrion."""
    image, cells = section(seed)
    there = np.zeros(cells.shape, bool)
    there[:40, :40] = True
    image = np.where(there, image * 0.5, image)
    return image.astype(np.float32), classes.labelled(cells, there)


@cache
def data():
    images, labels = zip(*[kinds(10 + seed) for seed in range(2)], strict=True)
    return Data(
        lambda random: kinds(int(random.integers(4))), np.stack(images), np.stack(labels), "some"
    )


@cache
def start():
    return small_models.untuned(5, (3, 4), 2)


def trainer(folder=None, recipe=TINY, begun=None):
    return ClassesTrainer(recipe, data(), folder, begun or start())


def test_it_begins_with_what_the_other_net_says_of_cell():
    image = small_models.image(32)
    grown = with_classes(start())
    before, after = (inference.segment(one, image) for one in (start(), grown))
    logits = np.log(before.probability / (1 - before.probability))
    more = np.log(1 + np.exp(-2.0))  # mitochondria, whose logit is 2 lower than cell's
    np.testing.assert_allclose(after.probability, expit(logits + more), atol=0.02)
    assert (after.classes[..., 1] > after.classes[..., 2]).all()
    assert with_classes(grown) is grown


def test_the_loss_is_the_cross_entropy_of_one_softmax_and_of_what_is_labelled():
    random = np.random.default_rng(2)
    logits = random.normal(0, 2, (2, 8, 8, 3)).astype(np.float32)
    truth = random.integers(-1, 4, (2, 8, 8, 1)).astype(np.float32)
    run, total, weights = trainer(), 0.0, 0.0
    for place in np.ndindex(2, 8, 8):
        label, logs = int(truth[place][0]), log_softmax(logits[place].astype(float))
        if label < 0:
            continue
        weight = {0: TINY.membrane_weight, MITOCHONDRIA: TINY.mitochondria_weight}.get(label, 1.0)
        # of a section without labels of mitochondria: anything but membrane
        said = np.log(np.exp(logs[1]) + np.exp(logs[2])) if label == INSIDE else logs[label]
        total, weights = total - weight * said, weights + weight
    tf = tensorflow()
    found = float(run._task_loss(tf.constant(logits), tf.constant(truth)))
    assert found == pytest.approx(total / weights, rel=1e-5)
    nothing = tf.constant(np.full((2, 8, 8, 1), -1, np.float32))
    assert float(run._task_loss(tf.constant(logits), nothing)) == 0


def test_a_few_steps_find_mitochondria_and_the_model_has_three_classes(tmp_path):
    run, told = trainer(), []
    before = run.validate()
    model = run.run(lambda share, stage: told.append(stage))
    assert run.history[-1]["mitochondria_dice"] > before["mitochondria_dice"] + 0.2
    assert "mitochondria dice" in told[-1]
    kept = load(save(replace(model, name="kept"), tmp_path).stem, tmp_path)
    assert kept.layers[-1].channels == 3
    image = data().images[0]
    shown = run.classes(run.best[1], image[None])[0]
    np.testing.assert_allclose(inference.segment(kept, image).classes, shown, atol=2e-3)
    np.testing.assert_allclose(run.forward(run.best[1], image[None])[0], 1 - shown[..., 0])


def test_stopped_and_gone_on_with_it_is_the_same_run(tmp_path):
    whole = trainer().run()
    first = trainer(tmp_path)
    with pytest.raises(Cancelled):
        first.run(cancel=lambda: first.done_steps >= 10)
    second = trainer(tmp_path)
    assert second.done_steps == 10
    model = second.run()
    for name, levels in whole.levels.items():
        np.testing.assert_allclose(model.levels[name], levels, atol=2)


def test_the_bias_of_all_that_is_cell_is_set_together():
    run = trainer()
    model = run.model(run.net.state())
    cells = data().labels > 0
    finished = run.finish(model, data().images, cells)
    moved = finished.biases["readout"] - model.biases["readout"]
    assert moved[0] == 0 and moved[1] == pytest.approx(moved[2], abs=1e-5)
    at_half = [
        np.mean([(inference.segment(one, image).probability > 0.5) == truth
                 for image, truth in zip(data().images, cells, strict=True)])
        for one in (model, finished)
    ]  # fmt: skip
    assert at_half[1] >= at_half[0]


def test_crops_and_windows_hold_whole_classes_only():
    image, labels = kinds(3)
    still = Jitter(0, 48, 0, 0, 0, 0, 0, 0)
    random = np.random.default_rng(0)
    for _ in range(4):
        assert set(np.unique(crop(image, labels, 48, random)[1])) <= {0, 1, 2}
        _, found = varying.window(image, labels, 4.0, 24, random)
        assert found.dtype == np.int8 and set(np.unique(found)) <= {-1, 0, 1, 2}
    # turned and mirrored alone, each class keeps its pixels
    _, turned = crop(image, labels, 64, np.random.default_rng(1), still)
    assert np.abs(np.bincount(turned.ravel().astype(int), minlength=3)
                  - np.bincount(labels.ravel(), minlength=3)).max() <= 64 * 2  # fmt: skip


def test_of_the_larva_nobody_has_labelled_mitochondria(tmp_path):
    cells = np.ones((2, 512, 512), bool)
    cells[:, ::8] = False
    larva = tissues.larva(lambda block: (cells.astype(np.float32), cells), by_class=True)
    assert set(np.unique(larva.labels)) == {0, INSIDE} == set(np.unique(larva.pool[0][1]))
    assert larva.share < tissues.larva(lambda block: (cells, cells)).share
    volume = tissues.slices(str(made(tmp_path)), None)
    _, labels = tissues.labelled(volume, volume.numbers[0], by_class=True)
    assert (labels == MITOCHONDRIA).any()


def test_the_plan_is_trained_by_this_from_the_generalist():
    plan = recipes.PLANS[recipes.CLASSES]
    assert plan.start == "generalist" and recipes.SETS[plan.data] == ("isbi", "epfl")
    assert plan.stages[0].layers()[-1].channels == 3
    assert isinstance(recipes.trainer(TINY, data(), None, start()), ClassesTrainer)
