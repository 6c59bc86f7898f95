"""A stack as files that other programs read."""

import csv
import io

import numpy as np
import tifffile

from snnlab.export import stack
from snnlab.images import reading
from snnlab.results.cells import extent, linking

CELLS = [np.kron(np.array([[1, 0], [0, 2]]), np.ones((20, 20), int)).astype(np.int32)] * 3


def test_labels_are_numbers_with_the_size_of_a_voxel():
    shape = (3, 40, 40)
    data = stack.labels_tiff(lambda: iter(CELLS), shape, stack.calibration(4.0, 50.0), 2)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.series[0].axes == "ZYX" and file.series[0].dtype == np.uint16
        assert (file.asarray() == np.array(CELLS)).all()
    known = reading.open_stack(data, "labels.tif").calibration
    assert [round(value, 6) for value in known.in_nm(known.scale)] == [50, 4, 4]
    many = stack.labels_tiff(lambda: iter(CELLS), shape, stack.calibration(None, None), 70_000)
    with tifffile.TiffFile(io.BytesIO(many)) as file:
        assert file.series[0].dtype == np.float32


def test_tables_have_a_line_each_and_what_holds_for_all():
    rows = [{"section": 3, "snn_v_rand": 0.5}, {"section": 4}]
    read = list(csv.DictReader(io.StringIO(stack.sections_csv(rows, {"model": "=relu"}))))
    assert [line["section"] for line in read] == ["3", "4"]
    assert [line["snn_v_rand"] for line in read] == ["0.5", ""]
    assert {line["model"] for line in read} == {"'=relu"}
    linked = linking.Linked()
    for section in CELLS:
        linked.add(section)
    table = extent.measure(CELLS, linked.tables, range(3), nm=4.0, thickness=50.0)
    read = list(csv.DictReader(io.StringIO(stack.cells_csv(table, "snn", {"model": "relu"}))))
    assert [line["cell"] for line in read] == ["1", "2"]
    assert [line["volume_nm3"] for line in read] == ["960000"] * 2  # 3 x 400 voxels of 800
    assert {line["network"] for line in read} == {"snn"}
