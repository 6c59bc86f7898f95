"""Curves of a training hold the numbers they were given."""

from snnlab.figures import training


def test_scores_are_drawn_against_steps_on_an_axis_that_stays():
    figure = training.scores({"ann": ((4, 8), (0.2, 0.4)), "snn": ((8,), (0.3,))}, 100, (6,))
    ann, snn = figure.data
    assert list(ann.x) == [4, 8] and list(ann.y) == [0.2, 0.4] and list(snn.y) == [0.3]
    assert tuple(figure.layout.xaxis.range) == (0, 102)
    assert [line.x0 for line in figure.layout.shapes] == [6]
    assert figure.layout.showlegend
    assert not training.scores({"ann": ((4,), (0.2,))}, 10).layout.showlegend


def test_what_a_net_that_learnt_nothing_has_is_a_line():
    figure = training.scores({"ann": ((4,), (0.2,))}, 10, nothing=("all cell", 0.41))
    (line,), (word,) = figure.layout.shapes, figure.layout.annotations
    assert line.y0 == line.y1 == 0.41 and word.text == "all cell"


def test_the_rate_term_is_drawn_where_there_is_one():
    (only,) = training.losses((4, 8), (0.7, 0.6), (0.0, 0.0), 10).data
    assert list(only.y) == [0.7, 0.6]
    task, rates = training.losses((4, 8, 12), (0.7, 0.6, 1.2), (0.0, 0.0, 55.0), 20, (8,)).data
    # zero has no place on a logarithmic axis
    assert list(rates.y) == [None, None, 55.0]
