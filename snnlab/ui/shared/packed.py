"""Scripts and style sheets of the page go out compressed, and are compressed once.

Streamlit sends them as they are: to a server of many that is the cheaper way. To a class on one
wireless network, of which each phone wants four to ten megabytes, it is not. They carry their
content's hash in their names, so what was made of one holds for as long as the server runs.
"""

import asyncio
import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware

LEAST = 1000  # bytes; fewer fit into one packet anyway
LEVEL = 6
_PATHS = re.compile(r"/static/(?:js|css)/[\w.-]+\.(?:js|css)")
_NO = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class Packed:
    """ASGI middleware that compresses those files for browsers that take it.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    """

    def __init__(self, app):
        self.app = app
        self.kept: dict[str, tuple[dict, bytes]] = {}  # by path; of files that there are, so few

    async def __call__(self, scope, receive, send):
        """Pass everything else on."""
        if not _asked(scope):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self.kept:
            messages = []

            async def collect(message):
                messages.append(message)

            await self.app(scope, receive, collect)
            whole = b"".join(message.get("body", b"") for message in messages)
            if len(whole) < LEAST or not _complete(messages[0], len(whole)):
                for message in messages:
                    await send(message)
                return
            start = messages[0]
            small = await asyncio.to_thread(gzip.compress, whole, LEVEL)
            self.kept[path] = _headed(start, len(small)), small
        start, small = self.kept[path]
        await send(start)
        await send({"type": "http.response.body", "body": small})


def _asked(scope) -> bool:
    """Whether it is one of the files, whole, for a browser that takes it compressed."""
    if scope["type"] != "http" or scope["method"] != "GET" or not _PATHS.fullmatch(scope["path"]):
        return False
    asked = Headers(scope=scope)
    takes = asked.get("accept-encoding", "")
    return (
        "gzip" in takes
        and not _NO.search(takes)
        and not {"range", "if-none-match", "if-modified-since"} & set(asked)
    )


def _complete(start, length: int) -> bool:
    """Whether that is all of a plain file: of a visitor who leaves, sending stops half way."""
    headers = Headers(raw=start["headers"])
    said = headers.get("content-length")
    return start["status"] == 200 and "content-encoding" not in headers and said == str(length)


def _headed(start, length: int) -> dict:
    """The beginning of the answer, as it is for what was compressed."""
    made = {**start, "headers": [*start["headers"]]}
    headers = MutableHeaders(raw=made["headers"])
    headers["content-encoding"], headers["content-length"] = "gzip", str(length)
    headers.add_vary_header("Accept-Encoding")
    tag = headers.get("etag", "")
    if tag.startswith('"'):  # the same file, but not the same bytes
        headers["etag"] = f"W/{tag}"
    return made


MIDDLEWARE = [Middleware(Packed)]
