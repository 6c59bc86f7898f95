"""Whom the lab answers: only those who came by a name that is its own.

A page of any web site can have its name resolve to 127.0.0.1 a moment later, and then reads and
drives what listens there, as if it were its own (DNS rebinding). Its requests still say the
site's name as their ``Host``, and the browser says as ``Origin`` whose page sends them; so both
must name this computer, or a host that whoever started the lab named. Both are checked for HTTP
and for WebSocket, before anything else sees the request.
"""

import ipaddress
import logging
import os
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

VARIABLE = "SNNLAB_HOSTS"
HERE = ("localhost", "127.0.0.1", "::1")
ANY = "*"
REFUSED = 403
TEXT = (
    "This lab does not answer to the name in your address. Open it at localhost, or start it with"
    f" that name in {VARIABLE}.\n"
)

log = logging.getLogger(__name__)


def allowed(said: str | None = None) -> tuple[str, ...]:
    """Names that the lab answers to.

    Parameters
    ----------
    said : str, optional
        More of them, with commas or spaces between: names or addresses, ``*.example.org`` for all
        names below one, ``*`` for any at all. The variable ``SNNLAB_HOSTS``, if not given.
    """
    said = os.environ.get(VARIABLE, "") if said is None else said
    found = list(HERE)
    for entry in said.replace(",", " ").split():
        name = entry if entry == ANY else _entered(entry)
        if name is None:
            log.warning("%s: %r names no host and is left out.", VARIABLE, entry)
        else:
            found.append(name)
    return tuple(found)


def _entered(entry: str) -> str | None:
    """A host as people write it: with a scheme, a port or brackets, or bare."""
    try:
        return str(ipaddress.ip_address(entry))  # a bare ::1 would be read as a name and a port
    except ValueError:
        pass
    start = "*." if entry.startswith("*.") else ""
    entry = entry.removeprefix(start)
    name = of_origin(entry) if "//" in entry else of_host(entry)
    return None if name is None else start + name


def of_host(host: str) -> str | None:
    """The name in a ``Host`` header, small, without port and brackets; None if it is none."""
    return _named(f"//{host}")


def of_origin(origin: str) -> str | None:
    """The name in an ``Origin`` header; None if it is none, as in ``null``."""
    return _named(origin) if "//" in origin else None


def _named(text: str) -> str | None:
    try:
        parts = urlsplit(text)
        name, _ = parts.hostname, parts.port  # the port is only looked at: it refuses nonsense
    except ValueError:
        return None
    if not name or "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
        return None
    name = name.lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def answers(name: str | None, names: tuple[str, ...]) -> bool:
    """Whether the lab goes by a name.

    Parameters
    ----------
    name : str or None
        As `of_host` and `of_origin` give it.
    names : tuple of str
        See `allowed`.
    """
    if ANY in names:
        return True
    if name is None:
        return False
    return any(
        name.endswith(one[1:]) if one.startswith("*.") else name == one for one in names
    )  # fmt: skip


class KnownHosts:
    """ASGI middleware that lets through what came by a known name.

    Parameters
    ----------
    app : callable
        The ASGI application behind it.
    names : tuple of str, optional
        `allowed`, if not given.
    """

    def __init__(self, app, names: tuple[str, ...] | None = None):
        self.app = app
        self.names = allowed() if names is None else names

    async def __call__(self, scope, receive, send):
        """Refuse, or pass on."""
        kind = scope["type"]
        if kind not in ("http", "websocket") or self._known(scope["headers"]):
            await self.app(scope, receive, send)
        elif kind == "http":
            await PlainTextResponse(TEXT, REFUSED)(scope, receive, send)
        else:
            # before it was accepted: the server then answers 403
            await send({"type": "websocket.close", "code": 1008})

    def _known(self, sent: list[tuple[bytes, bytes]]) -> bool:
        """Whether every host and origin among the headers is known; there must be a host."""
        hosts = [value.decode("latin-1") for name, value in sent if name.lower() == b"host"]
        origins = [value.decode("latin-1") for name, value in sent if name.lower() == b"origin"]
        named = [of_host(host) for host in hosts] + [of_origin(origin) for origin in origins]
        return bool(hosts) and all(answers(name, self.names) for name in named)


def middleware(more: tuple[str, ...] = ()) -> list[Middleware]:
    """For the server: the guard, with names that it found out itself beside those it was told.

    Parameters
    ----------
    more : tuple of str
        Addresses, as `ipaddress` writes them.
    """
    return [Middleware(KnownHosts, names=(*allowed(), *more))]
