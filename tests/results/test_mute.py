"""Mute runs are known, and what is advised speaks."""

import re

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.lab import segmenting as lab
from snnlab.results import mute


@pytest.fixture(scope="module")
def silent():
    settings = lab.defaults("loihi").replace(timesteps=16)
    return lab.segment(lab.sample(0), settings)


def test_a_mute_run_shows_one_grey_and_is_known(silent):
    assert np.ptp(silent.snn()) == 0 and mute.is_mute(silent)
    assert not mute.is_mute(lab.default_result())


def test_what_is_advised_speaks_on_the_whole_image(silent):
    model = lab.model("loihi")
    told = mute.told(model, silent.image, silent.settings)
    steps = int(re.search(r"with (\d+) timesteps", told)[1])
    low, high = re.search(r"bounds of (\d+) to (\d+) Hz", told).groups()
    for advised in (
        silent.settings.replace(timesteps=steps),
        silent.settings.replace(lower_hz=float(low), upper_hz=float(high)),
    ):
        result = lab.segment(lab.sample(0), advised)
        assert not mute.is_mute(result) and np.ptp(result.snn()) > 0.1


def test_where_nothing_helps_it_is_said_and_it_can_be_stopped(silent, monkeypatch):
    with pytest.raises(Cancelled):
        mute.told(lab.model("loihi"), silent.image, silent.settings, lambda: True)
    monkeypatch.setattr(mute, "_speaks", lambda model, piece, one, cancel: one.timesteps == 200)
    told = mute.told(lab.model("loihi"), silent.image, silent.settings)
    assert "with the model's own settings (200 timesteps, 75 to 150 Hz, synapse 3 ms)" in told
    monkeypatch.setattr(mute, "_speaks", lambda *_: False)
    assert "neither more" in mute.told(lab.model("loihi"), silent.image, silent.settings)
