"""Labels as colours, palettes and alpha channels: the same picture means the same."""

import numpy as np
import pytest
from PIL import Image

from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images.labels import meaning
from snnlab.images.pixels import Stored

SECTION = synthetic((160, 192), 5)
CELLS, NUMBERS = SECTION.labels, SECTION.cells
TABLE = np.random.default_rng(0).integers(30, 250, (NUMBERS.max() + 1, 3)).astype(np.uint8)
FULL = np.full(CELLS.shape, 255, np.uint8)


def coloured(membrane):
    table = TABLE.copy()
    table[0] = membrane
    return table[NUMBERS]


def read(values, **more):
    return meaning(Stored(values, 8, **more), "labels.png")


@pytest.mark.parametrize("membrane", [(0, 0, 0), (255, 255, 255), (255, 0, 0)])
def test_membrane_is_black_or_what_lies_between_all_colours(membrane):
    found = read(coloured(membrane))
    assert np.array_equal(found.cells, CELLS)
    assert bool(found.notes) == any(membrane)


def test_a_palette_means_what_its_colours_mean():
    quantised = Image.fromarray(coloured((0, 0, 0))).quantize(256)
    palette = np.zeros((256, 3))
    listed = np.array(quantised.getpalette(), float).reshape(-1, 3) / 255
    palette[: len(listed)] = listed
    numbers = np.asarray(quantised)
    assert not np.array_equal(numbers != 0, CELLS)  # black has another number than 0
    assert np.array_equal(read(numbers, palette=palette).cells, CELLS)
    # the usual form: 0 is black
    palette = np.zeros((256, 3))
    palette[: len(TABLE)] = TABLE / 255
    palette[0] = 0
    assert np.array_equal(read(NUMBERS.astype(np.uint8), palette=palette).cells, CELLS)


def test_a_palette_of_greys_is_grey():
    ramp = np.arange(256)[:, None].repeat(3, 1) / 255
    smooth = np.where(CELLS, 255, 0).astype(np.uint8)
    smooth[:, 1:] = (smooth[:, 1:].astype(int) + smooth[:, :-1]) // 2
    assert "cut halfway" in read(smooth, palette=ramp).notes[0]


def test_colours_that_run_into_one_another_are_refused_but_for_blends_of_two():
    def halved(values):
        height, width = CELLS.shape
        return values.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3)).astype(np.uint8)

    shifted = np.roll(coloured((0, 0, 0)), 1, (0, 1))
    with pytest.raises(LabError, match="colours that run into one another"):
        read(halved(shifted))
    two = np.where(CELLS[..., None], (250, 240, 60), (120, 0, 90)).astype(np.uint8)
    found = read(halved(np.roll(two, 1, (0, 1))))
    rolled = np.roll(CELLS, 1, (0, 1)).reshape(80, 2, 96, 2).mean((1, 3))
    sure = rolled != 0.5
    assert np.array_equal(found.cells[sure], rolled[sure] > 0.5)


def test_transparent_pixels_are_membrane_between_cells_and_else_not_labelled():
    clear = np.where(CELLS, FULL, 0)
    for under in (0, 255):  # what lies there is not seen
        values = np.where(CELLS[..., None], coloured((0, 0, 0)), under).astype(np.uint8)
        assert np.array_equal(read(values, alpha=clear).cells, CELLS)
    part = FULL.copy()
    part[:40] = 0
    plain = np.where(CELLS, FULL, 0)
    found = read(plain, alpha=part)
    assert np.array_equal(found.ignored, part == 0)
    assert np.array_equal(found.cells[40:], CELLS[40:])
    assert "do not count" in found.notes[0]


def test_one_colour_drawn_on_nothing_is_an_alpha_channel():
    values = np.zeros((*CELLS.shape, 3), np.uint8)
    values[CELLS] = (255, 40, 0)
    found = read(values, alpha=np.where(CELLS, FULL, 0))
    assert np.array_equal(found.cells, CELLS) and "alpha channel" in found.notes[0]
