"""Addresses of pages: other names for some, and where the browser finds the server from them.

At a page's own address Streamlit's script first asks for the server below that address, twice,
gets "404" twice, and then asks above it. It is told here where the server is: at the address
without the page's name, which holds behind a proxy's prefix too. Streamlit reads that from
``window.__streamlit``, meant for whoever embeds an app.
"""

import re
from pathlib import Path

from starlette.middleware import Middleware

PAGES = tuple(sorted(path.stem for path in (Path(__file__).parents[3] / "pages").glob("*.py")))
OTHERS = {"tune": "finetune", "segment": "./"}  # what a visitor may type for a page
BEFORE = b'<script type="module"'  # in Streamlit's page; ours comes before its first script
LARGEST = 1 << 20  # bytes of that page; a larger answer is not it

_PAGE = re.compile(r"(?!.*/_stcore/)/(?:.*/)?[\w-]*")  # no file, which has a dot
_WITHOUT = (b"accept-encoding", b"if-none-match", b"if-modified-since")
_CHANGED = (b"content-length", b"etag", b"last-modified", b"accept-ranges")
_NAMES = "|".join((*PAGES, *OTHERS))
SCRIPT = (
    "<script>window.__streamlit = Object.assign(window.__streamlit ?? {}, { BACKEND_BASE_URL:"
    f" location.origin + location.pathname.replace(/\\/({_NAMES})\\/?$/, '/') }})</script>"
).encode()


class Addresses:
    """ASGI middleware that leads on from other names, and tells pages where the server is.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Lead on, or pass on; of answers only Streamlit's page is touched."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not _PAGE.fullmatch(scope["path"])
        ):
            await self.app(scope, receive, send)
            return
        found = re.fullmatch(f"(?:.*/)?({'|'.join(OTHERS)})", scope["path"])
        if found is not None:
            await _lead(OTHERS[found[1]], scope.get("query_string", b""), send)
            return
        # whole, and not what the browser may have kept from before
        headers = [pair for pair in scope["headers"] if pair[0].lower() not in _WITHOUT]
        await self.app(scope | {"headers": headers}, receive, _told(send))


async def _lead(where: str, query: bytes, send) -> None:
    """Redirect, relative to the address that was asked for."""
    target = where.encode() + (b"?" + query if query else b"")
    await send({"type": "http.response.start", "status": 307, "headers": [(b"location", target)]})
    await send({"type": "http.response.body", "body": b""})


def _told(send):
    """The same answer; a page of Streamlit's with `SCRIPT` in it."""
    held: list[dict] = []

    async def answer(message):
        if message["type"] == "http.response.start" and _is_page(message):
            held.append(message)
            return
        if not held:
            await send(message)
            return
        held.append(message)
        if message.get("more_body") and sum(len(m.get("body", b"")) for m in held) < LARGEST:
            return
        start, *parts = held
        body = b"".join(part.get("body", b"") for part in parts)
        if not message.get("more_body"):
            body = body.replace(BEFORE, SCRIPT + BEFORE, 1)
            kept = [pair for pair in start["headers"] if pair[0].lower() not in _CHANGED]
            length = (b"content-length", str(len(body)).encode())
            start = start | {"headers": [*kept, length]}
        held.clear()
        await send(start)
        await send(message | {"body": body})

    return answer


def _is_page(message: dict) -> bool:
    headers = {name.lower(): value for name, value in message["headers"]}
    whole = message["status"] == 200 and b"content-encoding" not in headers
    return whole and headers.get(b"content-type", b"").startswith(b"text/html")


MIDDLEWARE = [Middleware(Addresses)]
