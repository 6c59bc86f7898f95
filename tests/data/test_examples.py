import numpy as np
import pytest
from PIL import Image

from snnlab.data import examples
from snnlab.errors import LabError


def test_folders_are_classes_in_order(tmp_path):
    for name, grey, size in (("b", 10, (4, 6)), ("a", 200, (4, 6)), ("a", 90, (8, 12))):
        (tmp_path / name).mkdir(exist_ok=True)
        pixels = np.full((size[1], size[0]), grey, np.uint8)
        Image.fromarray(pixels).save(tmp_path / name / f"{grey}.png")
    found = examples.read(tmp_path, (6, 4, 3))
    assert found.classes == ("a", "b") and found.labels.tolist() == [0, 1, 0]
    assert found.images.shape == (3, 6, 4, 3) and set(found.images[1].ravel()) == {10}
    assert any("resized" in note for note in found.notes)
    assert examples.read(tmp_path, (6, 4, 1), 2).labels.tolist() == [0, 1]
    assert np.allclose(examples.scaled(found, False).images[1], 10 / 255)
    assert examples.scaled(found, True) is found


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([2, 0]), [2, 0]),
        (np.array([[2], [0]]), [2, 0]),
        (np.array([[0, 0, 1], [1, 0, 0]]), [2, 0]),
    ],
)
def test_arrays_in_the_ways_that_people_keep_them(labels, expected, tmp_path):
    np.savez(tmp_path / "a.npz", x_test=np.ones((2, 4, 4)), y_test=labels)
    found = examples.read(tmp_path / "a.npz", (4, 4, 1))
    assert found.labels.tolist() == expected and found.images.dtype == np.float32
    assert found.first(1).images.shape == (1, 4, 4, 1)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"pictures": np.ones((2, 4, 4))}, "has no images"),
        ({"images": np.ones((2, 4))}, "not a stack of images"),
        ({"images": np.ones((2, 5, 4))}, "images of 5x4x1, and the net takes 4x4x1"),
        ({"images": np.ones((2, 4, 4)), "labels": np.ones(3)}, "2 images and 3 labels"),
        ({"images": np.full((2, 4, 4), np.nan)}, "no numbers"),
        ({"images": np.array([{}], object)}, "without pickles"),
    ],
)
def test_arrays_that_do_not_do(arrays, said, tmp_path):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(LabError, match=said):
        examples.read(tmp_path / "a.npz", (4, 4, 1))


def test_folders_that_do_not_do(tmp_path):
    with pytest.raises(LabError, match="has no folders"):
        examples.read(tmp_path, (4, 4, 1))
    (tmp_path / "a").mkdir()
    with pytest.raises(LabError, match="no PNG or JPEG"):
        examples.read(tmp_path, (4, 4, 1))
    (tmp_path / "a" / "bad.png").write_bytes(b"\x89PNG....")
    with pytest.raises(LabError, match="damaged|recognised|read"):
        examples.read(tmp_path, (4, 4, 1))
    with pytest.raises(LabError, match="2 channels"):
        examples.read(tmp_path, (4, 4, 2))
    with pytest.raises(LabError, match="is not there"):
        examples.read(tmp_path / "nothing", (4, 4, 1))
