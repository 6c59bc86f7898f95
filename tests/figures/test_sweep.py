"""Figures of a sweep hold the numbers they were given."""

import numpy as np

from snnlab.figures import heat_map, sweep


def test_the_heat_map_writes_each_value_into_its_cell():
    values = np.array([[0.5, np.nan], [0.7, 0.9]])
    figure = heat_map.draw(
        ["8", "16"], ["150", "300"], values, [["0.5", ""], ["0.7", "0.9"]], [[4, -1], [2, 0]],
        ("timesteps", "upper", "V_Rand"), (0.5, 0.9), ("≤ 0.5", "0.9"), chosen=2,
    )  # fmt: skip
    cells, marks = figure.data
    assert cells.colorbar.title.text == "V_Rand" and cells.showscale is not False
    bar = dict(zip(cells.colorbar.tickvals, cells.colorbar.ticktext, strict=True))
    assert bar == {0.5: "≤ 0.5", 0.9: "0.9"}
    assert np.array_equal(cells.z, values, equal_nan=True) and (cells.zmin, cells.zmax) == (
        0.5,
        0.9,
    )
    written = dict(zip(zip(marks.x, marks.y, strict=True), marks.text, strict=True))
    assert written == {("8", "150"): "0.5", ("8", "300"): "0.7", ("16", "300"): "0.9"}
    assert list(marks.customdata) == [4, 2, 0]
    assert list(marks.marker.line.width) == [0, 3, 0]


def test_every_point_is_drawn_once_and_knows_its_row():
    figure = sweep.pareto(
        [1.0, 10.0, 100.0], [0.3, 0.2, 0.9], ["a", "b", "c"], [0, 2], ("J", "V_Rand"), 1, 0.95, 0.25
    )
    beaten, front, chosen = figure.data
    assert list(beaten.customdata) == [1] and list(front.customdata) == [0, 2]
    assert list(front.y) == [0.3, 0.9] and list(chosen.x) == [10.0]
    low, high = figure.layout.yaxis.range
    assert low < 0.25 and high > 0.95
    assert {"1", "10", "100"} <= set(figure.layout.xaxis.ticktext)


def test_shares_and_means():
    figure = sweep.sensitivity(["upper", "steps"], [0.5, 0.25], [0.75, 0.5])
    assert [list(bar.x) for bar in figure.data] == [[50, 25], [75, 50]]
    figure = sweep.effects({"upper": {150.0: 0.1, 300.0: 0.2}, "model": {"relu": 0.15}}, "mean")
    assert [list(line.x) for line in figure.data] == [["150", "300"], ["relu"]]
    assert [list(line.y) for line in figure.data] == [[0.1, 0.2], [0.15]]
