"""What is read from a result, and that it comes back from disk."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.images.pictures import Picture
from snnlab.results.metrics import score
from snnlab.results.segmentation import LayerStats, Sampled, Segmentation, window_start
from snnlab.settings import Settings
from snnlab.simulation.network import Readout
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import Recording, SpikeTrains

STEPS, SHAPES = 70, {"first": (16, 16, 2), "last": (16, 16, 3)}


def made(settings=None, seed=0, size=(13, 15), labels=True, many=False) -> Segmentation:
    """A result of random spikes, on an image that was padded from 13 x 15 pixels."""
    random = np.random.default_rng(seed)
    trains, layers, sampled = [], [], {}
    for name, shape in SHAPES.items():
        count = int(np.prod(shape))
        spikes = (
            random.poisson(0.3, (STEPS, count))
            if many
            else random.uniform(size=(STEPS, count)) < 0.2
        )
        words, extra = pack(np.asarray(spikes).astype(int))
        trains.append(SpikeTrains(name, shape, words, STEPS, 0.001, extra))
        histogram = np.bincount(trains[-1].counts().ravel())
        layers.append(LayerStats(name, shape, name == "last", histogram, 1234, STEPS, 150.0))
        chosen = np.sort(random.choice(count, 20, replace=False))
        sampled[name] = Sampled(chosen, random.uniform(size=20).astype(np.float32))
    pixels = (random.integers(0, 256, size) / 255).astype(np.float32)
    truth = random.uniform(size=size) > 0.3 if labels else None
    ann = random.uniform(size=size).astype(np.float32)
    result = Segmentation(
        settings or Settings(timesteps=STEPS), Picture(pixels, truth, "a name", 2, 5, "ab" * 32),
        random.uniform(size=size).astype(np.float32), ann, 0.25, 1.5, tuple(layers),
        Recording(tuple(trains), "event", STEPS, 1.25), (0, 0, *size),
        Readout(random.normal(size=3).astype(np.float32), 0.125), sampled,
    )  # fmt: skip
    if labels:
        scores = score(ann, truth), score(result.snn(), truth)
        result = replace(result, ann_scores=scores[0], snn_scores=scores[1])
    return result


def test_a_file_is_called_what_its_owner_called_it():
    grey = np.zeros((2, 2), np.float32)
    assert Picture(grey, None, "sec_16.tif", 0, 1, "", file="sec_16.tif").title == "sec_16.tif"
    assert Picture(grey, None, "synthetic 256", 0, 1, "", file="a.png").title == "Synthetic 256"


def test_a_section_among_several_is_named():
    grey = np.zeros((2, 2), np.float32)
    stack = Picture(grey, None, "vol.tif", 20, 30, "", file="vol.tif")
    assert stack.title == stack.called == "vol.tif, section 20"
    volume = Picture(grey, None, "ISBI 2012 section 20", 20, 30, "", file="train-volume.tif")
    assert volume.title == "ISBI 2012 section 20"  # once is enough
    sample = Picture(grey, None, "synthetic 256", 1, 3, "", file="a.png")
    assert sample.called == "synthetic 256"


@pytest.mark.parametrize("synapse_ms", [0.0, 5.0])
@pytest.mark.parametrize("step", [1, 17, 64, 65, STEPS, None])
def test_the_segmentation_is_read_from_the_spikes_of_its_window(synapse_ms, step):
    result = made(Settings(timesteps=STEPS, synapse_ms=synapse_ms))
    stop = STEPS if step is None else step
    start = stop * 7 // 10 if synapse_ms else stop // 2
    raster = result.recording["last"].raster(np.arange(16 * 16 * 3)).reshape(STEPS, 16, 16, 3)
    activation = raster[start:stop].sum(0) / ((stop - start) * 0.001) / 150.0
    logits = activation @ result.readout.weights.astype(float) + 0.125
    found = result.snn(step)
    assert found.shape == (13, 15)  # of the image, not of what it was padded to
    np.testing.assert_allclose(found, (1 / (1 + np.exp(-logits)))[:13, :15], rtol=1e-4)


@given(st.integers(1, 1000))
def test_the_window_is_the_last_thirty_percent_or_half(step):
    start = window_start(step, Settings(synapse_ms=1))
    assert 10 * start <= 7 * step < 10 * (start + 1)
    assert start < step
    start = window_start(step, Settings(synapse_ms=0))
    assert 2 * start <= step < 2 * (start + 1)


@given(st.integers(0, 2**31), st.sampled_from([50, 75, 90, 99, 99.5, 99.9, 100]))
def test_statistics_are_those_of_the_rates(seed, percentile):
    """Of a histogram, against NumPy on the neurons one by one."""
    counts = np.random.default_rng(seed).poisson(6, (10, 10, 3))
    stats = LayerStats("x", counts.shape, True, np.bincount(counts.ravel()), 0, 50, 150.0)
    rates = counts / 0.050
    assert stats.neurons == 300 and stats.spikes == counts.sum()
    assert stats.mean_rate_hz == pytest.approx(rates.mean())
    expected = np.percentile(rates, percentile, method="inverted_cdf")
    assert stats.percentile_hz(percentile) == pytest.approx(expected)


def test_agreement_is_the_share_of_pixels_on_the_same_side():
    result = made(Settings(timesteps=STEPS, threshold=0.6))
    snn = result.snn(30)
    pairs = zip(result.ann.flat, snn.flat, strict=True)
    expected = np.mean([(a >= 0.6) == (s >= 0.6) for a, s in pairs])
    assert result.agreement(30) == pytest.approx(expected)
    assert replace(result, ann=result.snn()).agreement() == 1


def test_a_large_image_shows_the_nearest_moment():
    moments = {20: np.full((13, 15), 0.25, np.float16), 70: np.full((13, 15), 0.75, np.float16)}
    result = replace(made(), moments=moments)
    assert not result.whole and result.steps_shown == (20, 70)
    for step, value in ((1, 0.25), (44, 0.25), (46, 0.75), (None, 0.75)):
        found = result.snn(step)
        assert found.dtype == np.float32 and (found == value).all()


def test_sums_are_over_all_layers():
    result = made()
    assert result.spikes == result.recording.spikes() == sum(x.spikes for x in result.layers)
    assert result.synaptic_events == 2 * 1234
    neurons = 16 * 16 * 5
    assert result.mean_rate_hz == pytest.approx(result.spikes / neurons / 0.070)
    assert result.nbytes >= sum(x.words.nbytes for x in result.recording.populations)
