"""What the rate figures show is what they were given."""

import numpy as np
import pytest

from snnlab.figures import palette, rates


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_overview_shows_the_values_of_every_layer_and_the_bounds():
    names = ("encoder", "down0", "up0")
    figure = rates.overview(names, (10, 20, 30), (90, 120, 160), (200, 210, 220), 99.9, 75, 150)
    for label, values in (
        ("mean", (10, 20, 30)),
        ("99.9th percentile", (90, 120, 160)),
        ("largest", (200, 210, 220)),
    ):
        trace = named(figure, label)
        assert tuple(trace.x) == values
        assert tuple(trace.y) == names
        assert tuple(trace.marker.color) == tuple(palette.layer(name) for name in names)
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.x0, band.x1) == (75, 150)
    assert {note.text: note.x for note in figure.layout.annotations} == {"75 Hz": 75, "150 Hz": 150}


def test_equal_bounds_are_one_line_with_one_label():
    figure = rates.overview(("down0",), (1,), (2,), (3,), 99, 100, 100)
    assert [note.text for note in figure.layout.annotations] == ["100 Hz"]


def test_histogram_has_a_bar_for_each_number_of_spikes():
    hertz, neurons = np.arange(5) * 15.625, np.array([100000, 300, 0, 7, 1])
    figure = rates.histogram("up1", hertz, neurons, 99.9, 46.875, 30, 60)
    bars = figure.data[0]
    assert np.array_equal(bars.x, hertz)
    assert np.array_equal(bars.y, neurons)
    assert bars.marker.color == palette.layer("up1")
    assert bars.width < hertz[1]
    assert figure.layout.yaxis.type == "log"
    assert tuple(named(figure, "percentile").x) == (46.875,)
    assert {note.x for note in figure.layout.annotations} == {30, 60}
    low, high = figure.layout.xaxis.range
    assert low < hertz[0] and high > hertz[-1]


def test_histogram_of_a_layer_that_never_spiked():
    figure = rates.histogram("up1", np.array([0.0]), np.array([64]), 99.9, 0.0, 75, 150)
    assert list(figure.data[0].y) == [64]
    assert figure.layout.xaxis.range[1] > 150


def test_scatter_keeps_every_neuron_and_draws_the_identity():
    random = np.random.default_rng(0)
    ann, snn = random.random(50), random.random(50) * 2
    figure = rates.ann_against_snn("down2", ann, snn)
    dots, line = named(figure, "down2"), named(figure, "equal")
    assert np.array_equal(dots.x, ann)
    assert np.array_equal(dots.y, snn)
    assert tuple(line.x) == tuple(line.y)
    assert line.x[1] >= snn.max()
    assert figure.layout.xaxis.range == figure.layout.yaxis.range


def test_scatter_of_nothing_but_zeros():
    figure = rates.ann_against_snn("down2", np.zeros(3), np.zeros(3))
    assert figure.layout.xaxis.range[1] > 0


@pytest.mark.parametrize("labelled", [True, False])
def test_error_shows_each_curve(labelled):
    step = np.array([1, 8, 64])
    difference, agreement = np.array([0.2, 0.1, 0.01]), np.array([0.6, 0.8, 0.99])
    accuracy = np.array([0.5, 0.7, 0.9]) if labelled else None
    figure = rates.error(step, difference, agreement, accuracy)
    assert np.array_equal(named(figure, "|SNN − ANN|").y, difference)
    assert np.allclose(named(figure, "agreement with the ANN").y, [60, 80, 99])
    assert all(np.array_equal(trace.x, step) for trace in figure.data)
    names = [trace.name for trace in figure.data]
    assert ("pixel accuracy" in names) == labelled
    if labelled:
        assert np.allclose(named(figure, "pixel accuracy").y, [50, 70, 90])


@pytest.mark.parametrize(("least", "labels"), [(0.05, {0.1, 0.05, 0.02}), (1e-4, {0.1, 0.01})])
def test_labels_of_the_error_do_not_run_into_one_another(least, labels):
    figure = rates.error(np.array([1, 2]), np.array([0.2, least]), np.array([0.5, 0.9]), None)
    ticks = figure.layout.yaxis.tickvals
    assert labels <= {round(tick, 9) for tick in ticks}
    drawn = [tick for tick in ticks if least / 2 <= tick <= 0.4]
    assert len(drawn) <= 7


def test_the_label_of_small_scatters_lies_in_the_margin():
    from snnlab.figures import agreement, style

    figure = agreement.multiples({"up0": (np.ones(3), np.ones(3))})
    label = next(note for note in figure.layout.annotations if note.textangle == -90)
    # it is as wide as its letters are high
    assert -label.xshift + 1.5 * style.FONT <= figure.layout.margin.l


def test_one_bar_a_layer_and_a_silent_one_is_said():
    from snnlab.figures import agreement

    figure = agreement.layers(["down0", "up0", "odd"], [0.05, 0.25, float("nan")])
    (bars,) = figure.data
    assert list(bars.y) == ["down0", "up0", "odd"]
    assert list(bars.x[:2]) == [5.0, 25.0]
    assert list(bars.text) == ["5 %", "25 %", "silent"]
    assert figure.layout.xaxis.range[1] > 25


def test_neurons_pointed_out_stand_at_their_rates():
    figure = rates.histogram(
        "up0", np.arange(4) * 10.0, np.array([5, 3, 2, 1]), 99, 20.0, 10, 30, [0.0, 20.0]
    )
    (trace,) = (trace for trace in figure.data if trace.name == "here")
    assert list(trace.x) == [0, 20]


def test_without_bounds_there_is_no_band():
    layers = (("down0", "up0"), (1, 2), (3, 4), (5, 6), 99.9)
    counts = ("up0", np.array([0.0, 125.0]), np.array([9, 1]), 99.9, 125.0)
    for draw, given in ((rates.overview, layers), (rates.histogram, counts)):
        assert draw(*given, 75, 150).layout.shapes
        bare = draw(*given, None, None)
        assert not [shape for shape in bare.layout.shapes if shape.type == "rect"]
        assert not [note for note in bare.layout.annotations if "Hz" in note.text]
