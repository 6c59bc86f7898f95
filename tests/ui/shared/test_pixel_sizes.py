"""An image as it is beside the same one resampled, from the field for its pixels' size."""

import io

import numpy as np
import pytest
import tifffile

from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.ui.shared import keep, pixel_sizes
from tests.ui.shared.test_upload import opened
from tests.ui.steps import until
from tests.ui.test_manners import png
from tests.ui.test_pages import text

SCORED = "ann_scores", "snn_scores"
LABEL = "Compare with and without resampling"


def tiff(nm: float | None) -> bytes:
    grey, file = np.rint(lab.sample(0).pixels[:64, :80] * 255).astype("u1"), io.BytesIO()
    known = {"resolution": (1 / nm, 1 / nm), "metadata": {"unit": "nm"}} if nm else {}
    tifffile.imwrite(file, grey, imagej=True, **known)
    return file.getvalue()


def offered(app):
    return [item for item in app.button if item.label == LABEL]


def labelled(app, data: bytes):
    """An image with labels, once it has been run."""
    opened(app, "a.tif", data)
    truth = lab.sample(0).labels[:64, :80].astype("u1") * 255
    app.file_uploader[1].upload("truth.png", png(truth)).run()
    picture = app.session_state["kept"][1]
    assert picture.labels is not None
    app.session_state["auto"] = True
    until(app, lambda: app.session_state["shown"].picture.content == picture.content)
    return picture


def test_both_ways_stand_side_by_side_with_their_scores(app, monkeypatch):
    gone = []
    monkeypatch.setattr(pixel_sizes.st, "switch_page", gone.append)  # AppTest does not follow
    picture = labelled(app, tiff(5.0))
    (found,) = offered(app)
    assert "pixels are 5 nm" in found.help
    found.click().run()
    assert not app.exception
    state = app.session_state
    assert gone == ["pages/compare.py"] and "to-compare" not in state
    assert [pin.file for pin in state["pins"]] == [picture.in_the_file]
    (size,) = [item for item in app.number_input if item.label == "Pixel size (nm, optional)"]
    other = state["kept"][1]
    assert size.value == 5.0 and (other.nm, other.file_nm) == (4.0, 5.0)
    until(app, lambda: state["shown"].picture.content == other.content)
    # what it did to the scores is said beside them
    runs = state["pins"][0], state["runs"][-1]
    ann, snn = ([getattr(run, name).pixel_accuracy for run in runs] for name in SCORED)
    told = f"ANN {ann[0]:.4f} → {ann[1]:.4f}, SNN {snn[0]:.4f} → {snn[1]:.4f}."
    assert f"as the image is → resampled: {told}" in text(app)
    worse = ann[1] < ann[0] and snn[1] < snn[0]
    assert ("Resampling made it worse" in text(app)) is worse
    app.switch_page("pages/compare.py").run()
    heads = [item.value for item in app.subheader]
    assert {f"A: Pin 1 · B: {keep.NOW}", "Scores of the SNN", "Scores of the ANN"} <= set(heads)
    assert "The same section at two pixel sizes" in text(app)
    one, two = state["pins"][0], summary.of(state["shown"])
    tables = [table.value for table in app.table]
    for scores in ((one.snn_scores, two.snn_scores), (one.ann_scores, two.ann_scores)):
        shown = [f"{part.pixel_accuracy:.4f}" for part in scores]
        assert any(set(shown) <= set(table.to_numpy().ravel()) for table in tables)
    # in the file's pixels, so that they can be drawn beside each other, and their difference
    assert one.pictures["snn"].shape == two.pictures["snn"].shape == (64, 80)
    assert "Last picture: purple" in text(app)
    # and back again: the pin is there already
    app.switch_page("pages/segment.py").run()
    offered(app)[0].click().run()
    assert state["kept"][1].content == picture.content and len(state["pins"]) == 2


@pytest.mark.parametrize("nm", [None, 4.0])
def test_where_nothing_would_differ_nothing_is_offered(app, nm):
    labelled(app, tiff(nm))
    assert not offered(app)


def test_nothing_is_offered_for_another_image_than_the_one_on_screen(app):
    opened(app, "a.tif", tiff(5.0))  # and not run
    assert not offered(app)


def test_pixels_that_are_no_squares_are_asked_of_the_other_control(monkeypatch):
    state: dict = {}
    monkeypatch.setattr(pixel_sizes.st, "session_state", state)
    monkeypatch.setattr(keep, "compared_with_next", lambda: None)
    pixel_sizes._other_way("d", (16.0, 8.0), True)
    assert state == {"to-compare": True, "pixel-sides-d": True, "pixel-size-d": None}
    pixel_sizes._other_way("d", (16.0, 8.0), False)
    assert state == {"to-compare": True, "pixel-sides-d": False, "pixel-size-d": None}
    state.clear()
    pixel_sizes._other_way("d", 5.0, True)
    assert state["pixel-size-d"] == 5.0
    pixel_sizes._other_way("d", 5.0, False)  # from the field, or from the box of what the file says
    assert state["pixel-size-d"] is None and state["pixel-sides-d"] is False
