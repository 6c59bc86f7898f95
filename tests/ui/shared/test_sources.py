"""After a draw no module's file is looked for: nobody would be answered meanwhile."""

import subprocess
import sys

import pytest
from streamlit.watcher import local_sources_watcher
from streamlit.watcher.local_sources_watcher import LocalSourcesWatcher

from snnlab.ui.shared import sources
from tests.ui.test_pages import ROOT


class Pages:
    """What a watcher asks the app for."""

    main_script_path = str(ROOT / "app.py")

    @staticmethod
    def get_pages():
        return {}


@pytest.fixture
def looked(monkeypatch):
    """Modules whose files were looked for."""
    found, real = [], local_sources_watcher.get_module_paths
    monkeypatch.setattr(
        local_sources_watcher, "get_module_paths", lambda module: found.append(1) or real(module)
    )
    return found


def test_a_new_session_looks_for_no_files(looked, monkeypatch):
    monkeypatch.setattr(
        LocalSourcesWatcher, sources.NAME, LocalSourcesWatcher.__dict__[sources.NAME]
    )
    watcher = LocalSourcesWatcher(Pages())
    watcher.update_watched_modules()
    assert len(looked) > 1000  # what Streamlit does by itself, and the reason for this module
    looked.clear()
    sources.leave()
    another = LocalSourcesWatcher(Pages())
    another.update_watched_modules()
    another.update_watched_pages()
    assert not looked


def test_the_server_says_it():
    code = (
        "import serve; from streamlit.watcher import LocalSourcesWatcher as watcher;"
        "print(watcher.update_watched_modules.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == [sources.__name__], done.stderr[-2000:]


def test_another_version_of_streamlit_is_told_of(monkeypatch):
    monkeypatch.delattr(LocalSourcesWatcher, sources.NAME)
    with pytest.raises(RuntimeError, match="has no update_watched_modules"):
        sources.leave()
