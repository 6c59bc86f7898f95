"""A download button that was pressed while its page was drawn anew still gives its file."""

import subprocess
import sys

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from snnlab.ui.shared import late_downloads
from tests.ui.test_pages import ROOT


@pytest.fixture
def manager(monkeypatch):
    """Streamlit's own, of one session, as it was before the lab was imported."""
    monkeypatch.setattr(MediaFileManager, "_drop_deferred_id", late_downloads._real_drop)
    monkeypatch.setattr(MediaFileManager, "execute_deferred", late_downloads._real_execute)
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: "a visitor")
    late_downloads._late.clear()
    yield MediaFileManager(MemoryMediaFileStorage("/media"))
    late_downloads._late.clear()


def drawn_anew(manager, make=lambda: b"scores"):
    """The old id of a button that another draw has put there again."""
    old = manager.add_deferred(make, "text/csv", "0.1", "scores.csv", element_id="take")
    manager.clear_session_refs()
    manager.remove_deferred("0.1", element_id="take")
    manager.add_deferred(make, "text/csv", "0.1", "scores.csv", element_id="take")
    manager.remove_orphaned_files()
    return old


def test_streamlit_by_itself_refuses_it(manager):
    with pytest.raises(MediaFileStorageError, match="not found"):
        manager.execute_deferred(drawn_anew(manager))


def test_it_is_made(manager):
    late_downloads.keep()
    url = manager.execute_deferred(drawn_anew(manager))
    assert url.startswith("/media/") and url.endswith(".csv")
    # and once more: a button may be pressed twice
    assert manager.execute_deferred(drawn_anew(manager))


def test_what_was_to_be_made_is_forgotten_after_a_while(manager):
    late_downloads.keep()
    old = drawn_anew(manager)
    late_downloads.forget()
    assert old in late_downloads._late  # it is young
    late_downloads.forget(older=0)
    assert not late_downloads._late
    with pytest.raises(MediaFileStorageError, match="not found"):
        manager.execute_deferred(old)


def test_a_mistake_in_making_it_is_told_as_ever(manager):
    late_downloads.keep()

    def broken():
        raise ValueError("no room")

    with pytest.raises(MediaFileStorageError, match="no room"):
        manager.execute_deferred(drawn_anew(manager, broken))
    assert not [one for one in manager._deferred_callables if one in late_downloads._late]


def test_the_server_says_it():
    code = (
        "import serve; from streamlit.runtime import media_file_manager as files;"
        "print(files.MediaFileManager.execute_deferred.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == [late_downloads.__name__], done.stderr[-2000:]


def test_another_version_of_streamlit_is_told_of(monkeypatch):
    monkeypatch.delattr(MediaFileManager, "execute_deferred")
    with pytest.raises(RuntimeError, match="late_downloads.py"):
        late_downloads.keep()
