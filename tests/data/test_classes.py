"""Labels of three classes, and masks of mitochondria that somebody gives."""

import io

import numpy as np
import pytest
from PIL import Image

from snnlab.data import classes, epfl
from snnlab.errors import LabError
from tests.data.test_epfl import made


def png(values, form="PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(values).save(file, form)
    return file.getvalue()


def test_where_two_labels_hold_mitochondria_win():
    cells = np.array([[True, False, True, False]])
    mitochondria = np.array([[True, True, False, False]])
    found = classes.labelled(cells, mitochondria)
    assert found.dtype == np.int8 and found.tolist() == [[2, 2, 1, 0]]
    assert classes.CLASSES == ("membrane", "cell", "mitochondria")
    # nobody has said what is inside
    assert classes.labelled(cells, None).tolist() == [[3, 0, 3, 0]]


def test_of_slices_as_they_are_stored(tmp_path):
    volume = epfl.Epfl(made(tmp_path))
    number = volume.numbers[0]
    cells, mitochondria = volume.labels(number), volume.mitochondria(number)
    found = classes.labelled(cells, mitochondria)
    assert ((found == classes.MITOCHONDRIA) == mitochondria).all()
    assert ((found == classes.MEMBRANE) == (~cells & ~mitochondria)).all()


def test_a_mask_is_read_whatever_number_stands_for_one():
    values = np.zeros((32, 40), np.uint8)
    values[1:3, 2:5], values[4, 4] = 255, 7
    np.testing.assert_array_equal(classes.read(png(values), "m.png", (32, 40)), values > 0)
    nothing = np.zeros((32, 40), np.uint8)  # a section may have none
    assert not classes.read(png(nothing), "m.png", (32, 40)).any()


@pytest.mark.parametrize(
    ("data", "shape", "sections", "said"),
    [
        (png(np.zeros((32, 40), np.uint8)), (40, 32), 1, "has 40 x 32 pixels, but the image has"
         " 32 x 40"),
        (png(np.full((32, 40), 255, np.uint8)), (32, 40), 1, "every pixel a mitochondrion"),
        (png(np.zeros((32, 40), np.uint8), "JPEG"), (32, 40), 1, "is a JPEG, which blurs labels"),
        (b"no picture", (32, 40), 1, "m.png"),
    ],
)  # fmt: skip
def test_what_is_no_mask_is_refused_in_a_sentence(data, shape, sections, said):
    with pytest.raises(LabError, match=said) as error:
        classes.read(data, "m.png", shape, 0, sections)
    assert "\n" not in str(error.value) and str(error.value).endswith(".")


def test_of_a_stack_the_same_section_is_read():
    import tifffile

    file, values = io.BytesIO(), np.zeros((3, 32, 40), np.uint8)
    values[1, 2, 3] = 1
    tifffile.imwrite(file, values, photometric="minisblack")
    assert classes.read(file.getvalue(), "m.tif", (32, 40), 1, 3).sum() == 1
    assert classes.read(file.getvalue(), "m.tif", (32, 40), 2, 3).sum() == 0
    with pytest.raises(LabError, match="has 3 sections, but the image has 2"):
        classes.read(file.getvalue(), "m.tif", (32, 40), 1, 2)
