"""The cells of a result: both networks', in the pixels of the file, against its labels."""

import csv
import io

import numpy as np
import tifffile
from scipy.ndimage import center_of_mass

from snnlab.export import cells as export
from snnlab.images.pictures import upload
from snnlab.images.reading import read_labels
from snnlab.lab import cells as lab_cells
from snnlab.lab import segmenting as lab
from snnlab.results.cells import errors


def test_the_shipped_result_is_counted_and_scored_as_well_as_its_mask():
    result = lab.default_result()
    found = lab_cells.found(result)
    for network, scores in (("ann", result.ann_scores), ("snn", result.snn_scores)):
        judged = found[network].errors
        assert abs(judged.cells / judged.true - 1) <= 0.15
        # whose threshold is the best for this very image
        assert judged.v_rand >= scores.v_rand - 0.001
        assert len(found[network]) == judged.cells == found[network].numbers.max()
    assert found["ann"].table.nm == 4.0


def test_cells_of_a_resampled_image_are_numbered_in_the_pixels_of_the_file():
    section = lab.sample(0)
    grey = np.rint(255 * section.pixels[::2, ::2]).astype(np.uint8)
    labels = section.labels[::2, ::2].astype(np.uint8) * 255
    files = [io.BytesIO(), io.BytesIO()]
    for file, pixels in zip(files, (grey, labels), strict=True):
        tifffile.imwrite(file, pixels)
    image, truth = (file.getvalue() for file in files)
    picture = upload(image, "em.tif", 0, truth, "labels.tif", nm=8.0)
    assert picture.pixels.shape == section.pixels.shape and picture.nm == 4.0
    found = lab_cells.of(picture, section.labels.astype(np.float32))
    own = lab_cells.in_file(picture, found.numbers)
    assert own.shape == grey.shape and found.numbers.shape == section.pixels.shape
    np.testing.assert_array_equal(own, found.numbers[1::2, 1::2])
    expected = errors.judge(own, picture.judged_by[0])
    assert found.errors.cells == expected.cells and found.errors.v_rand == expected.v_rand
    # the table's centres lie where the picture of numbers has the cells
    made = export.cells_csv(found.table, "snn", picture, lab.defaults("regularised"))
    for line in csv.DictReader(io.StringIO(made)):
        there = own == int(line["cell"])
        if there.sum() > 50:
            centre = center_of_mass(there)
            assert np.allclose([float(line["row"]), float(line["column"])], centre, atol=0.5)


def test_a_cell_has_the_number_of_the_one_that_it_lies_in():
    ann, snn = np.zeros((2, 10, 20), np.int32)
    ann[:, :8], ann[:, 10:] = 1, 2
    snn[:, :4], snn[:, 4:8], snn[:5, 12:] = 1, 2, 3
    assert lab_cells.alike(snn, ann).tolist() == [0, 1, 1, 2]
    snn[:, 8:10] = 4  # in neither
    assert lab_cells.alike(snn, ann)[4] > 2


def test_files_of_cells_are_read_back():
    result = lab.default_result()
    one = lab_cells.found(result)["snn"]
    data = export.label_tiff(one.numbers, 4.0)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        np.testing.assert_array_equal(file.asarray(), one.numbers)
        assert file.imagej_metadata["unit"] == "nm"
    labels = read_labels(data, "cells.tif", one.numbers.shape)
    assert not labels.cells[one.numbers == 0].any()
    lines = export.cells_csv(one.table, "snn", result.picture, result.settings).splitlines()
    assert lines[0].startswith("network,cell,area_nm2,perimeter_nm,diameter_nm,eccentricity,")
    assert len(lines) == 1 + len(one)
    first = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert float(first["area_nm2"]) == 16 * (one.numbers == 1).sum()
    assert first["touches_border"] in ("0", "1") and first["model"] == result.settings.model
