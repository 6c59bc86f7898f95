"""Own boxes: what is right comes out, what is wrong is said with its entry."""

import io
import json

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from snnlab.data.boxes import Wanted, read
from snnlab.errors import LabError

WANTED = Wanted("some.tif", 1, 3, (60, 80))
ALONE = Wanted("some.tif", 0, 1, (60, 80))
BOX = st.tuples(
    st.floats(0, 70), st.floats(0, 50), st.floats(0.5, 10), st.floats(0.5, 10)
)  # fmt: skip


def corners(boxes):
    return np.array([(x, y, x + w, y + h) for x, y, w, h in boxes]).reshape(-1, 4)


def coco(boxes, **more):
    annotations = [{"id": at, "image_id": 7, "bbox": list(box)} for at, box in enumerate(boxes)]
    return json.dumps({"annotations": annotations} | more).encode()


@given(st.lists(BOX, max_size=6))
def test_coco_comes_back(boxes):
    image = {"id": 7, "width": 80, "height": 60, "file_name": "other.tif"}
    for data in (coco(boxes), coco(boxes, images=[image])):
        found = read(data, "b.json", ALONE)
        assert found.form == "COCO"
        np.testing.assert_allclose(found.boxes, corners(boxes))


@given(st.lists(BOX, min_size=1, max_size=6), st.sampled_from(",;\t"), st.booleans())
def test_tables_come_back(boxes, mark, sizes):
    rows = boxes if sizes else [tuple(row) for row in corners(boxes)]
    head = ("Score", "X", "Y", "Width", "Height") if sizes else ("Score", "x0", "y0", "x1", "y1")
    lines = [
        mark.join(head),
        *(mark.join(["0.5", *(repr(float(one)) for one in row)]) for row in rows),
    ]
    found = read("\n".join(map(str, lines)).encode(), "b.csv", ALONE)
    assert found.form == "CSV"
    np.testing.assert_allclose(found.boxes, corners(boxes), atol=1e-9)


@given(st.binary(max_size=200))
def test_anything_is_read_or_said_in_one_sentence(data):
    for prefix in (b"", b"{", b'{"annotations": [', b"x,y,width,height\n"):
        try:
            read(prefix + data, "b.json", WANTED)
        except LabError as error:
            assert "\n" not in str(error) and len(str(error)) < 400


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["annotations", "images", "bbox", "image_id", "id", "width", "file_name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSONS)
def test_any_json_is_read_or_said_in_one_sentence(value):
    for told in (value, {"annotations": value}, {"annotations": [value], "images": [value]}):
        try:
            found = read(json.dumps(told).encode(), "b.json", WANTED)
            assert (found.boxes[:, 2:] > found.boxes[:, :2]).all()
        except LabError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("bbox", "said"),
    [
        ([1, 2, -4, 5], "annotation 1 of b.json is -4 wide and 5 high"),
        ([1, 2, 0, 5], "annotation 1 of b.json is 0 wide"),
        ([70, 2, 40, 5], r"annotation 1 of b.json reaches from \(70, 2\) to \(110, 7\), outside"),
        ([-9, 2, 4, 5], "annotation 1 of b.json reaches"),
        ([1, 2, 3], "annotation 1 of b.json is not four numbers"),
        ([1, 2, "3", 4], "annotation 1 of b.json is not four numbers"),
        ([1, 2, True, 4], "annotation 1 of b.json is not four numbers"),
        (None, 'annotation 1 of b.json has no "bbox"'),
    ],
)
def test_a_bad_entry_of_coco_is_named(bbox, said):
    told = {"annotations": [{"bbox": [1, 1, 5, 5]}, {"bbox": bbox}]}
    with pytest.raises(LabError, match=said):
        read(json.dumps(told).encode(), "b.json", ALONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"images": []}', 'no list of "annotations"'),
        ("[1", "no JSON that can be read"),
        ('{"annotations": [{"bbox": [1, 1, NaN, 5]}]}', "no JSON that can be read"),
        ("[3]", 'annotation 0 of b.json has no "bbox"'),
        ('{"annotations": [], "images": [3]}', "is no list of images"),
    ],
)
def test_bad_coco_is_said(text, said):
    with pytest.raises(LabError, match=said):
        read(text.encode(), "b.json", ALONE)


def test_of_several_images_the_sections_own_is_taken():
    annotations = [
        {"image_id": ident, "bbox": [ident, 2, 3, 4], "iscrowd": crowd}
        for ident, crowd in ((4, 0), (5, 0), (6, 0), (5, 1))
    ]
    images = [{"id": ident, "width": 80, "height": 60} for ident in (4, 5, 6)]
    data = json.dumps({"annotations": annotations, "images": images}).encode()
    found = read(data, "b.json", WANTED)  # the second of three
    np.testing.assert_array_equal(found.boxes, [[5, 2, 8, 6]])
    assert "1 of the boxes are of crowds" in found.notes[0]
    with pytest.raises(LabError, match="lists 3 images, and none that is called some.tif"):
        read(data, "b.json", ALONE)
    images[2]["file_name"] = "some.tif"
    data = json.dumps({"annotations": annotations, "images": images}).encode()
    np.testing.assert_array_equal(read(data, "b.json", ALONE).boxes, [[6, 2, 9, 6]])
    bare = json.dumps(annotations).encode()
    with pytest.raises(LabError, match="is of 3 images and lists none"):
        read(bare, "b.json", ALONE)


def test_an_image_of_another_size_is_said():
    image = {"id": 7, "width": 81, "height": 60}
    with pytest.raises(LabError, match="image 0 of b.json has 81 x 60 pixels, but .* 80 x 60"):
        read(coco([(1, 1, 2, 2)], images=[image]), "b.json", ALONE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no columns that say where boxes are"),
        ("x,y,width,height\n1,2,3,4\n1,2,3\n", "row 2 of b.csv is not four numbers"),
        ("x,y,width,height\n1,2,wide,4\n", "row 1 of b.csv is not four numbers"),
        ("x,y,width,height\n1,2,nan,4\n", "row 1 of b.csv is not four numbers"),
        ("xmin,ymin,xmax,ymax\n9,2,3,4\n", "row 1 of b.csv is -6 wide"),
        ("section,x,y,w,h\n,1,2,3,4\n", "row 1 of b.csv does not say of which section"),
        ("", "no columns"),
    ],
)
def test_bad_tables_are_said(text, said):
    with pytest.raises(LabError, match=said):
        read(text.encode(), "b.csv", WANTED)


def test_tables_may_have_sections_or_no_header():
    text = "slice,x,y,w,h\n0,1,1,2,2\n1,4,4,5,5\n"
    np.testing.assert_array_equal(read(text.encode(), "b.csv", WANTED).boxes, [[4, 4, 9, 9]])
    bare = read(b"1,2,3,4\n5,6,7,8\n", "b.csv", ALONE)
    np.testing.assert_array_equal(bare.boxes, [[1, 2, 4, 6], [5, 6, 12, 14]])
    assert "has no header" in bare.notes[0]


# ---- masks ----------------------------------------------------------------------------------


def tiff(array):
    out = io.BytesIO()
    tifffile.imwrite(out, array, photometric="minisblack")
    return out.getvalue()


def test_masks_of_numbers_and_of_one_class():
    things = np.zeros((3, 60, 80), np.uint16)
    things[1, 5:15, 10:30], things[1, 15:25, 10:30] = 400, 7  # they touch
    numbered = read(tiff(things), "m.tif", WANTED)
    np.testing.assert_array_equal(numbered.boxes, [[10, 15, 30, 25], [10, 5, 30, 15]])
    whole = read(tiff((things > 0).astype(np.uint8) * 255), "m.tif", WANTED)
    np.testing.assert_array_equal(whole.boxes, [[10, 5, 30, 25]])
    assert "one class" in whole.notes[0] and numbered.form == "mask"


def test_masks_that_do_not_fit_are_said():
    with pytest.raises(LabError, match="has 81 x 60 pixels, but the image has 80 x 60"):
        read(tiff(np.zeros((60, 81), np.uint8)), "m.tif", ALONE)
    with pytest.raises(LabError, match="section 1 does not exist"):
        read(tiff(np.zeros((60, 80), np.uint8)), "m.tif", WANTED)
    with pytest.raises(LabError, match="no whole numbers"):
        read(tiff(np.full((60, 80), 0.5, np.float32)), "m.tif", ALONE)


def test_what_is_neither_is_said(tmp_path):
    with pytest.raises(LabError, match="neither text nor an image"):
        read(b"\xff\xfe\x00\x01abc", "b.bin", ALONE)
    path = tmp_path / "b.csv"
    path.write_text("x,y,width,height\n1,2,3,4\n")
    np.testing.assert_array_equal(read(path, "b.csv", ALONE).boxes, [[1, 2, 4, 6]])
