"""Every layer has its place, its colour and its own axes."""

import numpy as np
import pytest

from snnlab.figures import agreement, palette

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 14])
def test_small_figures_hold_what_they_are_given_on_equal_axes(count):
    pairs = {f"down{i}": (RANDOM.random(9) * (i + 1), RANDOM.random(9)) for i in range(count)}
    figure = agreement.multiples(pairs)
    assert len(figure.data) == 2 * count
    titles = [note.text for note in figure.layout.annotations]
    assert titles[:count] == list(pairs)
    for place, (ann, snn) in enumerate(pairs.values()):
        line, dots = figure.data[2 * place : 2 * place + 2]
        assert np.array_equal(dots.x, ann) and np.array_equal(dots.y, snn)
        assert list(line.x) == list(line.y)
        ending = dots.xaxis[1:]
        across, up = (figure.layout[f"{axis}axis{ending}"].range for axis in "xy")
        assert across == up
        assert across[0] < 0 and across[1] > max(ann.max(), snn.max())


def test_a_silent_layer_is_drawn_as_an_empty_one():
    figure = agreement.multiples({"up0": (np.zeros(3), np.zeros(3))})
    low, high = figure.layout.xaxis.range
    assert low < 0 < high


def test_a_bar_a_layer_in_its_colour():
    figure = agreement.layers(["down0", "up0"], [0.1, float("nan")])
    (bars,) = figure.data
    assert bars.text == ("10 %", "silent")
    assert bars.marker.color == tuple(palette.layer(name) for name in ("down0", "up0"))
