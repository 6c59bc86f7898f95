"""Quality against energy: the beginnings of one run, scored and counted as runs of their own."""

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.lab import trials as lab_trials


@pytest.fixture(scope="module")
def picture():
    whole = lab.sample(0)
    from dataclasses import replace

    cut = slice(64, 128)
    return replace(
        whole, pixels=whole.pixels[cut, cut], labels=whole.labels[cut, cut], sha256="a part of it"
    )


WAY = lab_trials.Way("quick", 16, 900.0, 1000.0, 0.0)


def test_a_trial_holds_its_shorter_runs(picture):
    settings = lab_trials.settings_of("regularised", WAY, lab.defaults("regularised"))
    found = lab_trials.trial(picture, settings, WAY.name)
    assert found.steps == (4, 8, 12, 16)
    assert found.ann["pixel_accuracy"] > 0.5
    for index, steps in enumerate(found.steps):
        shorter = lab.segment(picture, settings.replace(timesteps=steps))
        assert found.works[index] == lab_energy.work_of(shorter)
        assert found.quality[index]["agreement"] == pytest.approx(shorter.agreement())
        accuracy = np.mean((shorter.snn() >= 0.5) == picture.labels)
        assert found.quality[index]["pixel_accuracy"] == pytest.approx(accuracy)
        assert found.quality[index]["v_rand"] == pytest.approx(shorter.snn_scores.v_rand)


def test_without_labels_agreement_is_left(picture):
    from dataclasses import replace

    bare = replace(picture, labels=None, sha256="a part without labels")
    settings = lab_trials.settings_of("regularised", WAY, lab.defaults("regularised"))
    found = lab_trials.trial(bare, settings, WAY.name)
    assert found.ann == {}
    assert all(set(seen) == {"agreement"} for seen in found.quality)


def test_all_models_all_ways_and_never_twice(picture, monkeypatch):
    monkeypatch.setattr(lab_trials, "WAYS", (WAY,))
    base, told = lab.defaults("regularised"), []
    assert lab_trials.trials_known(picture, base) is None
    found = lab_trials.trials(picture, base, lambda share, stage: told.append(share))
    # models run by a method without bounds of rates have no ways to be tried
    ways = ["generalist", "organelles", "regularised", "relu", "loihi", "phantom"]
    assert [one.model for one in found] == ways
    assert min(told) >= 0 and max(told) == told[-1] == 1.0
    assert lab_trials.trials_known(picture, base) is found
    assert lab_trials.trials(picture, base, cancel=lambda: True) is found


def test_trials_can_be_stopped(picture):
    with pytest.raises(Cancelled):
        lab_trials.trials(picture, lab.defaults("relu").replace(threshold=0.4), cancel=lambda: True)


def test_loihis_own_reset_starts_at_zero():
    base = lab.defaults("regularised")
    assert lab_trials.settings_of("regularised", WAY, base, "zero").initial == 0.0
    assert lab_trials.settings_of("regularised", WAY, base, "subtraction").initial == 0.5
    # a model that was trained to begin elsewhere begins there
    own = lab.defaults("surrogate").initial
    assert own != 0.5
    assert lab_trials.settings_of("surrogate", WAY, base, "subtraction").initial == own
