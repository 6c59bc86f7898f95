"""The app in process, without a browser."""

import sys
from pathlib import Path

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.testing.v1 import AppTest

from snnlab.ui.shared import one_app, visitors

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/*.py"))


@pytest.fixture(autouse=True)
def kept_main(monkeypatch):
    """Streamlit puts the app's script in the place of ``__main__`` and leaves it there.

    Processes that a later test starts would run the app before anything else.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def claimed(monkeypatch):
    """``AppTest`` forgets before every run that the lab is no app of the old kind.

    A server forgets nothing: ``serve.py`` says it once.
    """
    made = PagesManager.__init__

    def again(self, *arguments, **named):
        one_app.claim()
        made(self, *arguments, **named)

    monkeypatch.setattr(PagesManager, "__init__", again)


@pytest.fixture(autouse=True)
def sessions(monkeypatch):
    """To Streamlit all tests of a process are one visitor; here each app in process is its own."""
    monkeypatch.setattr(
        visitors, "session", lambda: str(id(get_script_run_ctx().session_state._state))
    )
    yield
    visitors.KEEPER.close()  # what one left running is not the next's


@pytest.fixture
def app(monkeypatch):
    """The app before its first run; no ISBI folder is named."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)


@pytest.fixture
def page(app, request, monkeypatch, tmp_path):
    """The page that the test's module names, with a folder of its own for what is kept."""
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    app.run()
    return app.switch_page(request.module.PAGE).run()
