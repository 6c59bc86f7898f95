"""What the figures of the page Networks draw."""

import numpy as np
import pytest

from snnlab.figures import networks, palette

CLASSES = ("cat", "dog", "<b>cow</b>")
ANSWERS = np.array([[0.2, 0.5, 0.3], [0.4, 0.35, 0.25], [0.7, 0.2, 0.1]])
ANN = np.array([0.8, 0.15, 0.05])


def test_bars_begin_at_the_end_and_have_a_frame_a_step():
    figure = networks.bars(CLASSES, ANSWERS, ANN)
    bars, marks = figure.data
    assert list(bars.y) == list(ANSWERS[-1]) and list(marks.y) == list(ANN)
    assert [frame.name for frame in figure.frames] == ["1", "2", "3"]
    for frame, values in zip(figure.frames, ANSWERS, strict=True):
        assert list(frame.data[0].y) == list(values) and list(frame.traces) == [0, 1]
        assert list(frame.data[1].y) == list(ANN)
    (slider,) = figure.layout.sliders
    assert [list(step.args[0]) for step in slider.steps] == [["1"], ["2"], ["3"]]
    assert slider.active == 2
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["▶", "■"]
    low, high = figure.layout.yaxis.range
    assert low == 0 and high > 0.8  # the axis does not move as bars grow


def test_of_many_steps_and_classes_some_are_drawn():
    random = np.random.default_rng(0)
    answers = random.uniform(-1, 1, (300, 40))
    answers[7, 31] = 9.0
    names = [str(at) for at in range(40)]
    figure = networks.bars(names, answers, answers[-1])
    assert len(figure.frames) == networks.FRAMES
    assert (figure.frames[0].name, figure.frames[-1].name) == ("1", "300")
    assert len(figure.data[0].x) == networks.MOST and "31" in figure.data[0].x
    assert figure.layout.yaxis.range[0] < answers.min() + 0.5 and figure.layout.yaxis.range[1] > 9


def test_the_course_marks_the_answer_the_truth_and_the_step():
    figure = networks.course(CLASSES, ANSWERS, 2, 1)
    colour = {trace.name: trace.line.color for trace in figure.data}
    assert colour["cat"] == palette.SNN and colour["dog"] == palette.TRUTH
    assert {trace.name for trace in figure.data if trace.showlegend} == {"cat", "dog"}
    assert figure.layout.shapes[0].x0 == 2
    assert "settled: 2" in [note.text for note in figure.layout.annotations]
    networks.course(CLASSES, ANSWERS, 1, None).to_json()


def test_accuracy_has_a_line_a_method_and_the_anns():
    figure = networks.accuracy({"one": [0.1, 0.5, 0.9], "two": [0.2, 0.3, 0.4]}, 0.95, "right")
    assert [trace.name for trace in figure.data] == ["one", "two"]
    assert list(figure.data[0].x) == [1, 2, 3] and figure.data[0].y[2] == pytest.approx(90)
    assert figure.layout.shapes[0].y0 == pytest.approx(95)
    assert list(figure.layout.xaxis.tickvals) == [1, 2]
    assert figure.data[0].line.dash != figure.data[1].line.dash
    networks.accuracy({}, 0.5, "right").to_json()


def test_confusions_are_shares_of_their_row_and_counts_in_words():
    table = np.array([[8, 2, 0], [0, 0, 0], [1, 0, 3]])
    (map_,) = networks.confusion(CLASSES, table, "was", "said").data
    assert map_.z[0][0] == pytest.approx(0.8) and map_.z[0][1] == pytest.approx(-0.2)
    assert map_.z[2][2] == pytest.approx(0.75) and not np.any(map_.z[1])
    assert map_.text[0] == ("8", "2", "") or list(map_.text[0]) == ["8", "2", ""]
    many = networks.confusion([str(at) for at in range(40)], np.eye(40, dtype=int), "was", "said")
    assert many.data[0].texttemplate is None


def test_rates_and_fidelity_have_a_bar_a_layer_and_none_where_nothing_is_known():
    figure = networks.rates(("a", "b"), (10.0, 20.0), (100.0, 900.0))
    assert list(figure.data[0].x) == [10, 20] and list(figure.data[1].x) == [100, 900]
    none = float("nan")
    figure = networks.fidelity(("a", "b"), (0.99, none), (0.05, none))
    assert list(figure.data[0].text) == ["0.990", ""]
    assert list(figure.data[1].text) == ["5.0 %", ""]
    assert figure.layout.xaxis2.range[1] == pytest.approx(6)
    networks.fidelity(("a",), (none,), (none,)).to_json()


def test_names_by_others_are_shown_letter_by_letter():
    assert networks.named("<b>cow</b>") == "&lt;b&gt;cow&lt;/b&gt;"
    assert len(networks.named("x" * 50)) == 18
    drawn = [
        networks.bars(CLASSES, ANSWERS, ANN),
        networks.course(CLASSES, ANSWERS, 2, 2),
        networks.confusion(CLASSES, np.eye(3, dtype=int), "was", "said"),
        networks.rates(CLASSES, (1, 2, 3), (1, 2, 3)),
        networks.fidelity(CLASSES, (1, 1, 1), (0, 0, 0)),
        networks.accuracy({"<b>": [1.0]}, 1.0, "right"),
    ]
    for figure in drawn:
        assert "<b>" not in figure.to_json().replace("\\u003c", "<")
