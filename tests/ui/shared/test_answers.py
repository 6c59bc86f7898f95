"""A run that begins takes no answer away that the browser still waits for."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.proto.Common_pb2 import FileURLsRequest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from snnlab.ui.shared import answers

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def session(monkeypatch):
    """Of Streamlit's own, all that it needs to be asked for addresses."""
    monkeypatch.setattr(ForwardMsgQueue, "clear", answers._clear)
    made = AppSession.__new__(AppSession)
    made._browser_queue, made.id = ForwardMsgQueue(), "one"
    made._uploaded_file_mgr = MemoryUploadedFileManager("/upload")
    made._enqueue_forward_msg = made._browser_queue.enqueue
    return made


def asked(session) -> None:
    """A browser wants to hand a file in, makes a download, and says that it is there."""
    session._handle_file_urls_request(
        FileURLsRequest(request_id="seven", file_names=["labels.tif"], session_id="one")
    )
    for kind in ("backend_operation_response", "heartbeat_ack"):
        message = ForwardMsg()
        if kind == "heartbeat_ack":
            message.heartbeat_ack = True
        else:
            message.backend_operation_response.request_id = "eight"
        session._enqueue_forward_msg(message)


def drawn(session) -> None:
    piece = ForwardMsg()
    piece.delta.new_element.text.body = "of the page as it was"
    piece.metadata.delta_path.extend([0, 1])
    session._enqueue_forward_msg(piece)


def kinds(session) -> list[str]:
    return [message.WhichOneof("type") for message in session._browser_queue._queue]


@pytest.mark.parametrize("fragments", [None, ["other"]])
def test_answers_are_sent_once_and_pieces_of_the_page_as_it_was_are_not(session, fragments):
    drawn(session)
    asked(session)
    session._clear_queue(fragments)
    assert [kind for kind in kinds(session) if kind != "delta"] == list(answers.ANSWERS)
    if fragments is None:
        assert "delta" not in kinds(session)
    first = session.flush_browser_queue()
    address = next(m for m in first if m.HasField("file_urls_response")).file_urls_response
    assert address.response_id == "seven" and address.file_urls[0].upload_url
    drawn(session)
    session._clear_queue(fragments)
    assert not set(kinds(session)) & set(answers.ANSWERS)


def test_streamlit_alone_loses_them(session, monkeypatch):
    monkeypatch.setattr(ForwardMsgQueue, "clear", answers._real_clear)
    asked(session)
    session._clear_queue()
    assert kinds(session) == []  # if this fails, answers.py is needed no more


def test_an_end_of_everything_keeps_nothing(session):
    asked(session)
    session._browser_queue.clear()
    assert kinds(session) == []


def test_the_server_keeps_them():
    # in a process of its own: what the server takes over stays so
    seen = (
        "import serve; from streamlit.runtime.forward_msg_queue import ForwardMsgQueue;"
        "from snnlab.ui.shared import answers;"
        "assert ForwardMsgQueue.clear is answers._clear"
    )
    subprocess.run([sys.executable, "-c", seen], check=True, cwd=ROOT)
