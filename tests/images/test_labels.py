"""What label files mean: every kind is read right, or refused with what was seen."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images.labels import histogram, meaning
from snnlab.images.patches import between
from snnlab.images.pixels import Stored

SECTION = synthetic((160, 192), 5)
CELLS = SECTION.labels
NUMBERS = SECTION.cells.astype(np.int32)
PLAIN = np.where(CELLS, 255, 0).astype(np.uint8)


def read(values, **more):
    bits = values.dtype.itemsize * 8
    kept = {key: more.pop(key) for key in ("palette", "alpha", "white_is_zero") if key in more}
    return meaning(Stored(values, bits, **kept), "labels.tif", **more)


def grown(numbers):
    """Numbers that touch: each pixel has that of the nearest cell."""
    index = ndimage.distance_transform_edt(
        numbers == 0, return_distances=False, return_indices=True
    )
    return numbers[tuple(index)]


@pytest.mark.parametrize("ends", [(0, 1), (0, 255), (1, 2), (7, 9), (0.0, 1.0), (0, 70000)])
def test_two_values_are_membrane_and_cell(ends):
    low, high = ends
    values = np.where(CELLS, high, low)
    values = values.astype(np.float32 if isinstance(low, float) else np.int32)
    found = read(values)
    assert np.array_equal(found.cells, CELLS) and found.ignored is None
    assert bool(found.notes) == (low != 0)
    turned = read(values, invert=True)
    assert low == 0 or f"{high} is taken for membrane" in turned.notes[0]
    assert np.array_equal(read(values, invert=True).cells, ~CELLS)


def test_numbers_that_touch_get_membrane_between_them():
    """Against a loop over all pairs of neighbours."""
    touching = grown(NUMBERS)
    found = read(touching)
    expected = np.zeros(touching.shape, bool)
    height, width = touching.shape
    for row in range(height):
        for column in range(width):
            for other in ((row + 1, column), (row, column + 1)):
                inside = other[0] < height and other[1] < width
                if inside and touching[other] != touching[row, column]:
                    expected[row, column] = expected[other] = True
    assert np.array_equal(found.cells, ~expected)
    assert "membrane was drawn between them" in found.notes[0]
    # cells that were apart are apart
    regions = ndimage.label(found.cells)[0]
    inside = regions > 0
    pairs = np.unique(np.stack([regions[inside], touching[inside]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]


def test_numbers_that_do_not_touch_are_left_as_they_are():
    found = read(NUMBERS.astype(np.uint16))
    assert np.array_equal(found.cells, CELLS) and not found.notes


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.float32, np.uint32, np.uint64])
def test_what_does_not_count_is_left_out(kind):
    values = grown(NUMBERS).astype(kind)
    gone = np.zeros(CELLS.shape, bool)
    gone[:, 150:] = True
    values[gone] = kind(-1) if np.dtype(kind).kind != "u" else np.iinfo(kind).max
    found = read(values)
    assert np.array_equal(found.ignored, gone) and not found.cells[gone].any()
    assert "do not count" in found.notes[0]
    assert np.array_equal(found.cells[:, :149], read(grown(NUMBERS)).cells[:, :149])


def test_no_number_does_not_count():
    values = PLAIN.astype(np.float32)
    values[:9] = np.nan
    assert np.array_equal(read(values).ignored, np.arange(160)[:, None] + 0 * PLAIN < 9)


def sparse():
    """As ilastik stores it: 0 = not labelled, 1 and 2 two classes."""
    values = np.zeros(CELLS.shape, np.uint8)
    values[20:60, 30:90] = 1 + CELLS[20:60, 30:90]
    return values


def test_sparse_labels_are_refused_or_read_by_naming_what_does_not_count():
    with pytest.raises(LabError, match=r"0 \(92 %\), 2 .* not labelled.*--ignore 0.*1 is membrane"):
        read(sparse())
    found = read(sparse(), ignore=(0,))
    assert np.array_equal(found.ignored, sparse() == 0)
    counted = ~found.ignored
    assert np.array_equal(found.cells[counted], CELLS[counted])
    assert any("1 is taken for membrane and 2 for cell" in note for note in found.notes)


def test_classes_are_not_taken_for_numbers_of_cells():
    many = np.zeros((160, 192), np.uint8)
    many[:, :] = 1
    many[2::8, 2::8] = many[3::8, 2::8] = 2
    many = np.kron(many[:40, :48], np.ones((4, 4), np.uint8))
    many[:8] = 3
    with pytest.raises(LabError, match="more like classes"):
        read(many)


@pytest.mark.parametrize("scale", [2, 3])
def test_a_rim_of_interpolation_is_cut_halfway(scale):
    blown = ndimage.zoom(PLAIN.astype(float), scale, order=1, grid_mode=True, mode="nearest")
    found = read(np.rint(blown).astype(np.uint8))
    assert "cut halfway" in found.notes[0]
    assert np.array_equal(found.cells, np.rint(blown) > 127.5)
    assert np.array_equal(read((blown / 255).astype(np.float32)).cells, blown / 255 > 0.5)


def test_a_mask_of_this_lab_comes_back():
    mask = PLAIN.copy()
    mask[:40] = 128
    found = read(mask)
    assert np.array_equal(found.ignored, mask == 128)
    assert np.array_equal(found.cells, mask == 255) and "not tissue" in found.notes[0]


def test_labels_in_the_alpha_channel_alone():
    for colour in (0, 255):
        found = read(np.full((*CELLS.shape, 3), colour, np.uint8), alpha=PLAIN)
        assert np.array_equal(found.cells, CELLS) and "alpha channel" in found.notes[0]
    # a full alpha channel says nothing
    assert np.array_equal(read(PLAIN, alpha=np.full_like(PLAIN, 255)).cells, CELLS)


def test_colours_are_numbers_and_black_is_membrane():
    table = np.random.default_rng(0).integers(1, 256, (NUMBERS.max() + 1, 3)).astype(np.uint8)
    table[0] = 0
    assert np.array_equal(read(table[NUMBERS]).cells, CELLS)
    two = np.where(CELLS[..., None], np.array([200, 220, 40]), np.array([90, 0, 60]))
    assert np.array_equal(read(two.astype(np.uint8)).cells, CELLS)


def test_refusals_are_one_sentence_with_what_was_seen():
    cases = {
        r"only pixels of value 255 \(100 %\)": np.full_like(PLAIN, 255),
        "looks like a grey picture": np.rint(SECTION.image * 255).astype(np.uint8),
        "holds fractions": np.where(CELLS, 0.7, 0.1) + 0.05 * (np.arange(192) // 48),
        "only one class": np.where(CELLS, -1, 0),
    }
    for said, values in cases.items():
        with pytest.raises(LabError, match=said) as raised:
            read(values)
        message = str(raised.value)
        assert message.endswith(".") and ". " not in message and len(message) < 250


def test_a_picture_of_few_greys_or_of_large_pixels_is_no_mask():
    grey = np.rint(SECTION.image * 255).astype(np.uint8)
    noisy = grey // 2 + np.random.default_rng(0).integers(0, 90, grey.shape).astype(np.uint8)
    for values in (noisy // 16 * 16, noisy // 32 * 32, np.kron(noisy, np.ones((4, 4), np.uint8))):
        with pytest.raises(LabError):
            read(values)


def test_mostly_zero_is_said():
    few = np.where(np.isin(NUMBERS, np.unique(NUMBERS)[:12]), NUMBERS, 0)
    assert "0, which is taken for membrane, fills" in read(few).doubts()[0]


def test_nothing_labelled_at_all_is_said_and_no_error():
    found = read(np.full(CELLS.shape, -1))
    assert found.ignored.all() and not found.cells.any()
    assert "nothing is labelled" in found.notes[-1]


def test_a_membrane_is_drawn_on_either_side_and_not_to_what_does_not_count():
    numbers = np.array([[1, 1, 2, 2, 0, 3]])
    assert between(numbers).tolist() == [[False, True, True, False, False, False]]
    assert not between(numbers, numbers == 2).any()


def test_a_histogram_in_words():
    assert histogram(np.array([0, 1, 2]), np.array([100, 9899, 1])) == (
        "1 (99 %), 0 (1 %), 2 (0.01 %)"
    )


def jpeg(values, quality):
    file = io.BytesIO()
    Image.fromarray(values).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize("quality", [95, 75, 50])
@pytest.mark.parametrize("ends", [(0, 255), (40, 200)])
def test_a_mask_that_was_a_jpeg_once_is_cut_halfway(quality, ends):
    low, high = ends
    found = read(jpeg(np.where(CELLS, np.uint8(high), np.uint8(low)), quality))
    assert (found.cells == CELLS).mean() > 0.999
    assert "cut halfway" in found.notes[0]


def test_a_mask_that_was_smoothed_is_cut_halfway():
    smooth = ndimage.gaussian_filter(PLAIN.astype(np.float32), 0.8)
    for values in (np.rint(smooth).astype(np.uint8), smooth / 255):
        assert (read(values).cells == CELLS).mean() > 0.995
    twice = ndimage.zoom(PLAIN.astype(float), 2, order=3).clip(0, 255)
    assert read(np.rint(twice).astype(np.uint8)).cells.mean() == pytest.approx(
        CELLS.mean(), abs=0.01
    )


def test_blends_of_numbers_and_probabilities_are_refused():
    random = np.random.default_rng(0)
    numbers = (grown(NUMBERS) % 250).astype(np.uint8)
    soft = ndimage.gaussian_filter(CELLS + random.normal(0, 0.3, CELLS.shape), 1.5).clip(0, 1)
    blown = ndimage.zoom(numbers.astype(float), 2, order=1)
    kinds = (
        jpeg(numbers, 80),
        np.rint(255 * soft).astype(np.uint8),
        np.rint(blown).astype(np.uint8),
    )
    for values in kinds:
        with pytest.raises(LabError, match="in crumbs"):
            read(values)


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
@pytest.mark.parametrize("below", [1, 2, 3])
def test_minus_two_and_three_wrap_around_as_well(kind, below):
    values = grown(NUMBERS).astype(kind)
    values[:30] = np.iinfo(kind).max - (below - 1)
    assert np.array_equal(read(values).ignored, np.arange(160)[:, None] + 0 * PLAIN < 30)


def test_the_largest_of_small_numbers_is_minus_one_where_all_others_are_far_below():
    touching = grown(NUMBERS).astype(np.uint16)
    touching[:30] = 65535
    classes = 1 + CELLS.astype(np.uint8)
    classes[:30] = 255
    for values in (touching, classes):
        found = read(values)
        assert np.array_equal(found.ignored, np.arange(160)[:, None] + 0 * PLAIN < 30)
        assert any("do not count" in note for note in found.notes)
    # but not where others come near, or where it is what a mask of two values has
    assert read((grown(NUMBERS) % 200 + 56).astype(np.uint8)).ignored is None
    stray = PLAIN.copy()
    stray[3, 3:5] = 1
    assert read(stray).ignored is None


def test_a_number_that_lies_between_all_others_is_membrane():
    """As connected components without a background give it."""
    found = read(np.where(CELLS, NUMBERS + 1, 1).astype(np.uint16))
    assert np.array_equal(found.cells, CELLS)
    assert "1 lies between all others" in found.notes[0]
    # 0 beside it may mean anything
    canvas = np.pad(np.where(CELLS, NUMBERS + 1, 1), 30)
    with pytest.raises(LabError, match="1 lies between.*--ignore 0 if 0 means not labelled"):
        read(canvas)
    inner = read(canvas, ignore=(0,))
    assert np.array_equal(inner.cells[30:-30, 30:-30], CELLS) and inner.ignored[:30].all()
    # a cell among few others is none
    three = np.repeat([[7, 8, 9]], 90, 0).repeat(40, 1)
    assert read(three).cells.mean() > 0.9


def test_a_mask_of_this_lab_is_told_from_strokes():
    strokes = np.zeros_like(PLAIN)
    strokes[20:40, 30:150] = np.where(CELLS, 255, 128)[20:40, 30:150]
    with pytest.raises(LabError, match=r"--ignore 0 if .*\(128 is membrane"):
        read(strokes)
    found = read(strokes, ignore=(0,))
    assert np.array_equal(found.cells[20:40, 30:150], CELLS[20:40, 30:150])


def test_labels_of_something_else_are_noticed_by_how_little_is_cell():
    one = (np.bincount(NUMBERS[NUMBERS > 0]).argmax() == NUMBERS).astype(np.uint8)
    (said,) = read(one).doubts()
    assert "taken for membrane, which is much" in said and "give --invert-labels;" in said
    assert not read(PLAIN).notes and not read(PLAIN).doubts()
    (said,) = read(PLAIN, invert=True).doubts()
    assert said.startswith(f"{100 * CELLS.mean():.0f} %") and "leave --invert-labels out" in said


@pytest.mark.parametrize("values", [PLAIN, NUMBERS], ids=["two values", "numbers of cells"])
def test_fill_is_no_membrane(values):
    """An aligned section on a canvas, whose labels are 0 beside it too."""
    canvas = np.pad(values, 60)
    tissue = np.pad(np.ones(values.shape, bool), 60)
    found = read(canvas)
    assert "taken for membrane" in found.doubts()[0]
    assert not found.doubts(tissue) and not found.notes
    assert not found.doubts(np.zeros_like(tissue))


def test_the_share_of_membrane_is_that_of_the_tissue():
    one = np.pad((np.bincount(NUMBERS[NUMBERS > 0]).argmax() == NUMBERS).astype(np.uint8), 60)
    tissue = np.pad(np.ones(NUMBERS.shape, bool), 60)
    (said,) = read(one).doubts(tissue)
    assert said.startswith(f"{100 * (1 - one[tissue].mean()):.0f} % of what counts")
    assert one[tissue].mean() > 1.5 * one.mean()


def test_where_0_is_white_it_is_said():
    found = read(255 - PLAIN, white_is_zero=True)
    assert np.array_equal(found.cells, CELLS)
    assert found.notes == ("255, shown black, is taken for membrane and 0 for cell.",)
