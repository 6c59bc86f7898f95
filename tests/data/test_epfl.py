"""The EPFL folder: a small volume made here, and the real one where it is."""

import numpy as np
import pytest
import tifffile

from snnlab.data import epfl, isbi
from snnlab.errors import LabError

RNG = np.random.default_rng(6)
NUMBERS = (0, 127, 134, 161)
IMAGES = RNG.integers(0, 256, (4, 40, 48)).astype(np.uint8)
LABELS = np.kron(RNG.integers(0, 2, (4, 5, 6)), np.ones((1, 8, 8))).astype(np.uint8) * 255


@pytest.fixture(autouse=True)
def _no_folder_from_outside(monkeypatch):
    for variable in (epfl.VARIABLE, isbi.VARIABLE):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def folder(tmp_path):
    return made(tmp_path / "epfl")


def made(folder, images=IMAGES, labels=LABELS, numbers=NUMBERS):
    folder.mkdir(exist_ok=True)
    for name, array in (
        (epfl.IMAGES, images),
        (epfl.MEMBRANES, labels),
        (epfl.MITOCHONDRIA, 255 - labels),
    ):
        tifffile.imwrite(folder / name, array, photometric="minisblack")
    told = "".join(f"training{number:04d}.png\n" for number in numbers)
    (folder / epfl.SLICES).write_text(told)
    return folder


def test_slices_go_by_their_number_in_the_volume(folder):
    volume = epfl.Epfl(folder)
    assert volume.numbers == NUMBERS
    for place, number in enumerate(NUMBERS):
        np.testing.assert_allclose(volume.image(number).pixels, IMAGES[place] / 255, atol=1e-6)
        np.testing.assert_array_equal(volume.labels(number), LABELS[place] > 0)
        np.testing.assert_array_equal(volume.mitochondria(number), LABELS[place] == 0)
    with pytest.raises(LabError, match="no slice 3 in epfl-images.tif"):
        volume.image(3)


def test_the_split_is_three_blocks_that_do_not_touch(folder):
    volume = epfl.Epfl(folder)
    blocks = [volume.of(part) for part in (epfl.TRAINING, epfl.CHOICE, epfl.REPORT)]
    assert blocks == [(0, 127), (134,), (161,)]
    assert (epfl.TRAINING[-1], [*epfl.CHOICE], [*epfl.REPORT]) == (
        127,
        [134, 135, 136],
        [161, 162, 163, 164],
    )


def test_found_by_name_by_the_variable_and_beside_isbi(folder, tmp_path, monkeypatch):
    assert epfl.find() is None
    assert epfl.find(folder) == epfl.find(tmp_path) == folder
    beside = tmp_path / "isbi2012"
    beside.mkdir()
    for name in (isbi.IMAGES, isbi.LABELS):
        (beside / name).touch()
    assert epfl.find(None, str(beside)) == folder
    monkeypatch.setenv(epfl.VARIABLE, str(folder))
    assert epfl.find() == folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numbers": (1, 2)}, "names 2 slices, but epfl-images.tif has 4"),
        ({"labels": LABELS[:3]}, "differ in size"),
        ({"labels": LABELS[:, :36]}, "differ in size"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(tmp_path, change, message):
    with pytest.raises(LabError, match=message):
        epfl.Epfl(made(tmp_path / "epfl", **change))


def test_a_folder_without_them_is_told(tmp_path):
    with pytest.raises(LabError, match="lacks epfl-images.tif or .* all of them"):
        epfl.find(tmp_path)


def test_the_real_volume(epfl_folder):
    volume = epfl.Epfl(epfl_folder)
    assert len(volume.numbers) == 41
    assert volume.image(161).pixels.shape == (768, 1024)
    assert volume.of(epfl.REPORT) == (161, 162, 163, 164)
    assert 0.7 < volume.labels(161).mean() < 0.95
    assert 0.01 < volume.mitochondria(161).mean() < 0.2
