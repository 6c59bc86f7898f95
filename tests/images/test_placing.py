"""Labels of a part of a volume lie where both files say, as CREMI's padded volumes do."""

import h5py
import numpy as np
import pytest

from snnlab.data import own
from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images import pictures
from snnlab.images.placing import Placed
from snnlab.images.reading import open_labels, open_stack

START, SIDES = (2, 24, 16), (6, 176, 160)  # of the labels, in the image
MADE = [synthetic((240, 224), seed) for seed in range(10)]
GREY = np.stack([np.rint(255 * one.image).astype(np.uint8) for one in MADE])
PART = tuple(slice(first, first + side) for first, side in zip(START, SIDES, strict=True))
TRUTH = np.stack([one.labels for one in MADE])[PART]


@pytest.fixture
def cremi(tmp_path):
    """``raw`` reaches beyond ``neuron_ids`` on all sides."""

    def made(offset=(80.0, 96.0, 64.0), resolution=(40.0, 4.0, 4.0)):
        path = tmp_path / "padded.hdf"
        with h5py.File(path, "w") as file:
            raw = file.create_dataset("volumes/raw", data=GREY)
            raw.attrs["resolution"] = (40.0, 4.0, 4.0)
            ids = file.create_dataset("volumes/labels/neuron_ids", data=TRUTH.astype(np.uint64))
            ids.attrs["resolution"] = resolution
            if offset is not None:
                ids.attrs["offset"] = offset
        return path

    return made


@pytest.mark.parametrize("upload", [False, True])
def test_labels_lie_where_their_offset_says(cremi, upload):
    path = cremi()
    source = path.read_bytes() if upload else path  # which another process reads
    truth = open_labels(source, image=open_stack(source))
    assert isinstance(truth, Placed) and truth.start == START
    assert (truth.sections, truth.shape) == (10, (240, 224))
    for section in (2, 7):
        found = truth.labels(section)
        expected = np.zeros((240, 224), bool)
        expected[PART[1:]] = TRUTH[section - 2]
        np.testing.assert_array_equal(found.cells, expected)
        counted = np.zeros((240, 224), bool)
        counted[PART[1:]] = True
        np.testing.assert_array_equal(~found.ignored, counted)
    with pytest.raises(LabError, match="no labels of section 8, but of sections 2 to 7"):
        truth.labels(8)
    assert "from column 16, row 24 on, sections 2 to 7" in truth.notes[-1]


def test_a_picture_is_scored_where_it_is_labelled(cremi):
    path = cremi()
    picture = pictures.upload(path, path.name, 5, path, path.name)
    assert picture.labels.shape == (240, 224)
    assert (~picture.uncounted).sum() == SIDES[1] * SIDES[2]
    np.testing.assert_array_equal(picture.labels[PART[1:]], TRUTH[3])
    assert not any("edges of this image" in note for note in picture.notes)
    with pytest.raises(LabError, match="no labels of section 0"):
        pictures.upload(path, path.name, 0, path, path.name)


def test_own_sections_are_the_part_that_is_labelled(cremi, tmp_path):
    path = cremi()
    found = own.read([(own.File(path, "a.hdf"), own.File(path, "a.hdf"))])
    assert len(found.train) + len(found.validation) == 6
    assert found.train[0][0].shape == SIDES[1:]
    np.testing.assert_array_equal(found.train[0][1], TRUTH[0])
    assert any("sections 2 to 7" in note for note in found.notes)


@pytest.mark.parametrize(
    "about",
    [
        {"offset": None},
        {"offset": (0.0, 0.0, 0.0)},
        {"offset": (80.0, 2.0e4, 64.0)},  # beyond the image
        {"offset": (80.0, 97.5, 64.0)},  # between its pixels
        {"resolution": (40.0, 8.0, 8.0)},
    ],
)
def test_where_their_place_is_not_known_they_are_refused(cremi, about):
    path = cremi(**about)
    with pytest.raises(LabError, match="choose the labels of this image"):
        pictures.upload(path, path.name, 5, path, path.name)
    with pytest.raises(LabError, match="choose the labels of this image"):
        own.read([(own.File(path, "a.hdf"), own.File(path, "a.hdf"))])


def test_labels_of_fewer_sections_are_counted_from_the_first_and_that_is_said(cremi, tmp_path):
    path = cremi()
    few = tmp_path / "few.hdf"
    with h5py.File(few, "w") as file:
        file["labels"] = np.stack([one.labels for one in MADE[:4]]).astype(np.uint8)
    picture = pictures.upload(path, path.name, 3, few, "few.hdf")
    np.testing.assert_array_equal(picture.labels, MADE[3].labels)
    assert any("4 sections and the image 10" in note for note in picture.notes)
