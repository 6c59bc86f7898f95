"""Figures of energy show what they are given."""

import numpy as np
import pytest

from snnlab.figures import energy


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.348, "348 mJ"), (1.0, "1 J"), (0.9999, "1 J"), (56.13, "56.1 J"), (0.001, "1 mJ"),
        (4.23e-4, "423 µJ"), (9.996e-4, "1 mJ"), (3e-9, "3 nJ"), (2e-15, "0.002 pJ"), (0.0, "0 J"),
        (1234.0, "1.23 kJ"), (5e7, "50 MJ"),
    ],
)  # fmt: skip
def test_joules_in_words(value, text):
    assert energy.joules(value) == text


def bars(mark=None):
    names, networks = ["CPU", "chip", "floor"], ["ann", "snn", "ann"]
    return energy.bars(names, networks, [1.0, 0.1, 1e-6], [4.0, 0.1, 2e-6], [4.0, 0.3, 1e-3], mark)


def test_bars_are_sorted_with_their_bands():
    figure = bars()
    shown = {}
    for trace in figure.data:
        for name, x, above, below in zip(
            trace.y, trace.x, trace.error_x.array, trace.error_x.arrayminus, strict=True
        ):
            shown[name] = (x - below, x, x + above)
    assert shown["CPU"] == pytest.approx((1.0, 4.0, 4.0))
    assert shown["chip"] == pytest.approx((0.1, 0.1, 0.3))
    assert list(figure.layout.yaxis.categoryarray) == ["floor", "chip", "CPU"]
    texts = [note.text for note in figure.layout.annotations]
    assert texts == ["floor: 2 µJ", "chip: 100 mJ", "CPU: 4 J"]
    low, high = figure.layout.xaxis.range
    assert low < np.log10(1e-6) and high > np.log10(4.0)
    assert figure.layout.xaxis.type == "log"


def test_every_decade_is_named_with_its_unit():
    axis = bars().layout.xaxis
    named = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    low, high = axis.range
    for power in range(int(np.ceil(low)), int(np.floor(high)) + 1):
        text = next(text for at, text in named.items() if np.isclose(at, 10.0**power))
        assert text.replace("<br>", " ") == energy.joules(10.0**power)
    assert named[10.0**0] == "1<br>J"


def test_a_mark_stands_at_its_energy_and_at_twice_of_it():
    figure = bars(0.1)
    lines = figure.layout.shapes
    assert {line.x0 for line in lines} == {0.1, 0.2}
    # what stands above a bar begins 6 pixels above its middle, and is some 13 high, in rows of 40
    written = [note.y for note in figure.layout.annotations if note.yref != "paper"]
    assert written == list(range(len(written))) and len(lines) == 2 * len(written)
    for line, row in zip(lines, 2 * written, strict=True):
        assert row - 1 + 20 / 40 < line.y0 < row < line.y1 <= row + 0.16
    places = {note.text: note.x for note in figure.layout.annotations}
    assert places["SNN"] == pytest.approx(-1)
    assert places["twice"] == pytest.approx(np.log10(0.2))


def test_shares_add_up_and_parts_that_are_nothing_are_left_out():
    parts = {
        "synapses": [3.0, 1.0], "neurons": [1.0, 0.0], "messages": [0.0, 1.0],
        "overhead": [0.0, 0.0], "static": [0.0, 0.0],
    }  # fmt: skip
    figure = energy.breakdown(["a", "b"], parts)
    assert len(figure.data) == 3
    assert np.sum([trace.x for trace in figure.data], axis=0) == pytest.approx([100, 100])
    assert figure.data[0].x[0] == pytest.approx(75)
    assert [note.text for note in figure.layout.annotations] == ["b: 2 J", "a: 4 J"]


@pytest.mark.parametrize("measured", [True, False])
def test_the_break_even_has_its_lines_and_the_run(measured):
    steps = np.geomspace(1, 1000, 50)
    lines = {"CPU": 500 - 0.1 * steps, "GPU": np.where(steps < 300, 20 - steps / 15, np.nan)}
    figure = energy.break_even(steps, lines, (64, 10.0), 156.0, measured)
    by_name = {trace.name: trace for trace in figure.data}
    np.testing.assert_allclose(by_name["GPU"].y, lines["GPU"])
    star = by_name["this run"]
    assert (star.x[0], star.y[0]) == (64, 10.0)
    assert star.marker.symbol == ("star" if measured else "star-open")
    assert star.text[0] == ("this run" if measured else "estimate")
    mean = by_name["its mean rate"]
    assert mean.y[-1] == pytest.approx(156.0)
    assert {note.text for note in figure.layout.annotations} == {"CPU", "GPU"}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("run", [(5, 0.2), (1, 0.0)])
def test_no_line_and_no_spike_are_no_fault(run):
    figure = energy.break_even(np.array([1.0, 1000.0]), {}, run, 40.0)
    low, high = figure.layout.yaxis.range
    assert low < np.log10(run[1] or 1) < high


def test_a_number_pointed_at_has_no_exponent():
    steps = np.array([1.0, 1000.0])
    figure = energy.break_even(steps, {"CPU": np.array([23456.0, 1e-5])}, (5, 0.00002), 40.0)
    line = next(trace for trace in figure.data if trace.name == "CPU")
    assert list(line.customdata) == ["23.5 k", "0.00001"]
    assert "%{y" not in line.hovertemplate
    star = next(trace for trace in figure.data if trace.name == "this run")
    assert list(star.customdata) == ["0.00002"]
    assert not [text for text in figure.layout.yaxis.ticktext if "e" in text]


def test_quality_against_energy():
    series = [
        {"model": "a", "way": "fast", "steps": (4, 8), "joules": [0.01, 0.02],
         "quality": [0.5, 0.9], "near": [False, True]},
        {"model": "b", "way": "slow", "steps": (9,), "joules": [0.3], "quality": [0.91],
         "near": [True]},
    ]  # fmt: skip
    figure = energy.pareto(series, [("a", 0.4, 0.92), ("b", 0.4, 0.93)], "Pixel accuracy", "GPU")
    drawn = [trace for trace in figure.data if trace.x[0] is not None]
    assert list(drawn[0].y) == [50.0, 90.0]
    assert list(drawn[0].marker.symbol) == ["circle-open", "circle"]
    assert list(drawn[1].marker.symbol) == ["square"]
    assert list(drawn[-1].y) == pytest.approx([92, 93])
    # what is far below the best is cut off
    assert figure.layout.yaxis.range[0] == pytest.approx(93 - 12 - 0.5)
    low, high = figure.layout.xaxis.range
    assert low < np.log10(0.01) and high > np.log10(0.4)
