"""A section without tissue: every page says so in words, and the viewer gets its pictures."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile

from snnlab import compat
from snnlab.ui.segment.viewer import packing
from snnlab.ui.shared import blocks
from tests.ui.conftest import PAGES
from tests.ui.shared.test_messages import strict
from tests.ui.steps import labels, press, until
from tests.ui.test_pages import control, still, text

BLANK = "Section 1 is blank: it has no tissue, so nothing of it is segmented or scored."


def stack() -> bytes:
    """Three sections, of which the second is missing."""
    planes = np.random.default_rng(0).integers(40, 200, (3, 64, 64)).astype(np.uint8)
    planes[1] = 0
    file = io.BytesIO()
    tifffile.imwrite(file, planes, photometric="minisblack")
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """Here, not by the app's worker: two threads that compile at once trip up CPython 3.11."""
    compat.tensorflow()


@pytest.fixture
def blank(app):
    """The app, with a pinned run beside that of the blank section on screen."""
    still(app).run()
    press(app, "Pin")
    control(app, "source").set_value("upload").run()
    app.file_uploader[0].upload("missing.tif", stack()).run()
    control(app, "upload-section").set_value(1).run()
    press(app, next(label for label in labels(app) if label.startswith("Run")))
    until(app, lambda: app.session_state["shown"].picture.blank)
    assert app.session_state["shown"].picture.section == 1
    return app


def all_said(app) -> str:
    """Text, tables and metrics of a page."""
    tables = "\n".join(one.value.to_string() for one in app.table)
    metrics = "\n".join(f"{one.label}: {one.value}" for one in app.metric)
    return "\n".join((text(app), tables, metrics))


def test_pages_say_that_a_blank_section_is_not_segmented(blank):
    told = ("segment", "rates", "compare", "energy", "learn")
    for page in (Path(path).stem for path in PAGES):
        blank.switch_page(f"pages/{page}.py").run()
        assert not blank.exception, page
        # what files hold is said so on purpose
        found = all_said(blank).replace("NaN or transparent in probabilities", "")
        assert not re.search(r"\bnan\b", found, re.IGNORECASE), page
        assert "less than half" not in found, page
        places = [*blank.info, *blank.main.caption]
        assert page not in told or any(BLANK in one.value for one in places), page
        if page == "segment":
            values = {one.label: one.value for one in blank.metric}
            assert values["SNN = ANN"] == blocks.NONE
        if page == "compare":
            rows = next(t.value for t in blank.table if "SNN = ANN" in t.value.to_string())
            row = rows[rows.iloc[:, 0] == "SNN = ANN"].iloc[0].tolist()
            assert row[1].endswith(" %") and row[2:] == [blocks.NONE, blocks.NONE]


def test_the_viewer_gets_a_blank_section_as_json_that_a_browser_reads(blank):
    blob = packing.pack(blank.session_state["shown"], "missing.tif")
    header = strict(blob)
    assert header["agreement"] == [None] * len(header["steps"])
    assert header["accuracy"] == []
