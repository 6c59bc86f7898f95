"""A lost connection is no error; anything else still is."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnected
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_websocket import create_websocket_handler

from snnlab.ui.shared import gone_connections

ROOT = Path(__file__).resolve().parents[3]
SCOPE = {
    "type": "websocket", "path": "/stream", "headers": [], "subprotocols": [],
    "query_string": b"", "client": ("127.0.0.1", 1),
}  # fmt: skip


class Runtime:
    """What Streamlit's own handler of a connection asks of it."""

    left = None

    def connect_session(self, client, **named):
        client.write_forward_msg(ForwardMsg())
        return "one"

    def handle_backmsg(self, session_id, message, client):
        pass

    def disconnect_session(self, session_id, client):
        self.left = session_id


def visited(app, reachable=True):
    """A visitor who says something; and may be out of reach for what is sent back."""

    async def receive():
        await asyncio.sleep(0.02)  # what is to be sent has its turn
        return said.pop(0)

    async def send(message):
        if message["type"] == "websocket.send" and not reachable:
            raise OSError("gone")

    again = BackMsg()
    again.rerun_script.query_string = ""
    said = [{"type": "websocket.connect"}]
    said += 2 * [{"type": "websocket.receive", "bytes": again.SerializeToString()}]
    said += [{"type": "websocket.disconnect", "code": 1006}]
    # in a thread of its own: Playwright, if it is there, has a loop in this one
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, app(dict(SCOPE), receive, send)).result()


@pytest.mark.parametrize("reachable", [True, False])
def test_a_visitor_who_is_gone_is_no_error(reachable):
    runtime = Runtime()
    app = Starlette(
        routes=[WebSocketRoute("/stream", create_websocket_handler(runtime))],
        middleware=gone_connections.MIDDLEWARE,
    )
    visited(app, reachable)
    assert runtime.left == "one"


def test_streamlit_says_it_twice_without_that():
    app = Starlette(routes=[WebSocketRoute("/stream", create_websocket_handler(Runtime()))])
    with pytest.raises(WebSocketDisconnected) as found:
        visited(app, reachable=False)
    assert isinstance(found.value.__context__, WebSocketDisconnected)


def test_what_is_sent_after_ones_own_end_is_still_an_error():
    async def ends_twice(websocket):
        await websocket.accept()
        await websocket.close()
        await websocket.close()

    app = Starlette(
        routes=[WebSocketRoute("/stream", ends_twice)], middleware=gone_connections.MIDDLEWARE
    )
    with pytest.raises(RuntimeError):
        visited(app)


def test_the_lab_is_served_behind_it():
    # in a process of its own: what the server takes over stays so
    seen = (
        "import serve; from snnlab.ui.shared.gone_connections import GoneConnections;"
        "assert serve.app._user_middleware[0].cls is GoneConnections"
    )
    subprocess.run([sys.executable, "-c", seen], check=True, cwd=ROOT)
