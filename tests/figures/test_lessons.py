import numpy as np
import pytest

from snnlab.figures import lessons


def test_a_u_has_two_arms_and_skips_between_them():
    sides, channels = (64, 32, 16, 32, 64), (4, 8, 16, 8, 4)
    shapes = [(side, side, c) for side, c in zip(sides, channels, strict=True)]
    figure = lessons.u_net(["down0", "down1", "down2", "up1", "up0"], shapes)
    skips = [one for one in figure.data if one.line.dash == "dot"]
    assert sorted(tuple(one.x) for one in skips) == [(0, 4), (1, 3)]
    assert [tuple(one.y) for one in skips if tuple(one.x) == (1, 3)] == [(-1, -1)]
    assert figure.data[-1].text == ("4", "8", "16", "8", "4")
    assert list(figure.layout.yaxis.ticktext) == ["64 × 64", "32 × 32", "16 × 16"]


def test_a_layer_that_has_not_settled_is_told_from_one_that_has():
    figure = lessons.settled(["a", "b"], [5, 0], 20)
    dots = [one for one in figure.data if "markers" in one.mode]
    assert [(one.x[0], one.marker.symbol) for one in dots] == [(5, "circle"), (20, "x-thin")]
    assert dots[1].mode == "markers+text" and dots[0].mode == "markers"


def test_steps_that_were_not_computed_are_not_joined():
    figure = lessons.agreement(np.array([2, 3, 6]), np.array([0.5, 0.75, 1]), 0.95)
    (line,) = figure.data
    assert list(line.x) == [2, 3, 4, 5, 6] and line.connectgaps is False
    assert np.isnan(line.y[2:4]).all() and line.y[4] == 100
    assert figure.layout.shapes[0].y0 == 95


def test_a_spike_goes_up_to_what_was_reached_and_straight_down():
    followed = {"one": (np.array([0.8, 1.3, 0.6]), np.array([0.8, 0.3, 0.6]))}
    line, dots = lessons.resets(np.array([0.3, 0.5, 0.3]), followed, 0.5).data
    assert list(line.x) == [0, 1, 2, 2, 3]
    assert list(line.y) == pytest.approx([0.5, 0.8, 1.3, 0.3, 0.6])
    assert list(dots.x) == [2] and list(dots.y) == [1.3]
