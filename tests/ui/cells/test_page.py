"""The page Cells in process: what it counts, and what is chosen there."""

import numpy as np

from snnlab.lab import cells as lab_cells
from snnlab.lab import segmenting as lab
from snnlab.ui.cells import counted, views
from tests.ui.steps import said

PAGE = "pages/cells.py"


def found(page):
    return page.session_state["cells_found"][1]


def test_cells_of_both_networks_are_counted_and_held_against_the_labels(page):
    assert not page.exception and not page.error
    (table,) = [one.value for one in page.table if "Cells" in one.value.columns]
    judged = {name: one.errors for name, one in lab_cells.found(lab.default_result()).items()}
    assert table["Cells"].tolist() == [
        str(judged["ann"].cells), str(judged["snn"].cells), str(judged["ann"].true)
    ]  # fmt: skip
    assert table["V_Rand"].tolist()[:2] == [f"{judged[n].v_rand:.4f}" for n in ("ann", "snn")]
    assert "Wide outlines are errors against the labels" in said(page)
    columns = page.dataframe[0].value
    assert list(columns)[:2] == ["cell", "area_nm2"] and len(columns) == judged["snn"].cells
    assert len(page.get("download_button")) >= 4


def test_another_rule_finds_other_cells(page):
    before = len(found(page)["snn"])
    page.number_input(key="cells-smallest").set_value(1500).run()
    assert not page.exception
    assert 0 < len(found(page)["snn"]) < before
    assert page.dataframe[0].value["area_nm2"].min() >= 1500 * 16
    small = found(page)["snn"].errors.small
    assert small > 1 and f"{small} labelled regions of the" in said(page)


def test_the_table_is_of_the_network_that_is_chosen(page):
    control = next(item for item in page.get("button_group") if item.label == "Cells of the")
    control.set_value("ann").run()
    assert len(page.dataframe[0].value) == len(found(page)["ann"])


def test_the_chosen_cell_is_found_in_the_other_picture_too(page):
    cells = found(page)
    number = cells["snn"].table.number[3]
    assert views._same(cells, "snn", 3, "snn").tolist() == [number]
    others = views._same(cells, "snn", 3, "ann")
    inside = cells["ann"].numbers[cells["snn"].numbers == number]
    assert len(others) and np.isin(np.bincount(inside)[1:].argmax() + 1, others)
    colours = counted.colours(cells)
    assert colours["snn"][number] in colours["ann"][others]
