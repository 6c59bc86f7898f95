"""Boxes that leave the lab come back as they were, and COCO's own reader takes them."""

import contextlib
import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.data.boxes import Wanted, read
from snnlab.export import boxes, tables
from snnlab.images.pictures import sample
from snnlab.settings import Settings

BOX = st.tuples(st.floats(0, 60), st.floats(0, 40), st.floats(0.5, 20), st.floats(0.5, 20))
LISTS = st.lists(st.lists(BOX, max_size=4), min_size=1, max_size=3)


def listed(sections, **more):
    return [
        boxes.Listed(
            "some.tif", at, (60, 80),
            np.array([(x, y, x + w, y + h) for x, y, w, h in one]).reshape(-1, 4),
            np.linspace(1, 0.5, len(one)), **more,
        )
        for at, one in enumerate(sections)
    ]  # fmt: skip


@given(LISTS)
@pytest.mark.parametrize("kind", ["coco", "csv"])
def test_each_section_comes_back(kind, sections):
    given_out = listed(sections)
    data = getattr(boxes, kind)(given_out).encode()
    for at, one in enumerate(given_out):
        found = read(data, "b", Wanted("some.tif", at, len(sections), (60, 80)))
        np.testing.assert_allclose(found.boxes, one.boxes, atol=1e-9)


def test_pycocotools_reads_it():
    from pycocotools.coco import COCO

    data = json.loads(boxes.coco(listed([[(1, 2, 3, 4)], [(5, 6, 7, 8), (0, 0, 2, 2)]])))
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = data
        known.createIndex()
    assert known.getCatIds(["mitochondrion"]) == [1]
    second = known.loadAnns(known.getAnnIds(imgIds=[2]))
    assert [one["bbox"] for one in second] == [[5, 6, 7, 8], [0, 0, 2, 2]]
    assert [one["area"] for one in second] == [56, 4]


def test_a_table_has_nanometres_and_steps_where_they_are_known():
    one = listed([[(1, 2, 10, 4)]], steps=np.array([7]), nm=(4.0, 5.0))
    (row,) = csv.DictReader(io.StringIO(boxes.csv(one)))
    assert (row["step"], float(row["width_nm"]), float(row["height_nm"])) == ("7", 50.0, 16.0)
    assert boxes.csv(listed([[]])) == boxes.EMPTY


def test_a_table_of_a_network_names_image_and_settings_and_is_read_again():
    picture = replace(sample(0), name="=1+1")
    settings = Settings(threshold=0.7)
    one = boxes.Listed("a.tif", 0, (90, 120), np.array([[1.0, 2, 31, 42]]), np.array([0.9]))
    text = boxes.table(one, "ann", tables.run(picture, settings))
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["network"] == "ann" and row["image"] == "'=1+1" and row["threshold"] == "0.7"
    again = read(text.encode(), "b.csv", Wanted("a.tif", 0, 1, (90, 120)))
    np.testing.assert_array_equal(again.boxes, one.boxes)
    none = replace(one, boxes=np.zeros((0, 4)), scores=np.zeros(0))
    text = boxes.table(none, "snn", tables.run(picture, settings))
    assert text.startswith("network,section,x,y,width,height,score,") and text.count("\n") == 1
    assert not len(read(text.encode(), "b.csv", Wanted("a.tif", 0, 1, (90, 120))).boxes)
