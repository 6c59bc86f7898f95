"""What a browser asked for reaches it, also if a run of the page begins at that moment.

When a run begins, Streamlit throws away what it has not sent yet of the page as it was. With it go
the answers to what a browser asked: where to put a file, or what a download button was to make.
The browser waits for them for ever: a file that was chosen while the page was drawn anew is lost
without a word. They hold whatever the page looks like, so they stay in the queue.
"""

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

ANSWERS = ("file_urls_response", "backend_operation_response", "heartbeat_ack")

_real_clear = ForwardMsgQueue.clear


def keep() -> None:
    """Keep answers when a run begins."""
    ForwardMsgQueue.clear = _clear


def _clear(queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, *given, **named) -> None:
    before = list(queue._queue) if retain_lifecycle_msgs else []
    _real_clear(queue, retain_lifecycle_msgs, *given, **named)
    there = {id(message) for message in queue._queue}
    queue._queue[:0] = [
        message
        for message in before
        if message.WhichOneof("type") in ANSWERS and id(message) not in there
    ]
