"""Tables of scores: what may be compared, and what may not."""

import pytest

from tests.ui.steps import said, until

PAGE = "pages/segment.py"


def rows(app):
    """The table of scores: by name, the cells of ANN, SNN and their difference."""
    table = next(one.value for one in app.table if "SNN − ANN" in one.value)
    return {row[""]: (row["ANN"], row["SNN"], row["SNN − ANN"]) for _, row in table.iterrows()}


def test_masks_of_two_thresholds_are_not_subtracted(app):
    app.query_params["th"], app.query_params["tha"] = "0.8", "0.6"
    app.run()
    assert app.session_state["settings"].ann_threshold == 0.6
    until(app, lambda: app.session_state["shown"].settings.ann_threshold == 0.6)
    found = rows(app)
    for name in ("Pixel accuracy", "Dice (cell)", "IoU (cell)", "V_Rand at the threshold"):
        assert found[name][2] == "–"
    assert "A dash: the thresholds differ" in said(app)
    # what is judged alike is compared: the conversion costs little
    for name, good in (("Pixel accuracy at 0.5", 0.002), ("V_Rand, best threshold", 0.01)):
        ann, snn, apart = found[name]
        assert abs(float(apart.replace("−", "-"))) <= good
        assert float(snn) - float(ann) == pytest.approx(float(apart.replace("−", "-")), abs=1e-9)


def test_masks_of_one_threshold_are(app):
    app.query_params["th"] = "0.5"
    app.run()
    assert app.session_state["settings"].ann_threshold is None
    until(app, lambda: app.session_state["shown"].settings.threshold == 0.5)
    found = rows(app)
    assert found["Pixel accuracy"] == found["Pixel accuracy at 0.5"]
    assert "–" not in {difference for _, _, difference in found.values()}
