"""The page Objects in process, with a small detector in the place of the shipped one."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from snnlab.errors import LabError
from snnlab.figures.numbers import joules
from snnlab.images.choice import Choice
from snnlab.lab import detecting, detecting_cost
from snnlab.lab import segmenting as lab
from snnlab.ui.objects import picture as pictures
from snnlab.ui.objects import running
from snnlab.ui.shared import downloads
from snnlab.ui.shared.errands import Errand
from snnlab.ui.shared.specimen import Specimen
from tests import small_detector
from tests.ui import steps
from tests.ui.steps import field, labels, press, said, until

PAGE = "pages/objects.py"
SCORE = 0.5
SIDE = 256


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A detector of few neurons, whose scores are about a half."""
    net = small_detector.detector()
    net = replace(net, card=net.card | {"not": "Only a test."})
    monkeypatch.setattr(detecting, "detector", lambda name: net)


@pytest.fixture(autouse=True)
def corner(monkeypatch):
    """A corner of the drawn section, so that a search is quick."""
    drawn = detecting.drawn
    whole, boxes = drawn.picture(), drawn.truth()
    part = replace(whole, pixels=whole.pixels[:SIDE, :SIDE])
    inside = boxes[(boxes < SIDE).all(1)]
    assert len(inside) == 3
    monkeypatch.setattr(drawn, "picture", lambda: part)
    monkeypatch.setattr(drawn, "truth", lambda: inside)


@pytest.fixture
def kept(monkeypatch):
    """The search of the page's visitor; in a test there is one."""
    made = Errand()
    monkeypatch.setattr(running, "errand", lambda: made)
    yield made
    made.clear()


@pytest.fixture
def drawn(monkeypatch):
    """What the browser was told last."""
    told = {}
    monkeypatch.setattr(pictures, "_component", lambda: lambda data, **_: told.update(data) or None)
    return told


@pytest.fixture
def found(kept, drawn, page):
    """The page with what was found."""
    until(page, lambda: kept.result is not None)
    page.run()
    assert not page.exception and not page.error
    return page


def metrics(page):
    return {item.label: int(item.value) for item in page.metric}


def test_both_networks_are_counted_drawn_and_listed(found, kept, drawn):
    ann, snn = (kept.result.of(name).above(SCORE) for name in ("ann", "snn"))
    assert metrics(found)["Boxes, ANN"] == len(ann) > 0
    assert metrics(found)["Boxes, SNN"] == len(snn) > 0
    assert 0 < metrics(found)["In both"] <= min(len(ann), len(snn))
    assert drawn["steps"] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
    assert len(drawn["snn"]) == 12 and drawn["snn"][0] != drawn["snn"][-1]
    np.testing.assert_allclose(np.array(drawn["ann"])[:, :4], ann.boxes, atol=0.051)
    last = [row for row in drawn["snn"][-1] if row[4] >= SCORE]
    np.testing.assert_allclose([row[:4] for row in last], snn.boxes, atol=0.051)
    assert [row[6] for row in last] == kept.result.settled[: len(snn)].tolist()
    table = found.dataframe[0].value
    # the drawn pixels are 5 nm wide
    np.testing.assert_allclose(table["width"], 5 * (snn.boxes[:, 2] - snn.boxes[:, 0]))
    np.testing.assert_allclose(table["y"], 5 * snn.boxes[:, 1])
    assert "Only a test." in said(found) and "**drawn by a program**" in said(found)


def test_the_detectors_network_can_be_taken_to_other_simulators(found, monkeypatch):
    handed = []
    monkeypatch.setattr(downloads, "offered", lambda *more, **named: handed.append(more))
    found.session_state["nir-objects"] = True
    found.run()
    assert not found.exception and "images of 64 × 64 pixels" in said(found)
    _, where, label, ending, make = handed[-1]
    assert (where, label, ending) == ("objects", "Network", "nir")
    assert make()[:4] == b"\x89HDF"


def test_the_drawn_section_has_its_true_boxes(found, kept, drawn):
    truth = detecting.drawn.truth()
    assert metrics(found)["Drawn boxes"] == len(truth) and drawn["whose"] == "Drawn"
    np.testing.assert_allclose(drawn["own"], truth, atol=0.051)
    (scores,) = [item.value for item in found.table if "AP50" in item.value.columns]
    for row, network in enumerate(("ann", "snn")):
        expected = detecting.scored(kept.result.of(network), truth, SCORE)
        assert scores["AP50"][row] == f"{expected.average_precision_50:.3f}"


def test_the_image_in_the_sidebar_can_be_looked_at_instead(found, kept, drawn):
    before = kept.made
    control(found, "objects-section").set_value("bench").run()
    until(found, lambda: kept.made != before)
    found.run()
    assert not found.exception and drawn["size"] == [256, 256]
    assert "a fly's tissue" in said(found) and drawn["own"] is None


def test_a_higher_score_leaves_fewer_boxes(found, kept):
    scores = kept.result.snn.scores
    score = float(np.round(np.median(scores[scores >= SCORE]), 2))
    found.slider(key="objects-score").set_value(score).run()
    assert metrics(found)["Boxes, SNN"] == (scores >= score).sum() < (scores >= SCORE).sum()
    found.slider(key="objects-score").set_value(0.99).run()
    assert not found.exception and "No box of the SNN has that score" in said(found)


def test_a_chosen_row_is_gone_to(found, kept, drawn):
    assert drawn["goto"] is None
    found.session_state["objects-box"] = ("snn", 1)
    found.run()
    assert not found.exception
    assert drawn["goto"][0] == "snn"
    np.testing.assert_allclose(drawn["goto"][1:5], kept.result.snn.boxes[1], atol=0.051)
    assert drawn["goto"][6:] == [1, kept.result.settled[1]]
    # the row is chosen in the table, its neurons are shown, and the address leads here again
    assert "This box of the SNN comes from a place of" in said(found)
    assert found.query_params["box"] == "snn-1"
    (layers,) = [item.value for item in found.table if "Off by" in item.value.columns]
    expected = kept.result.layers("snn", 1)
    assert list(layers["Layer"])[0] == "backbone 5" and len(layers) == len(expected)
    assert list(layers["Mean rate"]) == [f"{one.rates_hz.mean():.0f} Hz" for one in expected]


def test_the_address_brings_sliders_and_box_back(kept, drawn):
    page = steps.visit(
        PAGE, look="drawn", score="0.6", overlap="0.3", right="0.7", box="ann-1", ran="16"
    )
    until(page, lambda: kept.result is not None)
    page.run()
    assert not page.exception
    values = {one.key: one.value for one in (*page.slider, *page.select_slider)}
    assert values["objects-score"] == 0.6 and values["objects-overlap"] == 0.3
    assert values["objects-right"] == 0.7 and values["objects-steps"] == 16
    fewer = kept.result.suppressed(0.3)
    assert len(fewer.ann) < len(kept.result.ann)
    assert metrics(page)["Boxes, ANN"] == len(fewer.ann.above(0.6))
    np.testing.assert_allclose(drawn["goto"][1:5], fewer.ann.boxes[1], atol=0.051)
    (scores,) = [item.value for item in page.table if "AP50" in item.value.columns]
    expected = detecting.scored(fewer.snn, detecting.drawn.truth(), 0.6, 0.7)
    assert scores["Precision"][1] == f"{expected.precision:.3f}"
    # what makes no sense is left out
    assert "0.3" in page.query_params["overlap"] and "step" not in page.query_params


def test_the_line_above_is_about_the_detector(found):
    assert found.main.caption[0].value.startswith("Drawn mitochondria · 256 × 256 px · detector")


def test_what_it_costs_is_that_of_the_search(found, kept):
    (table,) = [one.value for one in found.table if "Per image" in one.value.columns]
    net = small_detector.detector()
    rows = detecting_cost.energy(detecting_cost.work_of(net, kept.result.counts))
    assert list(table["Per image"]) == [joules(one["joules_per_image"]) for one in rows]
    assert "Lay it out" in labels(found)


def test_other_steps_are_another_search(found, kept, drawn):
    before = kept.made
    found.select_slider(key="objects-steps").set_value(16).run()
    until(found, lambda: kept.made != before)
    found.run()
    assert drawn["steps"][-1] == 16 == kept.result.settings.timesteps


def test_nothing_starts_by_itself_where_that_is_not_wished(app, kept, drawn):
    app.run()
    app.session_state["auto"] = False
    app.switch_page(PAGE).run()
    assert not app.exception and kept.of is None
    assert drawn["steps"] == [] and drawn["image"].startswith("data:image/jpeg")
    press(app, "Find mitochondria")
    until(app, lambda: kept.result is not None)
    app.run()
    assert drawn["steps"] and "Find mitochondria" not in labels(app)


def test_what_goes_wrong_is_a_sentence_and_can_be_tried_again(app, kept, drawn, monkeypatch):
    def fails(*_, **__):
        raise LabError("the detector is damaged; restore it.")

    monkeypatch.setattr(detecting, "detect", fails)
    app.run()
    app.switch_page(PAGE).run()
    until(app, lambda: kept.error)
    app.run()
    assert not app.exception
    assert [item.value for item in app.error] == ["the detector is damaged; restore it."]
    assert "Find mitochondria" in labels(app)


def control(page, key: str):
    return next(one for one in page.get("button_group") if one.key == key)


def upload(page, name: str, data: bytes):
    field(page, "objects-own-").upload(name, data).run()
    assert not page.exception
    return page


def test_own_boxes_are_scored_in_every_form(found, kept, drawn):
    ann = kept.result.ann.above(SCORE).boxes
    rows = [[x0, y0, x1 - x0, y1 - y0] for x0, y0, x1, y1 in ann.tolist()]
    table = "x,y,width,height\n" + "\n".join(",".join(map(str, row)) for row in rows)
    coco = json.dumps({"annotations": [{"bbox": row, "image_id": 1} for row in rows]})
    for name, text in (("own.csv", table), ("own.json", coco)):
        upload(found, name, text.encode())
        (scores,) = [item.value for item in found.table if "AP50" in item.value.columns]
        expected = detecting.scored(kept.result.ann, ann, SCORE)
        assert scores["AP50"][0] == f"{expected.average_precision_50:.3f}"
        assert scores["Precision"][0] == "1.000" == scores["Recall"][0]
        assert scores["Found"][0] == f"{len(ann)} of {len(ann)}"
        assert float(scores["Recall"][1]) < 1 or len(kept.result.snn) >= len(ann)
        np.testing.assert_allclose(drawn["own"], ann, atol=0.051)
        assert metrics(found)["Your boxes"] == len(ann) and drawn["whose"] == "Yours"
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[10:40, 20:60], mask[100:130, 90:120] = 1, 2
    file = io.BytesIO()
    Image.fromarray(mask).save(file, "PNG")
    upload(found, "own.png", file.getvalue())
    assert drawn["own"] == [[20, 10, 60, 40], [90, 100, 120, 130]]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.json", b'{"annotations": [{"bbox": [1, 2, 3, -4]}]}', "annotation 0 of a.json"),
        ("a.csv", b"x,y,width,height\n1,2,3000,4\n", "outside of the image of 256 x 256"),
        ("a.json", b"[1, 2", "no JSON that can be read"),
    ],
)
def test_a_bad_file_is_one_sentence(found, name, data, told):
    upload(found, name, data)
    assert len(found.error) == 1 and told in said(found)
    assert found.dataframe  # and the rest is still there


def test_files_hold_what_is_on_the_page(app, kept, drawn, monkeypatch):
    taken, real = {}, DeltaGenerator.download_button

    def offered(self, label, data, file_name=None, mime=None, **more):
        taken[label] = data
        return real(self, label, data, file_name, mime, **more)

    import streamlit

    main = streamlit._main
    monkeypatch.setattr(DeltaGenerator, "download_button", offered)
    monkeypatch.setattr(streamlit, "download_button", lambda *a, **k: offered(main, *a, **k))
    app.run()
    app.switch_page(PAGE).run()
    until(app, lambda: kept.result is not None)
    app.run()
    snn = kept.result.snn.above(SCORE)
    rows = list(csv.DictReader(io.StringIO(taken["SNN boxes (CSV)"]())))
    assert len(rows) == len(snn) and {row["network"] for row in rows} == {"snn"}
    width = snn.boxes[:, 2] - snn.boxes[:, 0]
    np.testing.assert_allclose([float(row["width"]) for row in rows], width)
    np.testing.assert_allclose([float(row["width_nm"]) for row in rows], 5 * width)
    told = json.loads(taken["ANN boxes (JSON)"]())
    assert len(told["annotations"]) == len(kept.result.ann.above(SCORE))


def test_an_upload_is_searched_in_its_files_own_pixels(monkeypatch):
    """Resampled for the U-Net, it would be resampled twice."""
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 * small_detector.image(100, 120))).save(file, "PNG")
    data = file.getvalue()
    shown = lab.upload(data, "a.png", nm=8.0)
    assert shown.file_nm == 8.0 and shown.pixels.shape == (200, 240)
    held = Specimen(shown.sha256, "a.png", data, Choice(), 1, nm=8.0)
    monkeypatch.setattr(running.specimen, "here", lambda: held)
    result = replace(lab.default_result(), picture=shown)
    own = running.pictured(result)
    assert own.pixels.shape == (100, 120) and own.nm == 8.0 and own.file_nm is None
    # of another image, what is on screen
    monkeypatch.setattr(running.specimen, "here", lambda: replace(held, digest="other"))
    assert running.pictured(result) is shown


def test_a_stack_is_counted_section_by_section(app, drawn):
    sections = [np.uint8(255 * small_detector.image(64, 96, seed)) for seed in range(3)]
    file, boxes = io.BytesIO(), b"section,x,y,width,height\n0,1,2,30,40\n2,1,2,30,40\n"
    tifffile.imwrite(file, np.stack(sections), photometric="minisblack")
    app.session_state["auto"] = False
    app.run()
    app.switch_page(PAGE).run()
    next(one for one in app.get("button_group") if str(one.key).startswith("source-")).set_value(
        "upload"
    ).run()
    field(app, "upload").upload("stack.tif", file.getvalue()).run()
    app.session_state["auto"] = True
    app.run()
    until(app, lambda: "Count in all 3 sections" in labels(app) or not app.run())
    upload(app, "own.csv", boxes)
    press(app, "Count in all 3 sections")
    until(app, lambda: any("There are" in one.value.columns for one in app.dataframe))
    assert not app.exception
    (table,) = [one.value for one in app.dataframe if "There are" in one.value.columns]
    assert list(table["There are"]) == [1, 0, 1] and list(table["Section"]) == [0, 1, 2]
    assert (table["SNN"] > 0).any()
    assert "Off by, from your boxes" in said(app)
