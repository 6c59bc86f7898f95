"""A few steps of training for few timesteps; what is trained is what then runs."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from snnlab import conversion
from snnlab.conversion import qcfs
from snnlab.errors import Cancelled
from snnlab.lab import segmenting as lab
from snnlab.nets import activations
from snnlab.nets.inference import segment
from snnlab.nets.model import available
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation import event
from snnlab.training import few_steps, recipes, through_time
from snnlab.training.few_steps import FEW_STEPS, FewSteps, QcfsRecipe, SurrogateRecipe
from snnlab.training.finishing import channel_percentiles
from snnlab.training.fitting import Recipe, Trainer
from tests import small_models
from tests.training.test_fitting import after, data, draw, same

TINY = {
    "steps": 12, "side": 32, "batch": 2, "widths": (3, 4), "encoder": 2, "rate": 1e-2,
    "average": 0.9, "validate_every": 0.25, "validated": (4, 8),
}  # fmt: skip
QCFS = QcfsRecipe(**TINY)
SURROGATE = SurrogateRecipe(**TINY, timesteps=5, readouts=((3, 0.3), (5, 0.7)))
BOTH = pytest.mark.parametrize("recipe", [QCFS, SURROGATE], ids=["qcfs", "surrogate"])


@cache
def start():
    return small_models.untuned(5, (3, 4))


def trainer(recipe, folder=None, model=None):
    return recipes.trainer(recipe, data(), folder, model or start())


def logits(model, image, settings):
    """Of the readout over the window, from the spiking network."""
    network = conversion.method(settings.method).convert(model, image, settings)
    recording = event.run(network, settings.timesteps, threads=1)
    last = network.populations[-1]
    start = window_start(settings.timesteps, settings)
    return network.readout.logits(recording[last.name].rates_hz(start) / last.rate_hz), recording


@BOTH
def test_training_lowers_the_loss_and_moves_thresholds(recipe):
    run = trainer(replace(recipe, steps=60, rate=3e-2))
    before = run.net.rates()
    assert before == pytest.approx(dict.fromkeys(before, 1000.0))
    model = run.run()
    assert run.history[-1]["loss"] < 0.95 * run.history[0]["loss"]
    assert all(abs(rate - 1000) > 1 for rate in model.rate_hz.values())
    assert model.rate_hz == pytest.approx({
        name: 1000 * np.exp(-run.best[1][f"{name}/threshold"]) for name in model.rate_hz
    })  # fmt: skip
    assert all(levels.dtype == np.int8 for levels in model.levels.values())


@BOTH
def test_it_resumes(recipe, tmp_path):
    first = trainer(recipe, tmp_path)
    with pytest.raises(Cancelled):
        first.run(cancel=after(6, first))
    second = trainer(recipe, tmp_path)
    assert (second.done_steps, second.folded) == (6, first.folded)
    same(second.net.state(), first.net.state())
    same(second.averaged, first.averaged)
    second.run()
    assert [entry["step"] for entry in second.history] == [3, 6, 9, 12]
    assert {"snn_4", "snn_8"} <= second.history[-1].keys()
    assert second.folded


def test_a_start_is_scaled_so_that_the_percentile_is_one_spike_a_step():
    model = trainer(QCFS).model()
    reached = channel_percentiles(
        model, [draw(np.random.default_rng(s))[0] for s in range(4)], 99.9
    )
    live = channel_percentiles(start(), [draw(np.random.default_rng(0))[0]], 99.9)
    for name, values in reached.items():
        np.testing.assert_allclose(values[live[name] > 1e-6], 1, rtol=0.25, err_msg=name)


def test_a_start_that_has_thresholds_keeps_them():
    card = {"settings": {"method": "qcfs"}}
    rates = {name: 700.0 + 50 * at for at, name in enumerate(start().rate_hz)}
    run = trainer(SURROGATE, model=replace(start(), rate_hz=rates, card=card))
    assert run.net.rates() == pytest.approx(rates)


def test_qcfs_trains_the_activation_of_the_paper():
    z = np.linspace(-1, 2, 4001, dtype=np.float32)
    z = z[np.abs(z * 8 / 0.8 % 1 - 0.5) > 1e-3]
    found = activations.qcfs(1000 / 0.8, 8)(z)
    np.testing.assert_allclose(found, qcfs.activation(z.astype(float), 0.8, 8), atol=1e-6)


def test_through_time_the_net_computes_what_the_converted_network_does():
    """Spike by spike, after training has moved everything; and so what the loss reads."""
    run = trainer(replace(SURROGATE, rate=3e-2))
    run.run()
    assert run.folded
    run.averaged = run.net.state()
    model = replace(run.model(), card={"settings": {"method": "surrogate"}})
    image, steps = data().images[0], SURROGATE.timesteps
    many = through_time.repeated(image[None, :, :, None], steps)
    expected, active = run.net(many, run.curve, quantised=True)
    settings = Settings(method="surrogate", timesteps=steps, initial=SURROGATE.initial)
    read, recording = logits(model, image, settings)
    for name, values in active.items():
        trains = recording[name]
        sent = trains.raster(np.arange(trains.neurons)) > 0
        told = (values.numpy() > 0).reshape(steps, -1)
        # a potential at its threshold may go either way in single precision
        assert (sent != told).mean() < 1e-3, name
        assert told.any(), name
    window = expected.numpy()[window_start(steps, settings) :, :, :, 0].mean(0)
    assert np.abs(read - window).mean() < 1e-2 * window.std()
    shown = few_steps.probabilities("surrogate", model, image[None], (4, steps), SURROGATE.initial)
    np.testing.assert_allclose(shown[steps][0], 1 / (1 + np.exp(-read)), atol=1e-5)
    shorter, _ = logits(model, image, settings.replace(timesteps=4))
    np.testing.assert_allclose(shown[4][0], 1 / (1 + np.exp(-shorter)), atol=1e-5)


def test_batch_norm_of_the_currents_changes_nothing_at_first_and_folds():
    run = trainer(SURROGATE)
    assert not run.folded
    many = through_time.repeated(data().images[:1, :32, :32, None], SURROGATE.timesteps)
    _, _, normalised = run.net.forward(many, run.curve, batch_norm=True)
    run.net.fold()
    _, _, folded = run.net.forward(many, run.curve)
    first = next(iter(folded))
    np.testing.assert_allclose(normalised[first], folded[first], atol=1e-5)
    for name in folded:
        assert np.abs(normalised[name] - folded[name]).mean() < 0.02
    kernels = {layer.name: run.net.kernels[layer.name].numpy() for layer in run.layers}
    scaled = run._balanced(start())[0]
    for name, kernel in kernels.items():
        np.testing.assert_allclose(kernel, scaled[name], rtol=1e-4, atol=1e-5)


def test_the_readout_s_bias_is_set_by_the_spiking_network():
    run = trainer(replace(QCFS, steps=4))
    model = run.run()
    shifted = replace(
        model, biases=model.biases | {"readout": model.biases["readout"] + np.float32(-0.9)}
    )
    images, labels = data().images, data().labels
    right = []
    for made in (shifted, run.finish(shifted, images, labels)):
        shown = few_steps.probabilities("qcfs", made, images, (8,))[8]
        right.append(np.mean((np.stack(shown) > 0.5) == labels))
    assert right[1] > right[0]
    assert run.finish(shifted, images, labels).quantiles


def test_plans_name_their_method_and_are_trained_by_its_trainer():
    assert type(recipes.trainer(Recipe(steps=1, widths=(3, 4), encoder=2), data())) is Trainer
    found = set()
    for name, plan in recipes.PLANS.items():
        if isinstance(plan.stages[-1], FewSteps):
            method = plan.stages[-1].method
            assert plan.settings["method"] == method == conversion.method(method).name == name
            tiny = replace(plan.stages[-1], widths=(3, 4), encoder=2)
            assert type(trainer(tiny)) is FEW_STEPS[method]
            found.add(method)
    assert found == {*FEW_STEPS}


@pytest.mark.parametrize("name", [name for name in available() if name in FEW_STEPS])
def test_a_shipped_model_comes_with_its_method_and_what_it_scores(name):
    defaults, card = lab.defaults(name), lab.model(name).card
    assert (
        defaults.method == name and defaults.timesteps == recipes.PLANS[name].stages[-1].timesteps
    )
    assert card["scores"]["snn"] == card["scores"]["snn_by_timesteps"][str(defaults.timesteps)]
    assert [int(steps) for steps in card["scores"]["snn_by_timesteps"]] == [*few_steps.SCORED]
    assert f"--model {name}" in card["command"]
    # a synthetic section, unlike what it was trained on: cells as its ANN has them
    model, image = lab.model(name), small_models.image(64)
    network = conversion.method(name).convert(model, image, defaults)
    found = network.probability(event.run(network, 32, threads=1), 16)
    assert np.mean((found > 0.5) == (segment(model, image).probability > 0.5)) > 0.9
