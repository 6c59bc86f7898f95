"""What the figures of the page Methods draw."""

import numpy as np
import pytest

from snnlab.figures import methods, palette
from snnlab.studies.methods import drawn

SERIES = [
    {"name": "one", "x": [4, 8], "y": [0.5, 0.9], "steps": [4, 8], "able": True},
    {"name": "two", "x": [4, 8], "y": [0.7, 0.8], "steps": [4, 8], "able": False},
]


def test_quality_has_a_line_a_method_and_one_an_ann():
    figure = methods.quality(SERIES, [("ANN", 0.95)], ("timesteps", "V_Rand"), {"ANN": 6.0}, 0.6)
    assert [trace.name for trace in figure.data] == ["one", "two"]
    # what is too low is at the edge, and its tip tells the truth
    assert figure.data[0].y[0] == 0.6 and figure.data[0].customdata[0][1] == 0.5
    assert not figure.data[0].marker.symbol.endswith("-open")
    assert figure.data[1].marker.symbol.endswith("-open")
    lines = [(shape.x0, shape.y0) for shape in figure.layout.shapes]
    assert (0, 0.95) in lines and any(x == 6.0 for x, _ in lines)
    assert list(figure.layout.xaxis.tickvals) == [4, 6, 8]


def test_an_ann_of_its_own_has_the_methods_colour():
    figure = methods.quality([SERIES[0] | {"ann": 0.97}, SERIES[1]], [], ("timesteps", "V_Rand"))
    (line,) = figure.layout.shapes
    assert (line.y0, line.line.color) == (0.97, figure.data[0].line.color)
    assert figure.layout.yaxis.range[1] > 0.97


@pytest.mark.parametrize("series", [[], [{"name": "x", "x": [], "y": [], "steps": [], "able": 1}]])
def test_nothing_to_draw_is_no_mistake(series):
    methods.quality(series, [], ("spikes", "V_Rand")).to_json()


def test_errors_are_bars_a_part_and_a_mark_in_all():
    parts = dict.fromkeys(("inherited", "clipping", "quantisation", "timing", "wrong"), 0.1)
    figure = methods.errors({"a": parts | {"total": 0.3}, "b": parts | {"total": 5.0}}, "%")
    assert [trace.type for trace in figure.data] == ["bar"] * 5 + ["scatter"]
    assert list(figure.data[-1].x) == [30, 500]
    assert figure.layout.xaxis.range[1] < 200  # a layer gone wild does not hide the others


def test_methods_are_told_apart():
    figure = methods.quality(
        [SERIES[0] | {"name": str(n)} for n in range(10)], [], ("spikes", "V_Rand")
    )
    seen = [(trace.line.color, trace.marker.symbol) for trace in figure.data]
    assert len({colour for colour, _ in seen}) == len({mark for _, mark in seen}) == 10


@pytest.mark.parametrize("name", drawn.DRAWINGS)
def test_drawings_have_their_lines(name):
    made = drawn.DRAWINGS[name]()
    figure = (
        methods.course(made.lines, made.across)
        if made.steps
        else methods.drawing(made.lines, made.across, made.up)
    )
    assert len(figure.data) == len(made.lines)
    for trace, line in zip(figure.data, made.lines, strict=True):
        np.testing.assert_array_equal(trace.y, line.y)
    colours = {trace.marker.color if made.steps else trace.line.color for trace in figure.data}
    assert palette.SNN in colours
