"""The mixture is drawn as it was given."""

from snnlab.figures import rbf


def test_three_curves_against_steps():
    figure = rbf.mixture([50, 100], [0.6, 0.9], [0.4, 0.2], [0.5, 0.7])
    assert [list(one.y) for one in figure.data] == [[0.6, 0.9], [0.4, 0.2], [0.5, 0.7]]
    assert all(list(one.x) == [50, 100] for one in figure.data)
    assert tuple(figure.layout.xaxis.range) == (0, 102) and figure.layout.showlegend


def test_before_the_first_step():
    assert len(rbf.mixture([], [], [], []).data) == 3
