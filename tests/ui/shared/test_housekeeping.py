"""What nobody comes back to is let go without waiting for the next visitor."""

import gc
import weakref
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit import runtime
from streamlit.runtime.caching.ttl_cache import TTLCache
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.session_manager import SessionInfo
from streamlit.runtime.state import SessionState

from snnlab.lab import segmenting as lab
from snnlab.ui.shared import housekeeping, visitors
from snnlab.work import memory


class Session:
    """As one of Streamlit's: it lies in a circle."""

    def __init__(self, number: int):
        self.id, self.me = f"session-{number}", self
        self.session_state, self._fragment_storage = SessionState(), {"fragment": 1}
        self.session_state["shown"] = 1
        self.ended = 0

    def shutdown(self) -> None:
        self.ended += 1


class Run:
    """What a button of a page is for."""

    def cancel(self) -> None:
        """To be called when it is pressed."""


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def storage(monkeypatch, clock):
    kept = MemorySessionStorage(ttl_seconds=120)
    assert isinstance(kept._cache, TTLCache)
    kept._cache = TTLCache(kept._cache.maxsize, kept._cache.ttl, timer=lambda: clock[0])
    there = SimpleNamespace(_session_storage=kept, active=0)
    there.num_active_sessions = lambda: there.active
    server = SimpleNamespace(_session_mgr=there)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    monkeypatch.setattr(visitors.KEEPER, "tick", lambda: None)
    kept.there = there
    return kept


def test_sessions_that_have_been_away_too_long_go_with_all_they_held(storage, clock, monkeypatch):
    given_back = []
    monkeypatch.setattr(memory, "give_back", lambda: (given_back.append(1), gc.collect()))
    sessions = [Session(number) for number in range(20)]
    for session in sessions:
        storage.save(SessionInfo(client=None, session=session, script_run_count=1))
    seen = weakref.WeakSet(sessions)
    del sessions, session
    gc.collect()
    clock[0] = 119
    assert housekeeping.tidy() == 0 and len(seen) == 20 and not given_back
    clock[0] = 121
    assert housekeeping.tidy() == 20 and len(seen) == 0 and given_back == [1]
    assert housekeeping.tidy() == 0 and given_back == [1]  # nothing went, so nothing to look for


def test_another_version_of_streamlit_is_told_of(storage):
    del storage._cache
    with pytest.raises(RuntimeError, match="elsewhere now"):
        housekeeping.tidy()


def test_what_was_remembered_goes_with_the_last_visitor(storage, clock, monkeypatch):
    monkeypatch.setattr(memory, "give_back", lambda: None)
    first = lab.default_result()
    key = lab._key(first.picture, first.settings)
    made = []

    @st.cache_data
    def kept():
        made.append(1)
        return 1

    def remembered():
        kept()
        return lab.remembered(first.picture, first.settings) is not None, len(made)

    lab._remember(lab._results, key, first)
    assert remembered() == (True, 1)
    for number in range(3):
        clock[0] += 100 * number
        storage.save(SessionInfo(client=None, session=Session(number), script_run_count=1))
    storage.there.active = 1
    clock[0] += 121
    assert housekeeping.tidy() and remembered() == (True, 1)  # one is still there
    storage.there.active = 0
    storage.save(SessionInfo(client=None, session=Session(8), script_run_count=1))
    clock[0] += 60
    storage.save(SessionInfo(client=None, session=Session(9), script_run_count=1))
    clock[0] += 100
    assert housekeeping.tidy() == 1 and remembered() == (True, 1)  # one may come back
    clock[0] += 100
    assert housekeeping.tidy() == 1 and remembered() == (False, 2)


def test_a_session_that_is_still_referenced_holds_nothing_any_more(storage, clock):
    """Streamlit's loop keeps the one that it served last."""
    last, run = Session(0), Run()
    seen = weakref.ref(run)
    metadata = SimpleNamespace(id="cancel", callback=run.cancel)
    last.session_state._new_widget_state.set_widget_metadata(metadata)
    del run, metadata
    storage.save(SessionInfo(client=None, session=last, script_run_count=1))
    clock[0] = 121
    assert housekeeping.tidy() == 1
    assert (last.ended, len(last.session_state), last._fragment_storage) == (1, 0, {})
    gc.collect()
    assert seen() is None  # nor does the button that would have cancelled its run
