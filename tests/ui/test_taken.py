"""Every file that a page offers can be made, outside of its visitor's session as a server makes it.

Streamlit calls what makes a file from a thread of the server's own, which knows no session.
"""

import threading

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager

from tests.ui.conftest import PAGES
from tests.ui.segment.test_painted import BOTH, paint
from tests.ui.test_pages import still


@pytest.fixture
def offered(monkeypatch):
    """What makes each file that was offered, by the file's name."""
    found = {}
    real = MediaFileManager.add_deferred

    def add(manager, make, mimetype, coordinates, *rest, **named):
        found[named.get("file_name") or rest[0]] = make
        return real(manager, make, mimetype, coordinates, *rest, **named)

    monkeypatch.setattr(MediaFileManager, "add_deferred", add)
    return found


def wrong(offered: dict) -> dict:
    """Of the files that were offered since the last time: what went wrong with which."""
    found = {}

    def make(name, work):
        try:
            assert len(work()) > 20
        except Exception as error:
            found[name] = repr(error)

    while offered:
        thread = threading.Thread(target=make, args=offered.popitem())
        thread.start()
        thread.join()
    return found


def test_every_file_of_every_page_can_be_made(app, offered):
    still(app).run()
    paint(app, BOTH, held=True)
    names = set(offered)
    for page in PAGES:
        app.switch_page(page).run()
        names |= set(offered)
        assert not wrong(offered), page
    for button in ("session", "take"):
        next(item for item in app.button if item.key == button).click().run()
        names |= set(offered)
        assert not wrong(offered), button
    # what is to be among them
    kinds = ("scribbles", "session", "cells.tif", "mask.png", "report.html", "worksheet", "network")
    assert not [kind for kind in kinds if not any(kind in name for name in names)], names
