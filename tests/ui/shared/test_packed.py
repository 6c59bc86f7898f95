"""Scripts and styles come compressed to who takes them so; nothing else changes."""

import asyncio
import gzip
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from snnlab.ui.shared import packed

ROOT = Path(__file__).resolve().parents[3]
STATIC = Path(streamlit.__file__).parent / "static" / "static"
SCRIPT = max((STATIC / "js").glob("index.*.js"), key=lambda path: path.stat().st_size)
PLACE = f"/static/js/{SCRIPT.name}"


@pytest.fixture
def app():
    routes = [Mount("/static", StaticFiles(directory=STATIC))]
    return Starlette(routes=routes, middleware=packed.MIDDLEWARE)


def fetched(app, path=PLACE, method="GET", **headers):
    """Status, headers and body of an answer."""
    given = {"accept-encoding": "gzip, deflate, br"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http", "method": method, "path": path, "root_path": "", "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    sent = []

    async def receive():
        await asyncio.Event().wait()  # nobody goes, nor says more

    async def send(message):
        sent.append(message)

    # in a thread of its own: Playwright, if it is there, has a loop in this one
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, app(scope, receive, send)).result()
    start, *parts = sent
    body = b"".join(part.get("body", b"") for part in parts)
    return start["status"], Headers(raw=start["headers"]), body


def test_a_script_is_the_same_and_less_than_half(app):
    for _ in range(2):  # compressed, and from what was kept
        status, headers, body = fetched(app)
        assert status == 200 and headers["content-encoding"] == "gzip"
        assert headers["vary"] == "Accept-Encoding" and int(headers["content-length"]) == len(body)
        assert headers["content-type"].startswith(("text/javascript", "application/javascript"))
        assert gzip.decompress(body) == SCRIPT.read_bytes()
        assert len(body) < 0.5 * SCRIPT.stat().st_size
    plain = fetched(app, accept_encoding="identity")[1]
    assert headers["etag"] == f"W/{plain['etag']}"
    # which a browser that has it may ask for again
    assert fetched(app, if_none_match=headers["etag"])[0] == 304


def test_it_is_compressed_once(app, monkeypatch):
    fetched(app)
    monkeypatch.setattr(packed.gzip, "compress", None)
    assert fetched(app)[1]["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "headers",
    [
        {"accept_encoding": "identity"}, {"accept_encoding": "br"},
        {"accept_encoding": "gzip;q=0, br"}, {"accept_encoding": "gzip; q=0.0"},
        {"range": "bytes=10-19"},
    ],
)  # fmt: skip
def test_who_does_not_take_it_or_wants_a_part_gets_it_plain(app, headers):
    fetched(app)  # though it is kept
    _, found, body = fetched(app, **headers)
    assert "content-encoding" not in found
    whole = SCRIPT.read_bytes()
    assert body == (whole[10:20] if "range" in headers else whole)


def test_a_low_wish_is_a_wish(app):
    assert fetched(app, accept_encoding="gzip;q=0.5")[1]["content-encoding"] == "gzip"


def test_fonts_missing_files_and_heads_are_as_they_were(app):
    font = next((STATIC / "media").glob("*.woff2"))
    for path, method, status in (
        (f"/static/media/{font.name}", "GET", 200),
        ("/static/js/none.js", "GET", 404),
        ("/static/js/../../index.html", "GET", 404),
        (PLACE, "HEAD", 200),
    ):
        found = fetched(app, path, method)
        assert found[0] == status and "content-encoding" not in found[1]


def test_what_is_little_or_compressed_already_is_left_alone():
    async def one(scope, receive, send):
        body = b"x" * (100 if "little" in scope["path"] else 5000)
        headers = [] if "little" in scope["path"] else [(b"content-encoding", b"br")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    app = packed.Packed(one)
    assert fetched(app, "/static/js/little.js")[2] == b"x" * 100
    assert fetched(app, "/static/js/much.js")[1]["content-encoding"] == "br"


def test_what_a_visitor_who_left_got_half_of_is_not_kept(app):
    whole = SCRIPT.read_bytes()

    class Leaves:
        """The server of the files, and a first visitor who leaves after the first piece."""

        left = False

        async def __call__(self, scope, receive, send):
            had = asyncio.Event()

            async def gone():
                await had.wait()
                return {"type": "http.disconnect"}

            async def piece(message):
                await send(message)
                if message.get("body"):
                    had.set()
                    await asyncio.sleep(0.01)  # the leaving is heard of

            first, self.left = not self.left, True
            way = (gone, piece) if first else (receive, send)
            files = StaticFiles(directory=STATIC)
            await files(scope | {"root_path": "/static"}, *way)

    served = packed.Packed(Leaves())
    cut = fetched(served)
    assert 0 < len(cut[2]) < len(whole) and "content-encoding" not in cut[1]
    _, headers, body = fetched(served)
    assert headers["content-encoding"] == "gzip" and gzip.decompress(body) == whole


def test_the_lab_is_served_behind_it():
    # in a process of its own: what the server takes over stays so
    seen = (
        "import serve; from snnlab.ui.shared.packed import Packed;"
        "assert serve.app._user_middleware[-1].cls is Packed"
    )
    subprocess.run([sys.executable, "-c", seen], check=True, cwd=ROOT)
