"""From a dot or a bar to a place in the image, and from a place to its neurons."""

from types import SimpleNamespace

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import window_start
from snnlab.ui.segment import viewer
from snnlab.ui.shared import bench, chosen, places, views


@pytest.fixture
def state(monkeypatch):
    """A visitor's session, without Streamlit."""
    kept = {}
    for module in (places, chosen):
        monkeypatch.setattr(module.st, "session_state", kept)
    return kept


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def clicked(**point):
    return SimpleNamespace(selection={"points": [point] if point else []})


def covers(result, layer, neuron, pixel):
    """Whether the neuron stands where the pixel is."""
    shape = result.recording[layer].shape
    row, column, _ = np.unravel_index(neuron, shape)
    side = result.recording.populations[0].shape[0] // shape[0]
    return (pixel[0] // side, pixel[1] // side) == (row, column)


def test_a_dot_of_the_raster_is_its_neurons_place(state, result):
    drawn, _ = views.drawn(result, 8, True)
    top = 0
    for curve, (layer, rows) in enumerate(drawn.items()):
        for row in (0, len(rows) - 1):
            state["raster"] = clicked(curve_number=curve, point_index=0, y=top + row)
            places.dot_chosen(result, "raster", drawn)
            assert covers(result, layer, rows[row], viewer.chosen(result)[0])
            assert state["layer"] == layer
        top += len(rows) + 2
    before = viewer.chosen(result)
    state["raster"] = clicked()
    places.dot_chosen(result, "raster", drawn)
    assert viewer.chosen(result) == before


def test_a_dot_of_the_scatter_is_its_neurons_place(state, result):
    layer = result.layers[2].name
    neuron = result.sampled[layer].neurons[17]
    state["scatter"] = clicked(curve_number=1, point_index=17)
    places.pair_chosen(result, "scatter", layer)
    assert covers(result, layer, neuron, viewer.chosen(result)[0])
    state["scatter"] = clicked(curve_number=0, point_index=1)  # the dashed line
    places.pair_chosen(result, "scatter", layer)
    assert covers(result, layer, neuron, viewer.chosen(result)[0])


def test_a_dot_of_the_small_figures_is_its_neurons_place(state, monkeypatch, result):
    monkeypatch.setattr(views, "of", lambda result, what, work: work())
    found = views.few_pairs(result)
    drawn = {name: neurons for name, (_, _, neurons) in found.items()}
    for place, (layer, (ann, snn, neurons)) in enumerate(found.items()):
        sampled = dict(
            zip(result.sampled[layer].neurons, result.sampled[layer].activation, strict=True)
        )
        assert [sampled[neuron] for neuron in neurons] == pytest.approx(ann)
        driven = (result.sampled[layer].activation > 0).sum()
        assert ((ann > 0) | (snn > 0)).sum() >= min(driven, len(neurons))
        state["multiples"] = clicked(curve_number=2 * place + 1, point_index=3)
        places.small_pair_chosen(result, "multiples", drawn)
        assert covers(result, layer, neurons[3], viewer.chosen(result)[0])
        assert state["layer"] == layer
    before = viewer.chosen(result)
    state["multiples"] = clicked(curve_number=0, point_index=1)  # a dashed line
    places.small_pair_chosen(result, "multiples", drawn)
    assert viewer.chosen(result) == before


def test_a_bar_marks_neurons_of_its_rate(state, result):
    layer = result.layers[-1].name
    # the bars are of the steps that are read out
    counts = result.recording[layer].counts(window_start(result.timesteps, result.settings))
    state["histogram"] = clicked(curve_number=0, point_index=2)
    places.bar_chosen(result, "histogram", layer)
    spots = places.marked(result)
    assert 0 < len(spots) <= places.SPOTS
    for row, column in spots:
        assert (counts[row, column] == 2).any()
    state["histogram"] = clicked()
    places.bar_chosen(result, "histogram", layer)
    assert places.marked(result) == ()


def test_marks_of_another_result_are_not_shown(state, result):
    state["histogram"] = clicked(curve_number=0, point_index=2)
    places.bar_chosen(result, "histogram", result.layers[-1].name)
    other = SimpleNamespace(
        picture=result.picture, settings=result.settings.replace(seed=9), region=result.region
    )
    assert bench.identity(other.picture, other.settings) != bench.identity(
        result.picture, result.settings
    )
    assert places.marked(other) == ()


def test_a_places_neurons_cover_it(state, result):
    assert places.neurons(result) == {}
    viewer.choose(result, (101, 57))
    found = places.neurons(result)
    assert list(found) == [layer.name for layer in result.layers]
    for layer in result.layers:
        assert len(found[layer.name]) == layer.shape[2]
        assert all(covers(result, layer.name, neuron, (101, 57)) for neuron in found[layer.name])


def test_a_neuron_to_begin_with_sent_spikes_and_is_near_the_middle(result):
    for layer in result.layers:
        trains = result.recording[layer.name]
        counts = trains.counts()
        row, column, channel = places._first(trains)
        assert counts[row, column, channel] == counts[row, column].max() > 0
        middle = [side // 2 for side in trains.shape[:2]]
        far = np.hypot(row - middle[0], column - middle[1])
        for at in np.argwhere(counts.any(2)):
            assert np.hypot(*(at - middle)) >= far - 1e-9


def test_at_a_place_a_neuron_that_speaks_is_taken_before_a_silent_one(result):
    trains = result.recording[result.layers[-1].name]
    counts = trains.counts()
    row, column = np.argwhere((counts.max(2) > 0) & (counts.min(2) == 0))[0]
    silent, loud = counts[row, column].argmin(), counts[row, column].argmax()
    assert places._speaking(trains, row, column, int(silent)) == loud
    other = int(np.flatnonzero(counts[row, column])[0])
    assert places._speaking(trains, row, column, other) == other


def of_key(app, key):
    return next(item for item in app.number_input if str(item.key) == key)


def test_a_place_sets_the_controls_and_they_set_it(app):
    app.run()
    result = app.session_state["shown"]
    layer = result.layers[-1]
    height, width, _ = layer.shape
    app.session_state["beside"] = {"at": ("101-57", bench.named(result.picture))}
    app.switch_page("pages/spikes.py").run()
    assert not app.exception
    scale = result.recording.populations[0].shape[0] // height
    assert of_key(app, f"Row-{height}").value == 101 // scale
    assert of_key(app, f"Column-{width}").value == 57 // scale
    of_key(app, f"Row-{height}").set_value(3).run()
    assert not app.exception
    row = int(app.session_state["beside"]["at"][0].split("-")[0])
    assert row // scale == 3
    assert app.query_params["at"] == app.session_state["beside"]["at"][0]
    assert of_key(app, f"Column-{width}").value == 57 // scale


def test_the_raster_of_a_place_and_its_rates_are_drawn(app):
    app.run()
    result = app.session_state["shown"]
    app.session_state["beside"] = {"at": ("101-57", bench.named(result.picture))}
    app.switch_page("pages/spikes.py").run()
    toggle = next(item for item in app.toggle if item.key == "of-place")
    toggle.set_value(True).run()
    assert not app.exception
    assert any("cover row 101, column 57" in item.value for item in app.caption)
    app.switch_page("pages/rates.py").run()
    assert not app.exception
