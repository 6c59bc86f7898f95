"""After a connection came back, no piece of a page comes before a run of the script begins."""

import asyncio

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from snnlab.ui.shared import reconnected


class Manager:
    """Gives out sessions as Streamlit's does: the one asked for, if it is known."""

    def __init__(self, *known):
        self.known = known

    def get_active_session_info(self, session_id):
        assert session_id == self.known[0].id
        return type("Info", (), {"session": self.known[0]})


@pytest.fixture
def session(monkeypatch):
    made = AppSession.__new__(AppSession)  # nothing but its queue is used
    made._browser_queue, made.id = ForwardMsgQueue(), "one"
    made._state = AppSessionState.SHUTDOWN_REQUESTED  # so that its end has nothing to do
    made.asked = []
    monkeypatch.setattr(reconnected, "_real_connect", lambda *_, **named: named["gives"])
    monkeypatch.setattr(reconnected, "_real_rerun", lambda one, state: one.asked.append(state))
    monkeypatch.setattr(reconnected, "PATIENCE", 0.05)
    reconnected._returned.clear()
    reconnected._unasked.clear()
    yield made
    reconnected._returned.clear()
    reconnected._unasked.clear()


def put(session, *kinds):
    for number, kind in enumerate(kinds):
        message = ForwardMsg()
        if kind == "delta":
            message.delta.new_element.text.body = str(number)
            message.metadata.delta_path.extend([0, number])
        elif kind == "ref_hash":
            message.ref_hash = str(number)
            message.metadata.delta_path.extend([1, number])
        elif kind == "script_finished":
            message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
        elif kind == "new_session":
            message.new_session.page_script_hash = str(number)
        else:
            message.session_status_changed.script_is_running = True
        session._browser_queue.enqueue(message)


def sent(session) -> list[str]:
    return [message.WhichOneof("type") for message in reconnected._flush(session)]


def come_back(session, gives="one", asked="one", then=lambda: None):
    """Connect again; then, within the server's patience, something."""

    async def connected():
        given = reconnected._connect(Manager(session), gives=gives, existing_session_id=asked)
        then()
        await asyncio.sleep(0.2)
        return given

    return asyncio.run(connected())


def test_pieces_of_the_run_that_was_cut_are_held_back_until_another_begins(session):
    assert come_back(session) == "one"
    put(session, "delta", "session_status_changed", "delta", "ref_hash")
    assert sent(session) == ["session_status_changed"]
    put(session, "delta", "script_finished", "new_session", "delta", "script_finished")
    assert sent(session) == ["new_session", "delta", "script_finished"]
    put(session, "delta")
    assert sent(session) == ["delta"]


def test_who_comes_for_the_first_time_or_to_another_session_gets_all(session):
    for gives, asked in (("one", None), ("another", "one")):
        come_back(session, gives, asked)
        put(session, "delta", "script_finished")
        assert sent(session) == ["delta", "script_finished"]


def test_where_the_browser_asks_for_no_run_the_server_does(session):
    """The browser believes that nothing runs, if it has heard the end of a run and not that the
    script had asked for the next."""
    come_back(session)
    assert session.asked == [None]


def test_a_browser_that_asks_is_not_run_twice(session):
    state = object()
    come_back(session, then=lambda: reconnected._rerun(session, state))
    assert session.asked == [state]


def test_nothing_is_asked_for_who_comes_for_the_first_time(session):
    come_back(session, asked=None)
    come_back(session, gives="another")
    assert session.asked == []


def test_served_it_takes_the_place_of_streamlits_own(monkeypatch):
    monkeypatch.setattr(WebsocketSessionManager, "connect_session", reconnected._real_connect)
    monkeypatch.setattr(AppSession, "flush_browser_queue", reconnected._real_flush)
    monkeypatch.setattr(AppSession, "request_rerun", reconnected._real_rerun)
    reconnected.whole()
    assert WebsocketSessionManager.connect_session is reconnected._connect
    assert AppSession.flush_browser_queue is reconnected._flush
    assert AppSession.request_rerun is reconnected._rerun
