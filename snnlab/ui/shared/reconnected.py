"""A visitor whose connection comes back gets no half of a page.

What Streamlit had sent into the lost connection is gone, and what the same run of the script draws
afterwards goes out on the new one: pieces whose surroundings the browser never got, at which its
page gives up and stays blank. So after a connection has come back, pieces wait until a run of the
script begins: the browser, which knows that its last one was cut short, asks for one. It does not
know it of a run that the script itself asked for, if the cut came before it heard of that run's
beginning: where no browser has asked for a while, the server does.
"""

import asyncio
from weakref import WeakSet

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

# what was sent before may go as its hash; the end of a run sweeps away what it has not drawn
PIECES = ("delta", "ref_hash", "script_finished")

PATIENCE = 1.0  # seconds; a browser that asks does so at once

_real_connect = WebsocketSessionManager.connect_session
_real_flush = AppSession.flush_browser_queue
_real_rerun = AppSession.request_rerun
# both are the event loop's alone
_returned: WeakSet[AppSession] = WeakSet()  # no run has begun since
_unasked: WeakSet[AppSession] = WeakSet()  # nor was one asked for


def whole() -> None:
    """Hold pieces back after a connection has come back, until the page is drawn anew."""
    WebsocketSessionManager.connect_session = _connect
    AppSession.flush_browser_queue = _flush
    AppSession.request_rerun = _rerun


def _connect(manager: WebsocketSessionManager, *given, **named) -> str:
    session_id = _real_connect(manager, *given, **named)
    asked = named.get("existing_session_id")
    if asked is not None and session_id == asked:
        session = manager.get_active_session_info(session_id).session
        _returned.add(session)
        _unasked.add(session)
        asyncio.get_running_loop().call_later(PATIENCE, _ask, session)
    return session_id


def _rerun(session: AppSession, client_state) -> None:
    _unasked.discard(session)
    _real_rerun(session, client_state)


def _ask(session: AppSession) -> None:
    """Have the page drawn, with the widgets as the server knows them."""
    if session in _unasked:
        _rerun(session, None)


def _flush(session: AppSession) -> list:
    messages = _real_flush(session)
    if session not in _returned:
        return messages
    kinds = [message.WhichOneof("type") for message in messages]
    begins = kinds.index("new_session") if "new_session" in kinds else len(kinds)
    if begins < len(kinds):
        _returned.discard(session)
    return [
        message
        for place, (kind, message) in enumerate(zip(kinds, messages, strict=True))
        if place >= begins or kind not in PIECES
    ]
