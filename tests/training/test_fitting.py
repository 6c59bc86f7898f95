"""A few steps of training on tiny synthetic sections."""

import errno
import os
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from snnlab.conversion import rate_scaling
from snnlab.data.drawn import Data
from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled, LabError
from snnlab.images.contrast import normalise
from snnlab.nets import inference
from snnlab.nets.model import load, save
from snnlab.results.segmentation import window_start
from snnlab.simulation import nengo_reference
from snnlab.training import checkpoints, resuming
from snnlab.training.batches import Batches
from snnlab.training.finishing import channel_percentiles
from snnlab.training.fitting import Trainer
from snnlab.training.recipe import Recipe
from snnlab.training.regulariser import RateRange
from tests import small_models

TINY = Recipe(
    steps=16, side=32, batch=2, widths=(3, 4), encoder=2, rate=3e-2, average=0.9,
    validate_every=0.125,
)  # fmt: skip


@cache
def section(seed):
    made = synthetic(64, seed)
    return normalise(made.image), made.labels


def draw(random):
    return section(int(random.integers(4)))


@cache
def data():
    images, labels = zip(*[section(10 + seed) for seed in range(2)], strict=True)
    return Data(draw, np.stack(images), np.stack(labels), "synthetic")


def after(steps, trainer):
    """A cancel that stops the trainer once it has done so many steps."""
    return lambda: trainer.done_steps >= steps


def cross_entropy(trainer, state=None):
    predicted = trainer.forward(state or trainer.averaged, data().images)
    right = np.where(data().labels, predicted, 1 - predicted)
    return -np.log(np.clip(right, 1e-7, 1)).mean()


def same(one: dict, other: dict):
    assert one.keys() == other.keys()
    for key in one:
        np.testing.assert_array_equal(one[key], other[key], err_msg=key)


def test_training_lowers_the_loss_on_sections_it_never_saw(tmp_path):
    trainer = Trainer(replace(TINY, steps=120, widths=(4, 6, 8)), data())
    before = cross_entropy(trainer)
    told = []
    model = trainer.run(lambda fraction, stage: told.append((fraction, stage)))
    assert cross_entropy(trainer) < 0.8 * before
    assert trainer.history[-1]["loss"] < 0.8 * trainer.history[0]["loss"]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions) and fractions[-1] == 1 and len(told) == 8
    assert "8 bit" in told[-1][1] and "8 bit" not in told[0][1]
    # what comes out is 8 bits, and a model like any other
    assert all(levels.dtype == np.int8 for levels in model.levels.values())
    save(model, tmp_path)
    assert load("trained", tmp_path).digest == model.digest
    # the best of the 8-bit states is what is kept
    folded = [entry for entry in trainer.history if entry["folded"]]
    merit = [entry["pixel_accuracy"] + entry["v_rand"] for entry in folded]
    found = trainer._scores(
        np.stack([inference.segment(model, image).probability for image in data().images])
    )
    assert sum(found) == pytest.approx(max(merit), abs=2e-3)


def test_the_second_stage_is_folded_and_rounded():
    trainer = Trainer(TINY, data())
    trainer.run()
    stages = {entry["step"]: entry["folded"] for entry in trainer.history}
    assert stages == {step: step > Trainer.before_fold * 16 for step in range(2, 17, 2)}
    # the net that was validated is the 8-bit model, pixel by pixel
    shown = trainer.forward(trainer.averaged, data().images)
    model = trainer.model()
    for image, expected in zip(data().images, shown, strict=True):
        found = inference.segment(model, image).probability
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_folding_keeps_what_was_learnt():
    trainer = Trainer(TINY, data())
    with pytest.raises(Cancelled):
        trainer.run(cancel=after(8, trainer))
    before = trainer.forward(trainer.averaged, data().images)
    state = trainer.net.state()
    model = trainer.model()  # of a net that is not folded yet
    same(trainer.net.state(), state)  # which it stays
    assert trainer.best is not None
    trainer._fold()
    assert trainer.best is None  # nor does what was not 8-bit compete with what will be
    for image, expected in zip(data().images, before, strict=True):
        exact = inference.segment(model, image, kernels=model.floats).probability
        np.testing.assert_allclose(exact, expected, atol=1e-4)
    rounded = trainer.forward(trainer.averaged, data().images)
    assert 0 < np.abs(rounded - before).max() < 0.1


@pytest.mark.parametrize("stop", [8, 14], ids=["with normalisation", "folded"])
def test_a_cancelled_run_resumes_where_it_stopped(stop, tmp_path):
    first = Trainer(TINY, data(), tmp_path / "run")
    with pytest.raises(Cancelled):
        first.run(cancel=after(stop, first))
    assert first.done_steps == stop
    second = Trainer(TINY, data(), tmp_path / "run")
    assert (second.done_steps, second.folded) == (stop, stop > Trainer.before_fold * 16)
    assert second.spent == first.spent and second.history == first.history
    same(second.net.state(), first.net.state())
    same(second.averaged, first.averaged)
    assert second.best[0] == first.best[0]
    same(second.best[1], first.best[1])
    ours, theirs = second.optimiser.get_weights(), first.optimiser.get_weights()
    assert len(ours) == len(theirs) and ours[0] == theirs[0] > 0
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)
    second.run()
    assert second.done_steps == 16
    assert second.history[: len(first.history)] == first.history
    assert [entry["step"] for entry in second.history] == list(range(2, 17, 2))
    # and one that is done has nothing left to do
    third = Trainer(TINY, data(), tmp_path / "run")
    assert third.run().digest == second.model(second.best[1]).digest


def test_batches_are_of_their_step():
    """However many were drawn before: a run that goes on sees what it would have seen."""
    drawn = []
    for first in (0, 3):
        batches = Batches(draw, TINY, first)
        drawn += [batches.get() for _ in range(4)]
        batches.close()
    for one, other in zip(drawn[3], drawn[4], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(drawn[0][0], drawn[1][0])
    assert not np.array_equal(drawn[0][0], batch_of(replace(TINY, seed=1))[0])


def batch_of(recipe):
    batches = Batches(draw, recipe)
    try:
        return batches.get()
    finally:
        batches.close()


@pytest.mark.parametrize(("steps", "every"), [(50, 0.08), (30, 0.08), (10, 0.04), (7, 0.3)])
def test_a_run_that_goes_on_validates_where_one_that_never_stopped_does(steps, every):
    trainer = Trainer(replace(TINY, steps=steps, validate_every=every), data())
    checked, at = [], trainer._next_check()
    for trainer.done_steps in range(1, steps + 1):
        if trainer.fraction >= min(at, 1):
            checked.append(trainer.done_steps)
            at = trainer._next_check()
    assert checked[-1] == steps
    # the first step at or after each multiple
    expected = {min(-(-round(k * every * steps * 1e6) // 10**6), steps) for k in range(1, 99)}
    assert checked == sorted(expected | {steps})
    for stopped in checked[:-1]:
        trainer.done_steps, rest = stopped, []
        at = trainer._next_check()
        for trainer.done_steps in range(stopped + 1, steps + 1):
            if trainer.fraction >= min(at, 1):
                rest.append(trainer.done_steps)
                at = trainer._next_check()
        assert rest == checked[checked.index(stopped) + 1 :]


def test_a_run_that_is_cancelled_between_two_validations_loses_no_step(tmp_path):
    whole = Trainer(TINY, data())
    whole.run()
    first = Trainer(TINY, data(), tmp_path)
    with pytest.raises(Cancelled):
        first.run(cancel=after(7, first))
    second = Trainer(TINY, data(), tmp_path)
    assert second.done_steps == 7 and len(second.history) == 3
    same(second.net.state(), first.net.state())
    second.run()
    # the loss of step 7 counts in the entry of step 8
    for one, other in zip(second.history, whole.history, strict=True):
        assert one["step"] == other["step"]
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-4)


@pytest.mark.parametrize(("seconds", "left"), [(1e9, 6), (0.0, 7)], ids=["at checks", "often"])
def test_a_run_that_dies_loses_the_steps_since_the_last_checkpoint_and_no_more(
    tmp_path, monkeypatch, seconds, left
):
    monkeypatch.setattr(resuming, "EVERY", seconds)
    monkeypatch.setattr(resuming, "SHARE", 1e9)
    first = Trainer(TINY, data(), tmp_path)

    def killed():
        if first.done_steps == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.run(cancel=killed)
    assert Trainer(TINY, data(), tmp_path).done_steps == left


def test_a_slow_disk_takes_a_small_share_of_the_time(monkeypatch):
    clock, kept = [0.0], []

    def slow(trainer):
        kept.append(clock[0])
        clock[0] += 2.0

    trainer = SimpleNamespace(done_steps=0, unkept="")
    monkeypatch.setattr(resuming, "keep", slow)
    monkeypatch.setattr(resuming.time, "monotonic", lambda: clock[0])
    keeper = resuming.Keeper(trainer)
    for _ in range(250):
        clock[0] += 1.0
        trainer.done_steps += 1
        keeper.stepped()
    assert kept == [5.0, 107.0, 209.0]  # 2 s of it in 102
    keeper.keep()
    keeper.keep()  # nothing was done since
    assert len(kept) == 4
    trainer.done_steps, trainer.unkept = 251, "the disk is full"
    keeper.keep()
    keeper.keep()  # what could not be kept is tried again
    assert len(kept) == 6


def test_a_folder_of_another_run_is_refused(tmp_path):
    first = Trainer(TINY, data(), tmp_path)
    with pytest.raises(Cancelled):
        first.run(cancel=after(2, first))
    with pytest.raises(LabError, match="other settings; name another folder"):
        Trainer(replace(TINY, seed=1), data(), tmp_path)


def test_a_damaged_checkpoint_is_named(tmp_path):
    (tmp_path / "checkpoint.npz").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(LabError, match="damaged; delete it to start again"):
        Trainer(TINY, data(), tmp_path)


def test_a_full_disk_does_not_stop_a_run_and_what_was_kept_is_gone_on_from(
    tmp_path, monkeypatch, caplog
):
    first = Trainer(TINY, data(), tmp_path)
    real, told, full = checkpoints.np.savez, [], [False]

    def savez(stream, **arrays):
        if full[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(stream, **arrays)

    def progress(fraction, stage):
        told.append(stage)
        full[0] = len(told) in (1, 2)  # room again for the third validation, and not for the last

    monkeypatch.setattr(checkpoints.np, "savez", savez)
    with pytest.raises(Cancelled):
        first.run(progress, after(9, first))
    assert ["not kept" in line for line in told] == [False, True, True, False]
    assert caplog.text.count("no space left on device") == 1
    assert Trainer(TINY, data(), tmp_path).done_steps == 9


def test_a_run_whose_loss_is_no_number_stops_in_a_sentence(tmp_path):
    trainer = Trainer(TINY, data(), tmp_path)
    state = trainer.net.state()
    trainer.net.restore(state | {name: np.full_like(state[name], 3e38) for name in state})
    with pytest.raises(LabError, match="the training has diverged: after step 0"):
        trainer.run()
    assert not (tmp_path / "checkpoint.npz").exists()


def test_the_seed_decides_where_a_run_starts_and_what_it_sees():
    """Not its last bit: TensorFlow's threads add up in the order in which they come."""
    states = []
    for seed in (0, 0, 1):
        trainer = Trainer(replace(TINY, seed=seed), data())
        with pytest.raises(Cancelled):
            trainer.run(cancel=after(4, trainer))
        states.append(trainer.net.state())
    for key, value in states[0].items():
        np.testing.assert_allclose(states[1][key], value, rtol=1e-3, atol=1e-3)
    assert any(np.abs(states[2][key] - value).max() > 0.1 for key, value in states[0].items())


def test_a_section_that_cannot_be_drawn_stops_the_run():
    def broken(random):
        raise LabError("there is no such section.")

    with pytest.raises(LabError, match="no such section"):
        Trainer(TINY, replace(data(), draw=broken)).run()


def test_batches_end_with_the_run_even_if_nobody_takes_them():
    batches = Batches(draw, TINY)
    image, labels = batches.get()
    assert image.shape == labels.shape == (2, 32, 32, 1)
    assert image.dtype == labels.dtype == np.float32
    batches.close()
    assert not batches._thread.is_alive()


def test_rates_are_drawn_into_their_range():
    """From where every channel that fires at all fires a third too fast."""
    images = np.stack([section(seed)[0] for seed in range(4)])
    high = small_models.balanced(small_models.untuned(5, (3, 4)), images, 99.9, 200 / 150)
    recipe = replace(TINY, steps=48, rates=RateRange(), rate=0.1, side=64)
    trainer = Trainer(recipe, data(), start=high)
    trainer.net.restore(trainer.net.state() | kernels_of(high))  # a start is balanced otherwise
    trainer.averaged = trainer.net.state()
    before = channel_percentiles(trainer.model(), images, 99.9)
    trainer.run()
    reached = channel_percentiles(trainer.model(), images, 99.9)
    for name, rates in reached.items():
        live = before[name] > 1e-6
        np.testing.assert_allclose(before[name][live] * 150, 200, rtol=0.1)
        lower = 75 if name != "encoder" else 0
        assert ((rates[live] * 150 > 0.7 * lower) & (rates[live] * 150 < 170)).all(), name
    assert trainer.history[-1]["rate_loss"] < 0.2 * trainer.history[0]["rate_loss"]


def kernels_of(model):
    kernels = {f"{name}/kernel": kernel for name, kernel in model.kernels.items()}
    return kernels | {f"{name}/bias": bias for name, bias in model.biases.items()}


def test_counting_spikes_trains_too():
    trainer = Trainer(replace(TINY, steps=60, spiking="count", timesteps=32), data())
    before = cross_entropy(trainer)
    trainer.run()
    assert cross_entropy(trainer) < before
    z = np.linspace(0, 1, 500, dtype=np.float32)
    counted = trainer.curve(150.0)(z).numpy() * 0.15 * 32
    np.testing.assert_allclose(counted, np.rint(counted), atol=1e-4)


@cache
def start():
    return small_models.untuned(5, (3, 4))


SPIKES = replace(
    TINY, spiking="event", steps=6, timesteps=12, validate_every=0.5, rate=3e-2, fast_timesteps=8
)


@pytest.mark.parametrize(
    "recipe",
    [
        replace(SPIKES, fast=0.5),
        replace(SPIKES, reset="zero", neuron="loihi", initial=0.0, synapse_ms=2.0, timesteps=30),
    ],
    ids=["subtraction", "zero"],
)
def test_the_spiking_network_itself_can_be_in_the_forward_pass(recipe, tmp_path):
    trainer = Trainer(recipe, data(), tmp_path, start())
    assert trainer.folded
    kernel = start().kernels["down0"]
    np.testing.assert_array_equal(trainer.net.state()["down0/kernel"], kernel)
    model = trainer.run()
    assert np.abs(model.kernels["down0"] - kernel).max() > 1e-3
    assert [entry["step"] for entry in trainer.history] == [3, 6]
    for entry in trainer.history:
        for scores in (entry["snn"], entry.get("snn_fast", entry["snn"])):
            assert all(0 < score <= 1 for score in scores)
        assert np.isfinite(entry["loss"])
    assert ("snn_fast" in trainer.history[0]) == (recipe.fast > 0)
    # what it validated is the converted network, run as the recipe says
    found = trainer._scores(
        [spiking_probability(trainer.model(), image, trainer.settings) for image in data().images]
    )
    assert found == pytest.approx(trainer.history[-1]["snn"], abs=5e-3)
    # it resumes as any run does
    assert Trainer(recipe, data(), tmp_path, start()).done_steps == 6


def spiking_probability(model, image, settings):
    network = rate_scaling.convert(model, image, settings, rates_hz=model.rate_hz)
    recording = nengo_reference.run(network, settings.timesteps)
    return network.probability(recording, window_start(settings.timesteps, settings))


def test_some_batches_are_simulated_fast_and_short():
    trainer = Trainer(replace(SPIKES, fast=0.3, synapse_ms=4.0), data(), start=start())
    regimes = []
    for trainer.done_steps in range(400):
        regimes.append(trainer._regime())
        assert trainer._regime() == regimes[-1]  # by step alone
    fast = [factor for settings, factor in regimes if settings == trainer.fast_settings]
    assert 0.2 < len(fast) / 400 < 0.4
    assert min(fast) >= 3 and max(fast) <= 6.5 and np.ptp(fast) > 2
    assert (trainer.fast_settings.timesteps, trainer.fast_settings.synapse_ms) == (8, 0)
    slow = [(settings, factor) for settings, factor in regimes if factor == 1]
    assert len(slow) + len(fast) == 400 and {x for x, _ in slow} == {trainer.settings}


def test_a_start_is_balanced_into_the_bounds():
    trainer = Trainer(replace(TINY, rates=RateRange()), data(), start=start())
    model = trainer.model()
    images = [section(seed)[0] for seed in range(4)]
    before, after_ = (channel_percentiles(x, images, 99.9) for x in (start(), model))
    # sections are drawn at random, so the percentile is met about
    for name, reached in after_.items():
        live = before[name] > 1e-6
        target = np.sqrt(75 * 150)
        np.testing.assert_allclose(reached[live] * 150, target, rtol=0.25, err_msg=name)


def test_a_start_of_other_layers_is_refused():
    with pytest.raises(LabError, match="small-0 has other layers than the recipe"):
        Trainer(TINY, data(), start=small_models.untuned(widths=(3, 4, 5)))


def test_simulation_in_training_wants_a_start():
    with pytest.raises(LabError, match="from a trained model; name one"):
        Trainer(replace(TINY, spiking="event"), data())


def test_a_relu_model_may_start_a_loihi_one():
    trainer = Trainer(replace(TINY, neuron="loihi"), data(), start=start())
    assert {layer.activation for layer in trainer.model().populations()} == {"loihi"}


def test_the_learning_rate_warms_up_and_falls_along_a_cosine():
    trainer = Trainer(replace(TINY, steps=1000, rate=1.0), data())
    rates = []
    for trainer.done_steps in range(1001):
        rates.append(trainer._learning_rate())
    assert rates[0] == pytest.approx(0.01) and np.argmax(rates) in range(90, 110)
    assert rates[500] == pytest.approx(0.5, abs=1e-6)
    assert rates[1000] == pytest.approx(0.01)


def test_the_loss_weighs_membrane_as_the_recipe_says():
    trainer = Trainer(replace(TINY, membrane_weight=3.0), data())
    logits = np.array([0.3, -1.2, 2.0, 0.1], np.float32)
    truth = np.array([1, 0, 0, 1], np.float32)
    p = 1 / (1 + np.exp(-logits.astype(float)))
    error = -np.where(truth > 0, np.log(p), np.log(1 - p))
    expected = (error * [1, 3, 3, 1]).sum() / 8
    assert float(trainer._task_loss(logits, truth)) == pytest.approx(expected, rel=1e-5)


def test_what_does_not_count_has_no_part_in_the_loss():
    trainer = Trainer(TINY, data())
    random = np.random.default_rng(0)
    logits = random.normal(size=(2, 8, 8, 1)).astype(np.float32)
    truth = (random.random((2, 8, 8, 1)) > 0.5).astype(np.float32)
    usual = float(trainer._task_loss(logits, truth))
    wide = [np.pad(part, ((0, 0), (0, 5), (0, 0), (0, 0))) for part in (logits, truth)]
    wide[0][:, 8:] = 50.0
    wide[1][:, 8:] = -1.0
    assert float(trainer._task_loss(*wide)) == pytest.approx(usual, rel=1e-6)
    assert float(trainer._task_loss(logits, np.full_like(truth, -1))) == 0


def test_crops_in_which_nothing_counts_are_drawn_again_and_scores_leave_it_out():
    image, labels = section(0)
    marked = np.full(labels.shape, -1, np.int8)
    marked[:20, :20] = labels[:20, :20]
    batches = Batches(lambda random: (image, marked), TINY)
    truths = [batches.get()[1] for _ in range(6)]
    batches.close()
    counts = [(truth >= 0).mean() for part in truths for truth in part]
    assert np.mean(np.array(counts) >= 0.05) > 0.6
    images, cells = data().images, data().labels
    coded = cells.astype(np.int8)
    coded[:, :, 40:] = -1
    trainer = Trainer(TINY, replace(data(), labels=coded))
    predicted = np.where(cells, 0.9, 0.1)
    predicted[:, :, 44:] = 0.5
    assert trainer._scores(predicted) == (1.0, 1.0) and images.shape == coded.shape
