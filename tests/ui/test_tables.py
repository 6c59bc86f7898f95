"""Every table that a page gives away: no cell of it is a formula to a spreadsheet."""

import ast
import csv
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.delta_generator import DeltaGenerator

import snnlab
from snnlab.export import spikes, tables
from snnlab.lab import chips as lab_chips
from snnlab.lab import methods as lab_methods
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.ui.shared import bench
from tests.ui.conftest import PAGES
from tests.ui.steps import until

FORMULA = '=HYPERLINK("http:..x","@1")'
SHOWN = {
    "scores", "rates", "over-time", "events", "partitions", "cores", "chips", "methods", "sweep",
    "boxes", "network-layers", "network-images", "network-over-time", "network-methods",
}  # fmt: skip


@pytest.fixture
def taken(monkeypatch):
    """What is offered, by file name: called as when it is pressed."""
    import streamlit

    found = {}
    real = DeltaGenerator.download_button

    def offered(self, label, data, file_name=None, mime=None, **more):
        if mime == "text/csv":
            found[file_name] = data
        return real(self, label, data, file_name, mime, **more)

    monkeypatch.setattr(DeltaGenerator, "download_button", offered)
    main = streamlit._main
    monkeypatch.setattr(
        streamlit, "download_button", lambda *given, **named: offered(main, *given, **named)
    )
    return found


def cells(data):
    text = data() if callable(data) else data
    text = text.decode() if isinstance(text, bytes) else text
    return [cell for line in csv.reader(text.splitlines()) for cell in line]


def computed(cell: str) -> bool:
    """Whether a spreadsheet would: numbers below zero are numbers."""
    try:
        float(cell)
    except ValueError:
        return cell.startswith(tables.FORMULA)
    return False


def test_tables_of_all_pages(app, taken, monkeypatch):
    named = replace(lab.default_result().picture, name=FORMULA)
    app.run()
    taken.clear()
    shown = replace(lab.default_result(), picture=named)
    app.session_state["shown"] = shown
    monkeypatch.setattr(bench, "_first", lambda: shown)
    rows = lab_sweep.ready_made()["rows"]
    made = lab_sweep.ready_made() | {"rows": [row | {"image": FORMULA} for row in rows]}
    monkeypatch.setattr(lab_sweep, "ready_made", lambda: made)
    real = lab_methods.rows
    monkeypatch.setattr(
        lab_methods, "rows", lambda found: [row | {"image": FORMULA} for row in real(found)]
    )
    from snnlab.ui.chips import mapped

    of = mapped.Wanted(named, lab_chips.chip_settings(), lab_chips.TILE, None)
    first = mapped.Mapped(of, lab_chips.default_mapping())
    monkeypatch.setattr(mapped, "first", lambda: first)
    app.session_state["objects-section"] = "bench"
    app.session_state["objects-score"] = 0.05  # at the usual one there are none in the sample
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page
        if page == "pages/objects.py":
            until(app, lambda: any("boxes" in name for name in taken))
    kinds = {kind for name in taken for kind in SHOWN if kind in name}
    assert kinds == SHOWN, sorted(taken)
    for name, data in taken.items():
        every = cells(data)
        assert not [cell for cell in every if computed(cell)], name
        # a list of events has no room for the image: its file's name says it; nets have their own
        of_none = "events" in name or name.startswith("network-")
        assert f"'{FORMULA}" in every or of_none, name


def test_tables_of_chips_name_the_visitors_own_file(app, taken, monkeypatch):
    """Not the file of whoever had the same pixels mapped before."""
    from snnlab.ui.chips import mapped

    app.run()
    for name in ("annas.tif", "bobs.tif"):
        picture = replace(lab.default_result().picture, name=name)
        of = mapped.Wanted(picture, lab_chips.chip_settings(), lab_chips.TILE, None)
        first = mapped.Mapped(of, lab_chips.default_mapping())
        monkeypatch.setattr(mapped, "first", lambda first=first: first)
        taken.clear()
        if "mapped" in app.session_state:
            del app.session_state["mapped"]
        app.switch_page("pages/chips.py").run()
        assert not app.exception
        assert len(taken) >= 3
        for file, data in taken.items():
            assert name in cells(data), file


def test_layers_of_events_are_texts_too():
    trains = lab.default_result().recording.populations[-1]
    listed = spikes.events_csv(replace(trains, name="@layer"), spikes.listed(trains)[:50])
    assert "'@layer" in cells(listed) and not [c for c in cells(listed) if computed(c)]


def test_tables_are_written_in_one_place():
    """So that a table which is added tomorrow cannot forget it."""
    root, found = Path(snnlab.__file__).parent, {}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            writes = ("writer", "DictWriter", "to_csv", "write_csv", "savetxt")  # who reads may
            if isinstance(node, ast.Attribute) and node.attr in writes:
                found.setdefault(path.relative_to(root).as_posix(), set()).add(node.attr)
    assert found == {
        "export/tables.py": {"writer", "DictWriter"}, "export/spikes.py": {"write_csv"}
    }  # fmt: skip
