"""The small files of ../shared/cases, where they are: opened as a file and as an upload."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.cases import FILES, NM, SAME, SECTIONS, VOXELS, near
from snnlab.errors import LabError
from snnlab.images import pictures, pixel_size
from snnlab.images.choice import Choice, Undecided
from snnlab.images.reading import open_stack

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="../shared/cases is not here")


def ways(name: str):
    """The file by its path, and in memory where it is one."""
    path = FILES / name
    return (path, path.read_bytes()) if Path(path).is_file() else (path,)


@pytest.mark.parametrize("name", NM)
def test_the_size_of_a_pixel(name):
    for source in ways(name):
        found = pixel_size.plain(open_stack(source, name).calibration.nm)
        assert near(found, NM[name])


@pytest.mark.parametrize("name", SAME)
def test_the_same_picture_stored_another_way(name):
    for source in ways(name):
        one, other = open_stack(source, name), open_stack(FILES / SAME[name])
        for section in range(one.sections):
            found, expected = one.section(section).pixels, other.section(section).pixels
            np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("name", SECTIONS)
def test_channels_are_asked_for(name):
    for source in ways(name):
        with pytest.raises(Undecided, match="--channel 0 to 1"):
            open_stack(source, name)
        assert open_stack(source, name, choice=Choice(channel=1)).sections == SECTIONS[name]


@pytest.mark.parametrize("name", VOXELS)
def test_scale_units_and_translation(name):
    scale, units, translation = VOXELS[name]
    found = open_stack(FILES / name).calibration
    assert near(found.scale, scale) and found.units == units
    assert near(found.translation, translation)


def test_membrane_is_counted_in_tissue_only():
    """67 % of the section is fill; in the tissue 20.4 % is membrane, and of all 74 %."""
    image, labels = FILES / "border.tif", FILES / "border-labels.tif"
    found = pictures.upload(image, image.name, 0, labels, labels.name)
    assert "67 % of the section is not tissue" in " ".join(found.notes)
    assert not any("taken for membrane" in note for note in found.notes)
    turned = pictures.upload(image, image.name, 0, labels, labels.name, invert=True)
    assert any("80 % of what counts is taken for membrane" in note for note in turned.notes)


def test_absent_siblings_are_named():
    for source in ways("omexml_multi_a.ome.tif"):
        with pytest.raises(LabError, match="omexml_multi_1.ome.tif"):
            open_stack(source, "omexml_multi_a.ome.tif")
