"""Strokes become labels pixel by pixel, and what is no stroke is refused in one sentence."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.images import pictures, reading, scribbles
from snnlab.images.scribbles import CELL, ERASE, MEMBRANE, Stroke
from tests.ui.test_manners import png

SHAPE = (24, 31)
_PLACE = st.tuples(st.floats(-9, 40).map(lambda v: round(v, 2)), st.floats(-9, 40).map(round))
STROKES = st.lists(
    st.builds(
        Stroke,
        st.integers(0, 2),
        st.floats(0.5, 20).map(lambda v: round(v, 2)),
        st.lists(_PLACE.map(lambda p: (float(p[0]), float(p[1]))), min_size=1, max_size=5)
        .map(tuple),
    ),
    max_size=5,
).map(tuple)  # fmt: skip
# of two sections of noise
IMAGE = np.random.default_rng(0).integers(0, 256, (2, 64, 80)).astype(np.uint8)
BOTH = (
    Stroke(MEMBRANE, 5.0, ((20.0, 10.0), (20.0, 60.0))),
    Stroke(CELL, 9.0, ((40.5, 10.5), (50.0, 70.0))),
)


def distance(point, one, other):
    """From a point to a piece of a line, by hand."""
    (y, x), (a, b), (c, d) = point, one, other
    length = (c - a) ** 2 + (d - b) ** 2
    share = 0 if length == 0 else ((y - a) * (c - a) + (x - b) * (d - b)) / length
    share = min(1, max(0, share))
    return ((y - a - share * (c - a)) ** 2 + (x - b - share * (d - b)) ** 2) ** 0.5


@settings(max_examples=20, deadline=None)
@given(STROKES)
def test_a_pixel_has_the_ink_of_the_last_stroke_that_is_near(strokes):
    found = scribbles.labels(strokes, SHAPE)
    assert found.shape == SHAPE and found.dtype == np.int8
    for row in range(0, SHAPE[0], 3):
        for column in range(0, SHAPE[1], 3):
            wanted, sure = -1, True
            for one in strokes:
                pieces = zip(one.points, one.points[1:] or one.points, strict=False)
                far = min(distance((row + 0.5, column + 0.5), *piece) for piece in pieces)
                half = max(one.width / 2, 0.5)
                sure = sure and abs(far - half) > 1e-6
                if far <= half:
                    wanted = -1 if one.ink == ERASE else one.ink
            if sure:
                assert found[row, column] == wanted, (row, column)


@settings(max_examples=20, deadline=None)
@given(STROKES)
def test_what_is_written_is_read_again(strokes):
    told = json.loads(json.dumps(scribbles.written(strokes)))
    assert scribbles.read(told) == strokes


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
_ANYTHING = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner)
)


@settings(max_examples=50, deadline=None)
@given(_ANYTHING | st.lists(st.tuples(st.integers(-1, 3), _LEAVES, st.lists(_LEAVES, max_size=4))))
def test_whatever_is_handed_in_is_strokes_or_one_sentence(given):
    try:
        found = scribbles.read(given)
    except LabError as error:
        assert str(error).count(".") == 1 and str(error).endswith(".")
    else:
        scribbles.labels(found, SHAPE)


@pytest.mark.parametrize(
    "wrong",
    [
        [[0, 5, [1, 2, float("nan"), 4]]],
        [[0, float("inf"), [1, 2]]],
        [[0, 65, [1, 2]]],
        [[0, 0, [1, 2]]],
        [[0, -3, [1, 2]]],
        [[3, 5, [1, 2]]],
        [[True, 5, [1, 2]]],
        [[0, 5, [1, 2, 3]]],
        [[0, 5, []]],
        [[0, 5, [1, 1e9]]],
        [[0, 5, "12"]],
        "strokes",
        {"ink": 0},
    ],
    ids=str,
)
def test_a_forged_stroke_is_refused(wrong):
    with pytest.raises(LabError, match="paint them again"):
        scribbles.read(wrong)


def test_too_many_strokes_or_points_are_refused():
    dot, line = [0, 5, [1, 1]], [0, 5, [1, 1] * (scribbles.POINTS // 2 + 1)]
    assert len(scribbles.read([dot] * scribbles.STROKES)) == scribbles.STROKES
    with pytest.raises(LabError, match="strokes on one section"):
        scribbles.read([dot] * (scribbles.STROKES + 1))
    with pytest.raises(LabError, match="points on one section"):
        scribbles.read([line, line])


def test_lines_across_everything_are_bounded():
    """What is forged to take long is refused; what is not is drawn in pieces."""
    far = [0, 64, [-9999, -9999, 9999, 9999]]
    most = int(scribbles.LENGTH // (2 * 9999 * 2**0.5))
    assert len(scribbles.read([far] * most)) == most
    with pytest.raises(LabError, match="longer than 250000 pixels"):
        scribbles.read([far] * (most + 1))
    found = scribbles.labels(scribbles.read([far]), (300, 200))
    rows, columns = np.indices(found.shape) + 0.5
    assert np.array_equal(found == MEMBRANE, np.abs(rows - columns) / 2**0.5 <= 32)


def test_going_on_and_undoing_give_what_drawing_anew_gives(monkeypatch):
    more = (*BOTH, Stroke(ERASE, 20.0, ((30.0, 30.0),)), Stroke(CELL, 3.0, ((5.0, 5.0),)))
    shape, found = (64, 80), []
    for count in (1, 2, 4, 3, 2, 4):
        found.append(scribbles.labels(more[:count], shape))
    monkeypatch.setattr(scribbles, "_latest", [])
    for count, one in zip((1, 2, 4, 3, 2, 4), found, strict=True):
        scribbles._latest.clear()
        assert np.array_equal(one, scribbles.labels(more[:count], shape)), count


def tiff_of(values):
    import io

    import tifffile

    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="minisblack", metadata=None)
    return file.getvalue()


def equal(one, other):
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


@pytest.mark.parametrize("nm", [None, 8.0])
def test_labels_of_a_picture_are_those_that_the_tiff_gives(nm):
    """What is shown at once and what is written are one, in the file's pixels."""
    data = tiff_of(IMAGE)
    made = scribbles.tiff({1: BOTH}, 2, IMAGE.shape[1:])
    bare = pictures.upload(data, "em.tif", 1, nm=nm)
    shown = scribbles.onto(bare, BOTH)
    written = pictures.upload(data, "em.tif", 1, made, scribbles.FILE, nm=nm)
    for one, other in zip(shown.judged_by, written.judged_by, strict=True):
        assert equal(one, other)
    assert shown.labels_file == written.labels_file == "scribbles.tif"
    assert shown.labels.shape == bare.pixels.shape
    # resampled labels may differ at rims, where a pixel is between two
    agree = np.mean((shown.labels == written.labels) & (shown.ignored == written.ignored))
    assert agree == 1 if nm is None else agree > 0.95
    other = reading.open_labels(made, scribbles.FILE).labels(0)
    assert other.ignored.all() and "nothing is labelled." in other.notes


def test_one_class_alone_is_no_label():
    bare = pictures.upload(png(IMAGE[0]), "em.png")
    assert scribbles.onto(bare, BOTH[:1]) is bare
    made = scribbles.tiff({0: BOTH[:1]}, 1, IMAGE.shape[1:])
    assert reading.open_labels(made, scribbles.FILE).labels(0).ignored.all()


def test_labels_that_were_there_are_replaced_with_what_was_said_of_them():
    truth = np.where(IMAGE[0] > 127, 7, 3).astype(np.uint8)
    had = pictures.upload(png(IMAGE[0]), "em.png", 0, png(truth), "truth.png", invert=True)
    made = scribbles.onto(had, BOTH)
    assert np.array_equal(made.labels, scribbles.labels(BOTH, made.pixels.shape) == 1)
    assert not made.inverted and not any(note.startswith("truth.png") for note in made.notes)
    assert any(note.startswith("truth.png") for note in had.notes)


def test_a_stack_that_is_too_large_is_not_written():
    with pytest.raises(LabError, match="million pixels"):
        scribbles.tiff({}, 100, (4096, 4096))


def test_a_share_of_each_class_is_held_back():
    inks = [0, 0, 0, 0, 0, 0, 1, 1, 2, 1]
    strokes = [Stroke(ink, 3.0, ((float(i), 1.0),)) for i, ink in enumerate(inks)]
    held = scribbles.split(strokes)
    assert [inks[i] for i in sorted(held)] == [0, 0, 1]
    assert scribbles.split(strokes[:1]) == frozenset()
