"""What is measured of cells."""

import numpy as np
import pytest

from snnlab.results.cells import measuring


def cells():
    made = np.zeros((40, 50), np.int32)
    made[10:20, 10:30] = 1  # 10 x 20, free
    made[30:40, 0:10] = 2  # at the border
    rows, columns = np.ogrid[:40, :50]
    made[(rows - 24) ** 2 + (columns - 38) ** 2 <= 64] = 3  # a disc of radius 8
    return made


def test_areas_perimeters_diameters_and_shapes():
    found = measuring.measure(cells())
    assert found.number.tolist() == [1, 2, 3] and len(found) == 3
    assert found.area[:2].tolist() == [200, 100]
    # through the middles of the pixels of the rim
    assert found.perimeter[0] == pytest.approx(2 * (9 + 19))
    assert found.diameter[0] == pytest.approx(2 * (200 / np.pi) ** 0.5)
    assert found.eccentricity[2] < 0.1 and found.eccentricity[0] > 0.8
    assert found.border.tolist() == [False, True, False]
    assert (found.row[0], found.column[0]) == (14.5, 19.5)
    assert found.box[0].tolist() == [10, 10, 20, 30]


def test_lengths_are_nanometres_where_a_pixel_has_a_size():
    plain, scaled = (measuring.measure(cells(), nm).columns() for nm in (None, 4.0))
    assert list(plain)[:4] == ["cell", "area_px2", "perimeter_px", "diameter_px"]
    assert list(scaled)[:4] == ["cell", "area_nm2", "perimeter_nm", "diameter_nm"]
    assert scaled["area_nm2"][0] == 200 * 16
    assert scaled["perimeter_nm"][0] == pytest.approx(4 * plain["perimeter_px"][0])


def test_the_edge_of_the_tissue_is_a_border_too():
    tissue = np.ones((40, 50), bool)
    tissue[:, :10] = False
    assert measuring.measure(cells(), None, tissue).border.tolist() == [True, True, False]


def test_no_cells_are_an_empty_table():
    found = measuring.measure(np.zeros((20, 20), np.int32), 4.0)
    assert len(found) == 0 and all(len(column) == 0 for column in found.columns().values())
