"""Where a browser fetches the parts of its visitor's session, and hands them in again.

An address holds 128 random bits that only that visitor's page is told, and is gone when the
visitor is. What is handed in is held in memory until the visitor's next draw reads it.
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from snnlab.lab import session_file
from snnlab.lab.session_file import Session

MOST = 200 << 20  # bytes that a browser keeps, and hands in
ALL = 1 << 30  # bytes of all visitors that wait to be read
PATH = "_kept"
_HEADERS = {"cache-control": "no-store"}

_guard = threading.Lock()
_posts: dict[str, "Post"] = {}


class _Later:
    """A section's bytes, made again when they are wanted: a stack has a hundred megabytes.

    Attributes
    ----------
    digest : str
        sha256 of them.
    """

    def __init__(self, make: Callable[[], bytes]):
        data = make()
        self.make, self.digest, self._size = make, hashlib.sha256(data).hexdigest(), len(data)

    def __len__(self) -> int:
        return self._size


class Post:
    """One visitor's. May be called from any thread.

    Attributes
    ----------
    address : str
        Below the server's own, with a slash at its end.
    open : bool
        Whether a session may still be handed in.
    serial, heavy : int
        Grow with every change, and with every one of what was given, made or kept.
    """

    def __init__(self):
        self.token = secrets.token_urlsafe(16)
        self.address = f"{PATH}/{self.token}/"
        self.open = True
        self.serial = self.heavy = 0
        self._marks: tuple | None = None
        self._session: Session | None = None
        self._guard = threading.Lock()
        self._inbox: dict[str, bytes] = {}
        # of things by identity, which are held
        self._made: dict[int, tuple[Any, bytes | _Later]] = {}
        self._sections: set[int] = set()  # of those, the sections of a stack
        self._hashes: dict[int, tuple[bytes, str]] = {}
        self._parts: dict[str, bytes | _Later] = {}  # by hash

    # ---- what there is to keep -------------------------------------------------------------

    def offer(self, session: Session, mark: Any, heavy: Any) -> None:
        """Say what there is now; equal marks: nothing has changed."""
        with self._guard:
            self._session = session
            if self._marks is not None:
                self.serial += self._marks[0] != mark
                self.heavy += self._marks[1] != heavy
            self._marks = mark, heavy

    def listed(self) -> bytes:
        """JSON: ``serial``, ``heavy``, of each part its sha256 and size, and what is left out.

        If all together is more than a browser keeps, the sections of a stack are.
        """
        with self._guard:
            session, serial, heavy, left = self._session, self.serial, self.heavy, ""
        if session is None:
            return b"{}"
        # what takes a while is done without the lock, which the page's next draw waits for
        sections = [] if session.stack is None else session.stack.sections()
        self._sections = set(map(id, sections))
        made = session_file.parts(session, self._once)
        if session.stack is not None and sum(map(len, made.values())) > MOST:
            session, left = replace(session, stack=None), "stack"
            made = session_file.parts(session, self._once)
        hashes = {name: self._hash(data) for name, data in made.items()}
        things = {id(one) for one in (*session.models, *session.pins, *sections)}
        held = {id(data) for data in made.values()}
        about = {name: [hashes[name], len(data)] for name, data in made.items()}
        with self._guard:
            self._parts = {hashes[name]: data for name, data in made.items()}
            self._made = {key: pair for key, pair in self._made.items() if key in things}
            self._hashes = {key: pair for key, pair in self._hashes.items() if key in held}
        told = {"serial": serial, "heavy": heavy, "parts": about, "left": left}
        return json.dumps(told).encode()

    def part(self, digest: str) -> bytes | None:
        """A part of what was listed last."""
        with self._guard:
            found = self._parts.get(digest)
        return found.make() if isinstance(found, _Later) else found

    def _once(self, thing: Any, make: Callable[[], bytes]) -> bytes | _Later:
        if id(thing) not in self._made:
            made = _Later(make) if id(thing) in self._sections else make()
            self._made[id(thing)] = thing, made
        return self._made[id(thing)][1]

    def _hash(self, data: bytes | _Later) -> str:
        if isinstance(data, _Later):
            return data.digest
        if id(data) not in self._hashes:
            self._hashes[id(data)] = data, hashlib.sha256(data).hexdigest()
        return self._hashes[id(data)][1]

    # ---- what is handed in -----------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Bytes that were handed in and not read yet."""
        return sum(map(len, self._inbox.values()))

    def put(self, name: str, data: bytes) -> bool:
        """Take a part in; False if there is no room or it is none."""
        with self._guard:
            room = self.waiting + len(data) <= MOST
            if not (self.open and room and session_file.fits(name)):
                return False
            self._inbox[name] = data
            return True

    def taken(self) -> dict[str, bytes]:
        """All that was handed in; no more is taken."""
        with self._guard:
            self.open = False
            found, self._inbox = self._inbox, {}
            return found

    def close(self) -> None:
        """End it: the address leads nowhere any more."""
        with _guard:
            _posts.pop(self.token, None)
        self.taken()


def opened() -> Post:
    """A new one, that its address leads to."""
    made = Post()
    with _guard:
        _posts[made.token] = made
    return made


# ---- over HTTP -------------------------------------------------------------------------------


async def _serve(request: Request) -> Response:
    with _guard:
        post = _posts.get(request.path_params["token"])
    if post is None:
        return Response(status_code=404, headers=_HEADERS)
    name = request.path_params["name"]
    if request.method == "PUT":
        return await _take_in(post, name, request)
    if name == "parts.json":
        told = await run_in_threadpool(post.listed)
        return Response(told, media_type="application/json", headers=_HEADERS)
    found = await run_in_threadpool(post.part, name.removesuffix(".bin"))
    if found is None:
        return Response(status_code=404, headers=_HEADERS)
    return Response(found, media_type="application/octet-stream", headers=_HEADERS)


async def _take_in(post: Post, name: str, request: Request) -> Response:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        with _guard:
            others = sum(one.waiting for one in _posts.values())
        if not post.open or size + post.waiting > MOST or size + others > ALL:
            return Response(status_code=413, headers=_HEADERS | {"connection": "close"})
        pieces.append(piece)
    took = post.put(name, b"".join(pieces))
    return Response(status_code=204 if took else 403, headers=_HEADERS)


ROUTES = [Route(f"/{PATH}/{{token}}/{{name:path}}", _serve, methods=["GET", "PUT"])]
