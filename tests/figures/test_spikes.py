"""What the spike figures show is what they were given."""

import numpy as np
import pytest

from snnlab.figures import palette, spikes


def test_raster_has_a_dot_for_each_spike_at_its_time():
    random = np.random.default_rng(1)
    first = (random.random((20, 3)) < 0.3).astype(np.uint16)
    second = (random.random((20, 4)) < 0.1).astype(np.uint16)
    second[0, 0] = 2  # two spikes in one step are one dot
    figure = spikes.raster({"down1": first, "up1": second})
    drawn = {trace.name: trace for trace in figure.data}
    for name, values in (("down1", first), ("up1", second)):
        trace = drawn[name]
        rows = np.asarray(trace.y) - (0 if name == "down1" else 3 + 2)
        found = np.zeros_like(values)
        # the spike of step t is over when t + 1 milliseconds are
        found[np.rint(np.asarray(trace.x)).astype(int) - 1, rows.astype(int)] = 1
        assert np.array_equal(found, values > 0)
        assert trace.marker.color == palette.layer(name)
    assert tuple(figure.layout.yaxis.ticktext) == ("down1", "up1")
    low, high = figure.layout.xaxis.range
    assert low == 0 and high >= 20
    bottom, top = figure.layout.yaxis.range
    assert bottom > 8 and top < 0


def test_raster_of_silence():
    figure = spikes.raster({"up0": np.zeros((5, 2), np.uint16)})
    assert len(figure.data[0].x) == 0


def test_traces_show_current_potential_and_spikes():
    random = np.random.default_rng(2)
    current, potential = random.random((10, 2)), random.random((10, 2)) - 0.5
    sent = np.zeros((10, 2), int)
    sent[[3, 7], 0] = 1
    reached = potential + sent
    initial = np.array([0.5, 0.25])
    figure = spikes.traces(("a", "b"), current, potential, sent, reached, initial)
    for n, label in enumerate(("a", "b")):
        ticks, volts, amps = (trace for trace in figure.data if trace.name == label)
        assert np.allclose(ticks.x, np.flatnonzero(sent[:, n]) + 1)
        # a step's current lies before its potential: from the end of the step before to its own
        assert amps.line.shape == "vh"
        assert np.allclose(amps.x, np.arange(11))
        assert np.array_equal(amps.y[1:], current[:, n]) and amps.y[0] == amps.y[1]
        assert (volts.x[0], volts.y[0]) == (0, initial[n])
        # at a spike, what was reached and then what the reset left, both at its time
        steps = [step for step in range(10) for _ in range(2 if sent[step, n] else 1)]
        assert np.allclose(volts.x[1:], np.array(steps) + 1)
        heights = [
            value
            for step in range(10)
            for value in ([reached[step, n]] if sent[step, n] else []) + [potential[step, n]]
        ]
        assert np.array_equal(volts.y[1:], heights)
        assert len({volts.line.color, amps.line.color, ticks.marker.line.color}) == 1
    thresholds = [shape for shape in figure.layout.shapes if shape.y0 == shape.y1 == 1]
    assert len(thresholds) == 1


def test_graded_spikes_are_as_tall_as_their_sizes_and_each_has_its_threshold():
    sent = np.zeros((6, 1))
    sent[[1, 4], 0] = (0.25, 2)
    nothing = np.zeros((6, 1))
    sizes = (2.0, 1.0, 0.5, 0.25)
    figure = spikes.traces(("a",), nothing, nothing, sent, sent, np.zeros(1), sizes)
    ticks = figure.data[0]
    assert np.allclose(ticks.x, (2, 5))
    assert np.allclose(ticks.customdata, (0.25, 2))
    small, large = ticks.marker.size
    assert small < large / 2
    drawn = {shape.y0 for shape in figure.layout.shapes if shape.y0 == shape.y1}
    assert drawn == set(sizes)


@pytest.mark.parametrize(("low", "high", "lines"), [(75, 150, 2), (100, 100, 1)])
def test_intervals_are_bars_with_the_bounds_as_intervals(low, high, lines):
    figure = spikes.intervals("up0", np.array([1.0, 2.0, 3.0]), np.array([5, 0, 2]), low, high)
    assert list(figure.data[0].x) == [1, 2, 3]
    assert list(figure.data[0].y) == [5, 0, 2]
    places = {note.text: note.x for note in figure.layout.annotations}
    assert len(places) == lines
    assert places[f"{low} Hz"] == pytest.approx(1000 / low)
    assert places[f"{high} Hz"] == pytest.approx(1000 / high)


def test_a_browser_without_webgl_sees_a_raster_of_usual_size(monkeypatch):
    few = {"up0": np.ones((5, 2), np.uint16)}
    assert spikes.raster(few).data[0].type == "scatter"
    monkeypatch.setattr(spikes, "SVG_DOTS", 9)
    assert spikes.raster(few).data[0].type == "scattergl"


def test_intervals_without_bounds_have_no_lines():
    figure = spikes.intervals("up0", np.array([1.0, 2.0]), np.array([5, 2]), None, None)
    assert not figure.layout.shapes and not figure.layout.annotations
