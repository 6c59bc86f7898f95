"""Every answer carries the security headers, and nothing else about it changes."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

from snnlab.ui.shared import headers


def answered(kind="http", given=()):
    """What a server that answers "hello" sends through the middleware."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": f"{kind}.response.start", "status": 200, "headers": list(given)})
        await send({"type": f"{kind}.response.body", "body": b"hello", "more_body": False})

    async def send(message):
        sent.append(message)

    # in a thread of its own: Playwright, if it is there, has a loop in this one
    with ThreadPoolExecutor(1) as aside:
        answer = headers.SecurityHeaders(app)({"type": kind}, None, send)
        aside.submit(asyncio.run, answer).result()
    return sent


def test_headers_are_added_to_the_head_and_the_body_passes():
    head, body = answered(given=[(b"content-type", b"text/plain")])
    found = dict(head["headers"])
    assert found[b"content-type"] == b"text/plain"
    assert {name.decode() for name in found} >= set(headers.HEADERS)
    assert body == {"type": "http.response.body", "body": b"hello", "more_body": False}


def test_what_the_server_says_itself_counts():
    head, _ = answered(given=[(b"X-Frame-Options", b"DENY")])
    assert [value for name, value in head["headers"] if name.lower() == b"x-frame-options"] == [
        b"DENY"
    ]


def test_websockets_pass_untouched():
    head, _ = answered("websocket", [(b"a", b"b")])
    assert head["headers"] == [(b"a", b"b")]


def test_the_policy_names_nobody_else():
    assert not re.search(r"https?:|\*|//", headers.POLICY)
    directives = {part.split()[0] for part in headers.POLICY.split("; ")}
    assert {"default-src", "connect-src", "object-src", "frame-ancestors"} <= directives
