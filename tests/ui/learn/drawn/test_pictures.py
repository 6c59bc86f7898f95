import numpy as np

from snnlab.ui.learn.drawn import pictures


def test_the_piece_is_where_membranes_are():
    lines = np.zeros((100, 160), bool)
    lines[60:90, 120:150] = True
    rows, columns = pictures.piece(lines, side=40)
    assert rows.stop - rows.start == columns.stop - columns.start == 40
    assert lines[rows, columns].sum() >= 900 / 2


def test_a_small_image_is_its_own_piece():
    rows, columns = pictures.piece(np.ones((32, 48), bool))
    assert (rows, columns) == (slice(0, 32), slice(0, 48))


def test_two_pictures_side_by_side_keep_their_pixels():
    one, other = np.zeros((2, 3, 3)), np.full((2, 5, 3), 7.0)
    made = pictures.beside(one, other)
    assert made.shape == (2, 3 + pictures.GAP + 5, 3)
    assert (made[:, :3] == 0).all() and (made[:, -5:] == 7).all()
