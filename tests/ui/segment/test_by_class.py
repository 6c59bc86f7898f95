"""The page Segment with a model of three classes: figures, table, own labels, files."""

import io

import numpy as np
from PIL import Image

from snnlab.lab import classes as lab
from snnlab.ui.segment.viewer import packing
from tests.ui.segment.test_viewer import unpacked
from tests.ui.steps import until
from tests.ui.test_pages import control


def shown(app):
    app.session_state["auto"] = True
    app.run()
    control(app, "model").set_value("organelles")
    until(app, lambda: app.session_state["shown"].settings.model == "organelles")
    assert not app.exception
    return app.session_state["shown"]


def tables(app):
    """The tables, by each of their heads."""
    return {head: one.value for one in app.table for head in one.value.columns}


def headings(app):
    return [one.value for one in app.subheader]


def test_classes_are_shown_of_a_model_that_has_them(app):
    app.run()
    assert "Membrane, cell, mitochondria" not in headings(app)
    result = shown(app)
    assert "Membrane, cell, mitochondria" in headings(app)
    found = lab.found(result)
    table = tables(app)["Dice, both"]
    assert list(table.iloc[:, 0]) == ["Membrane", "Cell", "Mitochondria"]
    assert list(table["ANN, share"]) == [f"{100 * one:.1f}\u00a0%" for one in found.shares["ann"]]
    assert table["Dice, both"][0] == f"{found.alike[0].dice:.3f}"
    # the sample's labels tell membrane from cell, and nothing else
    table = tables(app)["SNN, Dice"]
    assert table["SNN, Dice"][0] == f"{found.against['snn']['membrane'].dice:.3f}"
    assert table["SNN, Dice"][2] == "–"


def test_own_mitochondria_are_scored_and_what_is_none_is_refused(app, monkeypatch):
    result = shown(app)
    file = io.BytesIO()
    values = np.zeros(result.image.shape, np.uint8)
    values[40:80, 40:80] = 255
    Image.fromarray(values).save(file, "PNG")
    given = [("mine.png", file.getvalue())]
    from snnlab.ui.segment import by_class

    take = by_class.files.take
    monkeypatch.setattr(
        by_class.files, "take",
        lambda label, *more: given[0] if label.startswith("Mitochondria") else take(label, *more),
    )  # fmt: skip
    app.run()
    assert not app.exception
    assert "–" not in list(tables(app)["ANN, Dice"]["ANN, Dice"])
    assert any("AP50 and AP75" in one.value for one in app.caption)
    given[0] = ("mine.png", b"no picture")
    app.run()
    assert not app.exception and any("mine.png" in one.value for one in app.error)


def test_the_viewer_is_sent_each_moments_classes(app):
    result = shown(app)
    header, arrays = unpacked(packing.pack(result, "one"))
    np.testing.assert_array_equal(arrays["annClasses"], result.ann_classes.argmax(-1))
    assert len(arrays["classFrames"]) == len(header["steps"])
    last = arrays["classFrames"][-1]
    np.testing.assert_array_equal(last, result.snn_classes().argmax(-1))
    assert np.shape(header["readout"]["weights"]) == (3, 8) and len(header["readout"]["bias"]) == 3
