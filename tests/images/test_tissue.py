"""What is tissue: fill and info bars against sections that have none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from snnlab.data.synthetic import synthetic
from snnlab.images import tissue

SECTION = np.rint(synthetic((192, 256), 3).image * 255).astype(np.uint8)


def found(values):
    there = tissue.find(values)
    return None if there is None else there.mask


@pytest.mark.parametrize("seed", range(6))
def test_a_plain_section_is_all_tissue(seed):
    plain = np.rint(synthetic((160, 192), seed).image * 255).astype(np.uint8)
    stronger = np.clip((plain.astype(float) - plain.mean()) * 2.5 + plain.mean(), 0, 255)
    kinds = (plain, 255 - plain, stronger.astype(np.uint8), plain // 16 * 16, plain / 255.0)
    for values in (*kinds, ndimage.gaussian_filter(plain, 2)):
        assert tissue.find(values) is None


@pytest.mark.parametrize("value", [0, 255, -9999, np.nan, np.inf])
@pytest.mark.parametrize("widths", [((3, 3), (3, 3)), ((40, 9), (0, 70)), ((0, 0), (25, 0))])
def test_a_canvas_is_told_from_its_section_pixel_by_pixel(value, widths):
    padded = np.pad(SECTION.astype(np.float32), widths, constant_values=value)
    expected = np.pad(np.ones(SECTION.shape, bool), widths)
    # a pixel of tissue beside the canvas may have the canvas's own value
    same = (padded == value) & expected
    mask = found(padded)
    assert np.array_equal(mask | same, expected | same) and same.sum() < 500


def test_a_turned_section_leaves_its_corners():
    turned = ndimage.rotate(SECTION, 11, order=0, cval=0)
    expected = ndimage.rotate(np.ones_like(SECTION), 11, order=0, cval=0) > 0
    assert (found(turned) != expected).mean() < 0.001


def test_two_kinds_of_fill_in_one_canvas():
    canvas = np.full((300, 400), 255, np.uint8)
    canvas[:, :60] = 0
    canvas[50:242, 100:356] = SECTION
    expected = np.zeros(canvas.shape, bool)
    expected[50:242, 100:356] = True
    assert (found(canvas) != expected).mean() < 0.001


def test_what_is_cut_off_at_white_is_no_fill():
    """A vessel's lumen at the edge, when other cells are as white."""
    image = SECTION.copy()
    row, column = np.indices(image.shape)
    for top, left in ((10, 100), (90, 30), (120, 180), (60, 120)):
        image[np.hypot(row - top, column - left) < 24] = 255
    assert tissue.find(image) is None


@pytest.mark.parametrize("value", [0, 255, 128, -9999])
def test_a_tile_that_a_mosaic_lacks_is_left_out(value):
    image = SECTION.astype(np.float32)
    image[60:100, 80:150] = value
    expected = np.ones(image.shape, bool)
    expected[60:100, 80:150] = False
    mask = found(image)
    same = (image == value) & expected
    assert np.array_equal(mask | same, expected | same) and same.sum() < 500
    # and in a canvas of the same value
    wide, around = np.pad(image, 30, constant_values=value), np.pad(expected, 30)
    assert (found(wide) != around).mean() < 0.002


def test_a_canvas_of_the_value_at_which_tissue_is_cut_off():
    """As after "enhance contrast": an eighth of the tissue is white, or black."""
    low, high = np.percentile(SECTION, (13, 87))
    strong = np.clip((SECTION - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    expected = np.pad(np.ones(SECTION.shape, bool), 60)
    for value in (0, 255):
        assert ((strong == value).mean()) > 0.1
        padded = np.pad(strong, 60, constant_values=value)
        # crumbs that touch the canvas belong to it
        assert (found(padded) != expected).mean() < 0.02
        assert tissue.find(strong) is None
    # membranes that are all black hang together, and are no canvas
    smooth = ndimage.gaussian_filter(SECTION.astype(np.float32), 2)
    for share in (15, 30, 45):
        dark = np.clip((smooth - np.percentile(smooth, share)) * 3, 0, 255).astype(np.uint8)
        assert tissue.find(dark) is None


def test_a_drawing_without_noise_is_no_fill():
    drawing = np.full((200, 200), 200, np.uint8)
    drawing[:, ::20] = drawing[::20] = 20
    assert tissue.find(drawing) is None


def test_a_section_of_one_value_is_blank_whatever_sparks_in_it():
    for value in (0, 7, np.nan):
        blank = np.full((128, 160), value, np.float32)
        blank[40, 50] = blank[100, 3] = 200
        there = tissue.find(blank)
        assert there.blank and not there.mask.any()
    assert tissue.find(np.zeros((64, 64), np.uint8)).blank


def test_a_hole_of_no_numbers_is_left_out_and_nothing_else():
    image = SECTION.astype(np.float32)
    image[60:90, 100:130] = np.nan
    assert np.array_equal(found(image), np.isfinite(image))


def bar(height, ground=0, ink=255, lines=False):
    """A section with a bar of text below, as scanning microscopes write it."""
    picture = Image.new("L", (SECTION.shape[1], height), ground)
    draw = ImageDraw.Draw(picture)
    for row in range(2, height - 8, 12):
        draw.text((4, row), "HV 10.00 kV  mag 20 000 x  WD 4.1 mm  HFW 12.8 um", fill=ink)
    if lines:
        draw.rectangle((0, 0, picture.width - 1, height - 1), outline=ink, width=2)
        draw.line((120, 0, 120, height), fill=ink, width=2)
    return np.concatenate([SECTION, np.asarray(picture)])


@pytest.mark.parametrize("height", [16, 28, 44])
@pytest.mark.parametrize(
    "look", [(0, 255, False), (255, 0, False), (0, 230, True), (60, 200, True)]
)
def test_an_info_bar_ends_where_the_picture_begins(height, look):
    image = bar(height, *look)
    expected = np.arange(len(image))[:, None] < len(SECTION)
    assert (found(image) != expected).mean() < 0.001
    assert (found(image[::-1].copy()) != expected[::-1]).mean() < 0.001


@given(st.data())
def test_strips_give_what_the_whole_gives(data):
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 30)))
    turned = ndimage.rotate(SECTION, data.draw(st.floats(-40, 40)), order=0, cval=0)
    image = np.pad(turned, 5).astype(np.float32)
    image[random.random(image.shape) < 0.001] = np.nan
    edges = data.draw(st.lists(st.integers(1, len(image) - 1), max_size=6, unique=True))

    def strips():
        return iter(np.split(image, sorted(edges)))

    there = tissue.survey(strips, image.shape)
    whole = tissue.find(image)
    assert np.array_equal(there.mask, whole.mask)
    assert [len(mask) for mask in there.masks()] == [len(strip) for strip in strips()]
    assert there.pixels == whole.pixels == whole.mask.sum()
