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


FOUND = (
    ("machines", "ann", "CPU", (1.0, 4.0, 4.0)),
    ("alone", "ann", "floor", (0.0, 2e-6, 1e-3)),
    ("machines", "snn", "chip", (0.1, 0.1, 0.3)),
    ("machines", "snn", "free", (0.0, 0.0, 0.0)),
    ("machines", "ann", "large", (8.0, 9.0, 9.0)),
)


def shown(figure):
    """Names with their values, from top to bottom, and their bands."""
    dots = [one for one in figure.data if one.mode == "markers"]
    bands = {one.y[0]: tuple(one.x) for one in figure.data if one.mode == "lines"}
    return {one.name: (one.x[0], bands.get(one.y[0]), one.y[0]) for one in dots}


def test_devices_stand_by_group_and_value_with_their_bands():
    figure = energy.devices(FOUND)
    assert {one.type for one in figure.data} == {"scatter"}  # no bar from an end that means nothing
    found = shown(figure)
    assert list(found) == ["large", "CPU", "chip", "floor"]
    assert [places[2] for places in found.values()] == sorted(
        (places[2] for places in found.values()), reverse=True
    )
    assert found["CPU"][:2] == (4.0, (1.0, 4.0)) and found["chip"][:2] == (0.1, (0.1, 0.3))
    low, high = figure.layout.xaxis.range
    assert found["floor"][1] == pytest.approx((10**low, 1e-3))  # its low end is nothing at all
    assert low < np.log10(2e-6) and high > np.log10(9.0)
    texts = [note.text for note in figure.layout.annotations]
    assert texts == [
        "large: 9 J", "CPU: 4 J", "chip: 100 mJ", "floor: 2 µJ", "<b>machines</b>", "<b>alone</b>",
    ]  # fmt: skip
    assert energy.devices([("machines", "snn", "free", (0.0, 0.0, 0.0))]) is None


def test_every_decade_is_named_with_its_unit():
    axis = energy.devices(FOUND).layout.xaxis
    named = dict(zip(axis.tickvals, axis.ticktext, strict=True))
    low, high = axis.range
    for power in range(int(np.ceil(low)), int(np.floor(high)) + 1):
        text = next(text for at, text in named.items() if np.isclose(at, 10.0**power))
        assert text.replace("<br>", " ") == energy.joules(10.0**power)
    assert named[10.0**0] == "1<br>J"


def test_a_mark_stands_in_its_group_at_its_energy_and_at_twice_of_it():
    figure = energy.devices(FOUND, ("machines", 0.1))
    lines, found = figure.layout.shapes, shown(figure)
    rows = [found[name][2] for name in ("large", "CPU", "chip")]
    assert [line.x0 for line in lines] == [0.1] * 3 + [0.2] * 3
    for line, row in zip(lines, 2 * rows, strict=True):
        # what stands above a dot begins 8 pixels above its middle, 13 high, in rows of 46
        assert row - 1 + 21 / 46 < line.y0 < row < line.y1 <= row + 8 / 46
    places = {note.text: note.x for note in figure.layout.annotations}
    assert places["SNN"] == pytest.approx(-1)
    assert places["twice"] == pytest.approx(np.log10(0.2))
    assert not energy.devices(FOUND, ("machines", 0.0)).layout.shapes


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
    # each name has a piece of its own line's colour before it
    notes = list(figure.layout.annotations)
    names = [index for index, note in enumerate(notes) if note.text in lines]
    assert len(names) == len(lines)
    for index in names:
        name, piece = notes[index : index + 2]
        assert piece.arrowcolor == by_name[name.text].line.color
        assert (piece.x, piece.y) == (name.x, name.y) and piece.ax < name.xshift
        assert piece.yshift * name.yshift > 0  # on the same side of the line
    star = by_name["this run"]
    assert (star.x[0], star.y[0]) == (64, 10.0)
    assert star.marker.symbol == ("star" if measured else "star-open")
    assert star.text[0] == ("this run" if measured else "estimate")
    mean = by_name["its mean rate"]
    assert mean.y[-1] == pytest.approx(156.0)
    assert {note.text for note in figure.layout.annotations if note.text} == {"CPU", "GPU"}


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
