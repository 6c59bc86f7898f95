"""Other names of pages lead on, and a page's own script is told where the server is."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from snnlab.ui.shared import addresses

PAGE = b'<html><head><script type="module" src="./x.js"></script></head></html>'
HTML = ((b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"70"), (b"etag", b"1"))


def answered(path, query=b"", given=HTML, parts=(PAGE,), asked=(), method="GET"):
    """What comes through the middleware; and what the server behind it was asked."""
    sent, seen = [], []

    async def app(scope, receive, send):
        seen.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": list(given)})
        for index, part in enumerate(parts):
            more = index + 1 < len(parts)
            await send({"type": "http.response.body", "body": part, "more_body": more})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "query_string": query,
             "headers": list(asked)}  # fmt: skip
    # in a thread of its own: Playwright, if it is there, has a loop in this one
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, addresses.Addresses(app)(scope, None, send)).result()
    return sent, seen


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("/tune", b"", b"finetune"),
        ("/tune", b"steps=16&model=relu", b"finetune?steps=16&model=relu"),
        ("/behind/a/proxy/tune", b"", b"finetune"),
        ("/segment", b"", b"./"),
    ],
)
def test_another_name_of_a_page_leads_on(path, query, where):
    (start, _), seen = answered(path, query)
    assert start["status"] == 307 and (b"location", where) in start["headers"] and not seen


@pytest.mark.parametrize("parts", [(PAGE,), (PAGE[:40], PAGE[40:])])
@pytest.mark.parametrize("path", ["/", "/train", "/behind/a/proxy/cells"])
def test_a_page_is_told_where_the_server_is(path, parts):
    asked = [(b"accept-encoding", b"gzip"), (b"if-none-match", b"1"), (b"host", b"localhost")]
    (start, body), (scope,) = answered(path, parts=parts, asked=asked)
    assert body["body"] == PAGE.replace(b"<script", addresses.SCRIPT + b"<script", 1)
    found = dict(start["headers"])
    assert found[b"content-length"] == str(len(body["body"])).encode() and b"etag" not in found
    assert scope["headers"] == [(b"host", b"localhost")]
    for name in addresses.PAGES:
        assert name.encode() in addresses.SCRIPT


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/static/js/x.js", {}),
        ("/media/report.html", {}),
        ("/train/_stcore/health", {}),
        ("/train", {"method": "HEAD"}),
        ("/train", {"given": ((b"content-type", b"application/json"),)}),
        ("/train", {"given": (*HTML, (b"content-encoding", b"br"))}),
    ],
)
def test_all_else_passes_untouched(path, more):
    (start, body), _ = answered(path, **more)
    assert body["body"] == PAGE and start["headers"] == list(more.get("given", HTML))


def test_a_long_answer_is_passed_on_as_it_comes(monkeypatch):
    monkeypatch.setattr(addresses, "LARGEST", 50)
    sent, _ = answered("/train", parts=(b"a" * 60, b"b" * 60, b"c"))
    assert b"".join(part["body"] for part in sent[1:]) == b"a" * 60 + b"b" * 60 + b"c"
    assert sent[0]["headers"] == list(HTML)
