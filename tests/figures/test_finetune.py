"""Figures of a fine-tuning hold the numbers they were given."""

import numpy as np
import pytest

from snnlab.figures import finetune


def test_losses_are_against_time_and_a_term_of_zero_is_a_gap():
    task, rates = finetune.losses([1, 2], [0.3, 0.2], [4.0, 0.0]).data
    assert list(task.x) == [1, 2] and list(task.y) == [0.3, 0.2]
    assert list(rates.y) == [4.0, None]
    axis = finetune.losses([1, 2], [0.3, 0.2], [4.0, 0.0]).layout.yaxis
    assert list(axis.ticktext) == ["0.2", "0.5", "1", "2"]


def test_scores_have_a_line_where_they_were():
    figure = finetune.quality([0, 5], {"a": [0.8, 0.9], "b": [0.5, 0.6]}, {"a": 0.7, "b": 0.4})
    assert [list(one.y) for one in figure.data] == [[0.8, 0.9], [0.5, 0.6]]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.7, 0.4]
    low, high = figure.layout.yaxis.range
    assert low < 0.4 and high > 0.9


def test_rates_are_drawn_against_each_layers_own_bounds():
    before, now = [(1, 50, 900), (10, 20, 30)], [(90, 100, 110), (40, 50, 60)]
    figure = finetune.rates(["down0", "up0"], before, now, [(80, 120), (30, 70)], 99.9)
    was, is_now = figure.data
    assert list(was.x) == [50, 20] and list(is_now.x) == [100, 50]
    assert list(is_now.error_x.array) == [10, 10] and list(was.error_x.arrayminus) == [49, 10]
    assert [(s.x0, s.x1) for s in figure.layout.shapes] == [(80, 120), (30, 70)]
    # one runaway neuron of before does not squeeze all else, and no bound lies on the edge
    assert figure.layout.xaxis.range[1] == pytest.approx(6 * 120)
    small = finetune.rates(["down0"], [(1, 50, 119)], [(1, 50, 119)], [(80, 120)], 99.9)
    assert small.layout.xaxis.range[1] == pytest.approx(1.25 * 120)
    assert list(figure.layout.yaxis.ticktext) == ["down0", "up0"]


def test_shares_are_per_cent_against_what_was():
    figure = finetune.share([0, 1], [0.5, 0.99], 0.25)
    np.testing.assert_allclose(figure.data[0].y, [50, 99])
    assert [shape.y0 for shape in figure.layout.shapes] == [25]
