"""Cells in colour, and how large they are."""

import numpy as np

from snnlab.figures import cells as figures

NUMBERS = np.zeros((20, 30), np.int32)
NUMBERS[2:10, 2:12], NUMBERS[2:10, 14:28] = 1, 2
ALIKE = np.array([0, 7, 3])


def painted(opacity=0.5, marked=None, image=None):
    image = np.full(NUMBERS.shape, 0.5) if image is None else image
    return figures.painted(image, NUMBERS, ALIKE, opacity, marked)


def test_the_image_is_seen_where_there_is_no_cell_and_through_the_colours():
    made = painted()
    times = made.shape[0] // 20
    assert made.shape == (20 * times, 30 * times, 3) and made.dtype == np.uint8
    middle = made[times // 2 :: times, times // 2 :: times]
    assert (middle[NUMBERS == 0] == 128).all()
    inside = middle[5, 5].astype(float)
    colour = figures.FILLS[(7 * 5) % len(figures.FILLS)]
    np.testing.assert_allclose(inside, 127.5 / 2 + colour / 2, atol=1)
    assert (middle[5, 20] != middle[5, 5]).any()
    # at no opacity it is the image alone
    assert (painted(0) == 128).all()


def test_marked_cells_have_a_rim_of_that_colour_and_others_none():
    made = painted(marked={figures.MERGED: [2], figures.CHOSEN: []})
    rim = (made == figures.MERGED).all(axis=2)
    times = made.shape[0] // 20
    cells = NUMBERS.repeat(times, 0).repeat(times, 1)
    assert rim.any() and (cells[rim] == 2).all()


def test_a_large_image_is_reduced_to_what_a_screen_shows():
    big = np.zeros((100, 6000), np.int32)
    assert max(figures.painted(big * 0.0, big, np.zeros(1, int), 0.5).shape) <= 2 * figures.WIDE


def test_every_cell_is_in_one_bin():
    areas = {"ANN": np.array([30.0, 400, 401, 9000]), "SNN": np.array([31.0, 500])}
    figure = figures.sizes(areas, "px²")
    assert {line.name: int(sum(line.y)) for line in figure.data} == {"ANN": 4, "SNN": 2}
    assert figures.sizes({"ANN": np.zeros(0), "SNN": np.zeros(0)}, "px²").data[0].y.sum() == 0
