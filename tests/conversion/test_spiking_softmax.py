"""Two classes told by spikes, through the lab: the picture, the counts, what refuses."""

from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax

from snnlab.conversion import spiking_softmax
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.results import mute
from snnlab.settings import Settings
from tests import small_models

MODELS = {
    "pooled": small_models.pooled_model(6),
    "one": small_models.model(6),
    "three": small_models.classes_model(6),
}
SETTINGS = Settings(model="pooled", method="spiking-softmax", timesteps=60)


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "model", MODELS.__getitem__)
        patch.setattr(lab, "_results", OrderedDict())
        patch.setattr(lab, "_ann", OrderedDict())
        pixels = small_models.image(32)
        yield lab.segment(Picture(pixels, None, "p", 0, 1, "f" * 64), SETTINGS)


def test_the_picture_is_the_share_of_the_spikes(result):
    drawn = result.recording["softmax"].counts(30, 60).astype(float)
    # one draw a step, which one class gets
    np.testing.assert_array_equal(drawn.sum(2), 30)
    np.testing.assert_allclose(result.snn(), drawn[..., 1] / 30, atol=1e-6)
    model = MODELS["pooled"]
    last = result.layers[-2]
    told = result.recording[last.name].rates_hz() / last.rate_hz
    logits = told @ model.kernels["readout"][0, 0] + model.biases["readout"]
    expected = softmax(logits, axis=-1)[..., 1]
    assert np.abs(result.snn() - expected).mean() < 0.1
    # the other way to read the same net draws nothing, and is near
    plain = lab.segment(result.picture, SETTINGS.replace(method="data-normalisation"))
    assert np.abs(result.snn() - plain.snn()).mean() < 0.1


def test_a_spike_of_the_last_layer_reaches_both_and_a_drawn_one_nothing(result):
    plain = lab.segment(result.picture, SETTINGS.replace(method="data-normalisation"))
    assert result.layers[-1].synaptic_events == 0
    assert result.synaptic_events == plain.synaptic_events
    one, other = (lab_energy.work_of(run) for run in (result, plain))
    assert one.events == other.events


def test_draws_do_not_pass_for_a_net_that_speaks(result):
    assert not mute.is_mute(result)
    *rest, last, drawn = result.recording.populations
    none = replace(last, words=np.zeros_like(last.words))
    silent = replace(result.recording, populations=(*rest, none, drawn))
    assert silent["softmax"].total() > 0
    assert mute.is_mute(replace(result, recording=silent))


def test_one_class_is_refused():
    with pytest.raises(LabError, match="has one class; a softmax needs two: choose pooled"):
        spiking_softmax.convert(MODELS["one"], small_models.image(32), SETTINGS)


def test_three_classes_share_one_draw_a_step(monkeypatch):
    monkeypatch.setattr(lab, "model", MODELS.__getitem__)
    monkeypatch.setattr(lab, "_results", OrderedDict())
    monkeypatch.setattr(lab, "_ann", OrderedDict())
    picture = Picture(small_models.image(32), None, "p", 0, 1, "e" * 64)
    settings = SETTINGS.replace(model="three", timesteps=400)
    drawn, plain = (
        lab.segment(picture, settings.replace(method=method))
        for method in ("spiking-softmax", "data-normalisation")
    )
    counts = drawn.recording["softmax"].counts(200, 400)
    assert counts.shape == (32, 32, 3)
    np.testing.assert_array_equal(counts.sum(2), 200)
    np.testing.assert_allclose(drawn.snn_classes(), counts / 200, atol=1e-6)
    np.testing.assert_allclose(drawn.snn(), counts[..., 1:].sum(2) / 200, atol=1e-6)
    # what nothing is drawn of holds the same, which the shares approach
    assert np.abs(drawn.snn_classes() - plain.snn_classes()).mean() < 0.05
    assert drawn.by_class and plain.by_class
    assert drawn.ann_classes is not None and drawn.ann_classes.shape == (32, 32, 3)
