"""A file that was asked for is still there when the browser comes for it."""

import pytest
from streamlit.runtime import media_file_manager as streamlit_files
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from snnlab.ui.shared import made_files


@pytest.fixture
def clock(monkeypatch):
    """Of the module's own; the patch is taken back afterwards."""
    monkeypatch.setattr(streamlit_files, made_files.NAME, streamlit_files.MediaFileMetadata)
    now = [100.0]
    monkeypatch.setattr(made_files.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def files(clock):
    made_files.keep()
    made_files.keep()  # every draw does
    storage = MemoryMediaFileStorage("/media")
    return streamlit_files.MediaFileManager(storage), storage


def asked(files) -> str:
    """A button is pressed: the file's name in the storage."""
    manager, _ = files
    button = manager.add_deferred(lambda: b"a mask", "image/png", "at", file_name="mask.png")
    return manager.execute_deferred(button).rsplit("/", 1)[-1]


def test_it_stays_while_scripts_of_others_end(files, clock):
    manager, storage = files
    name = asked(files)
    for _ in range(20):  # twice is enough for Streamlit to forget it
        manager.remove_orphaned_files()
        clock[0] += 1.0
    assert storage.get_file(name).content == b"a mask"


def test_it_does_not_stay_for_ever(files, clock):
    manager, storage = files
    name = asked(files)
    clock[0] += made_files.STAYS + 1
    for _ in range(2):
        manager.remove_orphaned_files()
    with pytest.raises(MediaFileStorageError):
        storage.get_file(name)


def test_a_streamlit_that_works_otherwise_is_noticed(monkeypatch):
    monkeypatch.setattr(streamlit_files, made_files.NAME, None)
    with pytest.raises(RuntimeError, match="made_files"):
        made_files.keep()
