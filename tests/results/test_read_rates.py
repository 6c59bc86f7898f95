"""Rates over the steps that are read out, against counts of the raster."""

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import read_rates
from snnlab.results.segmentation import window_start


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


@pytest.mark.parametrize("place", [0, 5, -1])
def test_they_are_counted_over_the_readout_alone(result, place):
    layer = result.layers[place].name
    trains = result.recording[layer]
    start = window_start(result.timesteps, result.settings)
    chosen = np.arange(0, trains.neurons, 97)
    sent = trains.raster(chosen)[start:].sum(0)
    np.testing.assert_array_equal(read_rates.counts(result, layer)[chosen], sent)
    found = read_rates.of(result, layer)
    hertz = trains.rates_hz(start).ravel()
    assert found.neurons == len(hertz)
    assert found.timesteps == result.timesteps - start
    assert found.mean_rate_hz == pytest.approx(hertz.mean(), rel=1e-4)
    for percentile in (50, 99.9, 100):
        expected = np.percentile(hertz, percentile, method="inverted_cdf")
        assert found.percentile_hz(percentile) == pytest.approx(expected)
    rungs = np.unique(hertz)
    assert np.diff(rungs).min() == pytest.approx(found.apart_hz, rel=1e-5)


def test_a_net_of_one_tissue_keeps_the_rule_that_the_page_states():
    """Every diamond within one spike of the band.

    Of a net that learned several tissues, one of them drives the layers hardest, and others less.
    """
    settings = lab.defaults("regularised")
    result = lab.segment(lab.sample(0), settings)
    for layer in result.layers:
        found = read_rates.of(result, layer.name)
        hertz = found.percentile_hz(settings.percentile)
        low, high = settings.lower_hz - found.apart_hz, settings.upper_hz + found.apart_hz
        assert low <= hertz <= high, layer.name


def test_neurons_that_speak_in_cycles_are_counted_over_whole_ones(monkeypatch, result):
    trains, end = result.recording.populations[0], result.timesteps
    monkeypatch.setattr(type(trains), "window", lambda self, start: (end - 20, end - 4))
    assert read_rates.window(result, trains) == (end - 20, end - 4)
    # none is complete: better than nothing
    monkeypatch.setattr(type(trains), "window", lambda self, start: (end, end))
    assert read_rates.window(result, trains) == (window_start(end, result.settings), end)
