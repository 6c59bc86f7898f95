"""Columns, regions and maps of spikes, against sums over the raster and the whole ANN."""

import itertools
from collections import OrderedDict
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import ndimage

from snnlab.errors import LabError
from snnlab.images import tiles
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing as lab_viewer
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.ui.shared import moments
from tests import small_models

MODEL = small_models.model(6)
SETTINGS = Settings(model="small", timesteps=20)
SHAPE = 44, 38  # no multiples of what the net needs


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "model", lambda name: MODEL)
        patch.setattr(lab, "_results", OrderedDict())
        patch.setattr(lab, "_ann", OrderedDict())
        pixels = small_models.image(*SHAPE)
        yield lab.segment(Picture(pixels, None, "p", 0, 1, "f" * 64), SETTINGS)


def part(result, region):
    """The same result as if only a part of its image's spikes had been kept."""
    top, left, height, width = region
    inside = (slice(top, top + height), slice(left, left + width))
    kept = lab.segment(Picture(result.image[inside], None, "q", 0, 1, "e" * 64), SETTINGS)
    moments = {result.timesteps: result.snn()}
    return replace(
        result,
        recording=kept.recording,
        image=np.pad(kept.image, ((top, 99), (left, 99)), mode="edge"),
        region=region,
        moments=moments,
    )


@pytest.mark.parametrize("place", [(0, 0), (17, 21), (43, 37)])
def test_a_column_is_the_neurons_that_cover_the_pixel(result, place):
    found = lab_viewer.column(result, *place)
    assert [layer.name for layer in found] == [layer.name for layer in result.layers]
    padded = tiles.pad(result.image, 4).shape
    for layer, stats in zip(found, result.layers, strict=True):
        trains = result.recording[layer.name]
        factor = padded[0] // trains.shape[0]
        assert (layer.row, layer.column) == (place[0] // factor, place[1] // factor)
        everyone = trains.raster(np.arange(trains.neurons)).reshape(-1, *trains.shape)
        assert np.array_equal(layer.spikes, everyone[:, layer.row, layer.column])
        start = window_start(result.timesteps, SETTINGS)
        hertz = layer.spikes[start:].sum(0) / ((result.timesteps - start) * 0.001)
        assert layer.rate_hz == pytest.approx(hertz)
        assert layer.reached == pytest.approx(hertz / stats.rate_hz)
        assert layer.potential.shape == layer.spikes.shape
        assert layer.sent is None and layer.sizes == ()
        top, left, height, width = layer.field
        assert top <= place[0] < top + height or factor > 1
        assert top >= 0 and top + height <= padded[0]


def test_a_column_of_graded_spikes_has_their_sizes(monkeypatch):
    monkeypatch.setattr(lab, "model", lambda name: MODEL)
    monkeypatch.setattr(lab, "_results", OrderedDict())
    monkeypatch.setattr(lab, "_ann", OrderedDict())
    picture = Picture(small_models.image(*SHAPE), None, "p", 0, 1, "f" * 64)
    graded = lab.segment(picture, SETTINGS.replace(method="multi-threshold"))
    for layer in lab_viewer.column(graded, 17, 21):
        assert layer.sizes == (2, 1, 0.5, 0.25)
        assert np.array_equal(layer.sent > 0, layer.spikes > 0)
        trains = graded.recording[layer.name]
        sums = trains.sums()[layer.row, layer.column]
        assert np.array_equal(layer.sent.sum(0), sums)


def test_potentials_are_those_of_traces(result):
    layer = lab_viewer.column(result, 9, 30)[-1]
    shape = result.recording[layer.name].shape
    neurons = np.ravel_multi_index((layer.row, layer.column, np.arange(shape[2])), shape)
    traced = lab.traces(result, layer.name, neurons)
    assert np.allclose(layer.potential, traced.potential, atol=1e-6)


def test_neurons_without_a_potential_have_none(result, monkeypatch):
    from snnlab.simulation import traces as module

    plain, bare = module.traces, result.layers[0].name

    def traces(network, recording, layer, neurons):
        if layer == bare:
            raise LabError("the neurons have no membrane potential of their own.")
        return plain(network, recording, layer, neurons)

    monkeypatch.setattr(module, "traces", traces)
    first, *others = lab_viewer.column(result, 9, 30)
    assert first.potential is None
    assert first.spikes.any() or first.spikes.shape == (20, result.layers[0].shape[2])
    assert all(layer.potential is not None for layer in others)


@pytest.mark.parametrize("place", [(0, 0), (17, 21), (43, 37)])
def test_activations_of_a_column_are_those_of_the_whole_image(result, place):
    whole = inference.activations(MODEL, tiles.pad(result.image, 4))
    found = lab_viewer.column_activations(result, *place)
    assert list(found) == list(whole)
    for name, values in whole.items():
        factor = tiles.pad(result.image, 4).shape[0] // values.shape[0]
        expected = values[place[0] // factor, place[1] // factor]
        assert np.allclose(found[name], expected, atol=1e-5), name


def test_activations_of_a_large_image_come_from_a_part_of_it():
    """What lies further away than the column sees is left out, and makes no difference."""
    image = small_models.image(160, 128)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "model", lambda name: MODEL)
        asked = []
        plain = inference.activations
        patch.setattr(
            inference, "activations", lambda m, i: (asked.append(i.shape), plain(m, i))[1]
        )
        fake = type("Result", (), {})()
        fake.image, fake.region, fake.settings = image, (0, 0, 160, 128), SETTINGS
        fake.whole, fake.anywhere = True, False
        found = lab_viewer.column_activations(fake, 90, 61)
        assert asked[0][0] < 160 and asked[0][1] < 128
        for name, values in plain(MODEL, image).items():
            factor = 160 // values.shape[0]
            assert np.allclose(found[name], values[90 // factor, 61 // factor], atol=1e-5)


def test_a_region_sums_its_neurons(result):
    box = (6, 3, 9, 14)
    for row in lab_viewer.region(result, box):
        trains = result.recording[row.name]
        factor = tiles.pad(result.image, 4).shape[0] // trains.shape[0]
        rows = sorted({r // factor for r in range(6, 15)})
        columns = sorted({c // factor for c in range(3, 17)})
        inside = trains.counts()[np.ix_(rows, columns)]
        assert row.neurons == inside.size
        assert row.spikes == inside.sum()
        assert row.mean_hz == pytest.approx(inside.mean() / 0.02)
        assert row.largest_hz == pytest.approx(inside.max() / 0.02)
    everywhere = lab_viewer.region(result, (0, 0, 48, 40))
    assert everywhere[0].everywhere_hz == pytest.approx(result.layers[0].mean_rate_hz)


def test_maps_add_up_to_the_counts(result):
    steps = (1, 4, 5, 20)
    name = result.layers[1].name
    counts = result.recording[name].counts
    maps = lab_viewer.spike_maps(result, name, 1, steps)
    assert maps.dtype == np.uint8
    for i, step in enumerate(steps):
        assert np.array_equal(maps[: i + 1].sum(0), counts(0, step)[:, :, 1])
    together = lab_viewer.spike_maps(result, name, None, steps)
    assert np.array_equal(together.sum(0), counts().sum(2))


def test_the_map_of_all_layers_counts_columns(result):
    maps = lab_viewer.spike_maps(result, None, None, (3, 20)).sum(0)
    for place in ((0, 0), (11, 29), (43, 37)):
        column = lab_viewer.column(result, *place)
        assert maps[place] == sum(int(layer.spikes.sum()) for layer in column)


def test_of_a_part_places_are_those_of_the_image(result):
    region = (8, 4, 24, 28)
    kept = part(result, region)
    whole = lab_viewer.column(
        replace(kept, region=(0, 0, 24, 28), image=kept.image[8:32, 4:32]), 5, 6
    )
    moved = lab_viewer.column(kept, 13, 10)
    for one, other in zip(whole, moved, strict=True):
        assert np.array_equal(one.spikes, other.spikes)
        assert other.field == (one.field[0] + 8, one.field[1] + 4, *one.field[2:])
    for place in ((7, 10), (32, 10), (13, 3), (13, 32)):
        with pytest.raises(LabError, match="rows 8 to 31 and columns 4 to 31"):
            lab_viewer.column(kept, *place)
    with pytest.raises(LabError, match="rows 8 to 31"):
        lab_viewer.region(kept, (0, 0, 8, 50))
    assert (
        lab_viewer.region(kept, (0, 0, 60, 60))[0].neurons == kept.recording.populations[0].neurons
    )


def test_places_go_there_and_back(result):
    for layer in result.layers:
        shape = result.recording[layer.name].shape
        for neuron in (0, int(np.prod(shape)) // 2 + 1):
            row, column, _ = np.unravel_index(neuron, shape)
            pixel = lab_viewer.middle(result, layer.name, neuron)
            assert lab_viewer.place_in(result, layer.name, *pixel) == (row, column)


def test_what_is_not_there_is_said(result):
    with pytest.raises(LabError, match="rows 0 to 43"):
        lab_viewer.column(result, 44, 0)
    with pytest.raises(LabError, match="no layer 'none'"):
        lab_viewer.spike_maps(result, "none", None, (1,))
    with pytest.raises(LabError, match="channels 0 to"):
        lab_viewer.spike_maps(result, result.layers[0].name, 99, (1,))


def labelled(result):
    random = np.random.default_rng(5)
    labels = ndimage.gaussian_filter(random.random(result.image.shape), 3) > 0.5
    return replace(result, picture=replace(result.picture, labels=labels))


def test_segments_are_scored_at_the_threshold_in_use(result):
    one = labelled(result)
    for step in (1, 9, result.timesteps):
        for at in (0.3, 0.6):
            given = replace(one, settings=one.settings.replace(threshold=at))
            found = metrics.score(given.snn(step), given.picture.labels, at)
            assert lab_viewer.segments_score(given, step) == found.v_rand_at_threshold


def test_without_labels_no_segments_are_scored(result):
    assert lab_viewer.scored_steps(result, result.steps_shown) == ()
    with pytest.raises(LabError, match="no labels"):
        lab_viewer.segments_score(result, 3)


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 20, 64, 200])
@pytest.mark.parametrize("side", [64, 512, 1024, 4096])
def test_fewer_moments_of_larger_images_are_scored_the_ends_first(result, steps, side):
    every = tuple(range(1, steps + 1))
    large = SimpleNamespace(picture=labelled(result).picture, image=np.zeros((side, side), bool))
    found = lab_viewer.scored_steps(large, every)
    assert len(found) == len(set(found)) <= min(steps, lab_viewer.SCORED)
    assert set(found) <= set(every)
    assert len(found) >= min(steps, 3)
    assert found[0] == steps
    assert len(found) < 2 or found[1] == 1
    if side > 1000:
        assert len(found) <= 5


def test_scored_moments_are_spread_over_time_however_the_steps_are(result):
    every = moments.spread(tuple(range(1, 501)))  # ever sparser
    one = SimpleNamespace(picture=labelled(result).picture, image=np.zeros((64, 64), bool))
    found = sorted(lab_viewer.scored_steps(one, every))
    late = [step for step in found if step > 30]
    assert len(late) > 7
    assert max(b / a for a, b in itertools.pairwise(late)) < 1.6


def test_counts_without_times_are_a_map_of_the_whole_run_and_no_column(monkeypatch):
    monkeypatch.setattr(lab, "model", lambda name: MODEL)
    settings = SETTINGS.replace(method="ecc", simulator="closed-form")
    counted = lab.segment(Picture(small_models.image(32), None, "p", 0, 1, "d" * 64), settings)
    last = counted.layers[-1].name
    (found,) = lab_viewer.spike_maps(counted, last, None, counted.steps_shown)
    np.testing.assert_array_equal(found, counted.recording[last].counts().sum(2))
    with pytest.raises(LabError, match="choose another simulator"):
        lab_viewer.column(counted, 3, 4)
