"""What pages say of rates follows from the run."""

from dataclasses import replace

import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import read_rates
from snnlab.settings import Settings
from snnlab.ui.shared import words


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def test_one_spike_is_as_much_in_words_as_in_the_figure(result):
    read = read_rates.of(result, result.layers[-1].name)
    assert f"one spike ({read.apart_hz:.4g} Hz here)" in words.rates_rule(result)
    counted = words.rates_counted(result)
    assert f"last {read.timesteps} of {result.timesteps} steps" in counted
    assert f"is {read.apart_hz:.4g} Hz." in counted


def test_what_is_as_usual_goes_without_saying():
    assert words.unusual(Settings()) == ()
    other = Settings(
        method="data-normalisation", reset="zero", percentile=99.0, synapse_ms=5.0, lower_hz=10.0
    )
    assert words.unusual(other) == (
        "method data-normalisation", "99th percentile", "reset to zero", "synapse of 5 ms"
    )  # fmt: skip
    assert words.unusual(other, ("synapse_ms",)) == ("synapse of 5 ms",)
    # what a method does not read makes no difference
    assert words.unusual(Settings(method="qcfs", percentile=99.0)) == ("method qcfs",)


def test_layers_that_speak_in_cycles_and_parts_of_an_image_are_named(result):
    first, *others = result.recording.populations
    recording = replace(result.recording, populations=(replace(first, cycle=4), *others))
    assert "whole cycles" in words.rates_counted(replace(result, recording=recording))
    large = replace(result, moments={8: result.ann})
    assert "in the middle of the image" in words.rates_counted(large)


def test_methods_without_bounds_have_no_band_to_lie_in(result):
    other = replace(result, settings=result.settings.replace(method="qcfs"))
    assert "grey band" not in words.rates_rule(other)
