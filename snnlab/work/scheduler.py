"""Whether a Dask scheduler answers at an address: known within a few seconds, whatever is there.

Dask itself tries for as long as it is given, and takes the first bytes that anything sends for
the length of a message to make room for. So the first bytes are looked at here, and what answers
is asked what it is, before a client is made.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
import time
from concurrent.futures import Future
from threading import Thread

from snnlab.errors import LabError

SECONDS = 5.0  # for each: a name, a connection, an answer
AGAIN = 2.0  # that a refused connection is tried again: one may be starting
PAUSE = 0.2
GREETING = 1 << 20  # bytes of a first message, at most
OTHERS = ("ws://", "wss://", "ucx://", "ucxx://")  # which Dask's client has to find out about
# without importing Dask, which takes a second or more
_ADDRESS = re.compile(
    r"(?:(?P<kind>tcp|tls)://)?(?P<host>\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):(?P<port>[0-9]{1,5})"
)


def check(address: str) -> None:
    """Refuse an address where there is no scheduler.

    Parameters
    ----------
    address : str
        As ``tcp://host:8786``.

    Raises
    ------
    LabError
    """
    if address.startswith(OTHERS):
        return
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise absent(address, "it is not an address")
    kind, host, port = found["kind"], found["host"].strip("[]"), int(found["port"])
    try:
        places = _within(SECONDS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:  # the latter of a name that no host can have
        raise absent(address, f"there is no host {host}") from error
    context = _context(address) if kind == "tls" else None
    try:
        with _connected([place[4] for place in places]) as plain:
            _greeted(plain, context)
    except ConnectionRefusedError as error:
        raise absent(address, "nothing listens there") from error
    except (ssl.SSLError, ValueError) as error:
        raise absent(address, "something else listens there") from error
    except TimeoutError as error:
        raise absent(
            address, "what is there does not answer: it is busy, or something else, or wants tls://"
        ) from error
    except OSError as error:
        reason = (error.strerror or "the connection broke").lower()
        raise absent(address, reason) from error
    import distributed  # noqa: F401  # not in a thread that is left to itself half-way

    what = None
    with contextlib.suppress(Exception):  # whatever something else makes of the question
        what = _within(SECONDS, lambda: asyncio.run(_kind(address)))
    if what != "Scheduler":
        other = f"a Dask {what.lower()} listens there" if what else "something else listens there"
        raise absent(address, other)


def absent(address: str, why: str) -> LabError:
    """Make the error for an address without a scheduler."""
    return LabError(
        f"no Dask scheduler answers at {address} ({why}); start one with `dask scheduler`, its"
        " workers with `dask worker`, and give its address as tcp://host:port."
    )


def _within(seconds: float, function):
    """What a function returns, in a thread that is left to itself if it takes too long.

    Raises
    ------
    TimeoutError
    """
    found: Future = Future()

    def run() -> None:
        try:
            found.set_result(function())
        except BaseException as error:
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    return found.result(seconds)


def _context(address: str) -> ssl.SSLContext:
    from distributed.security import Security

    with contextlib.suppress(OSError):  # files of the configuration that are not there
        context = Security().get_connection_args("client").get("ssl_context")
        if context is not None:
            return context
    raise absent(address, "Dask's configuration names no certificates for TLS")


def _connected(places: list[tuple]) -> socket.socket:
    """A connection to the first of some places that takes one."""
    ends = time.monotonic() + AGAIN
    while True:
        for index, place in enumerate(places):
            try:
                return socket.create_connection(place[:2], SECONDS)
            except ConnectionRefusedError:
                if index + 1 == len(places) and time.monotonic() > ends:
                    raise
            except OSError:
                if index + 1 == len(places):
                    raise
        time.sleep(PAUSE)


def _greeted(plain: socket.socket, context: ssl.SSLContext | None) -> None:
    """Wait for the first message of a Dask server, which begins with its length.

    Raises
    ------
    ValueError
        If it is something else.
    OSError
    """
    plain.settimeout(SECONDS)
    with context.wrap_socket(plain) if context else contextlib.nullcontext(plain) as stream:
        begun = b""
        while len(begun) < 8:
            more = stream.recv(8 - len(begun))
            if not more:
                raise ValueError("it hung up")
            begun += more
    if not 0 < struct.unpack("<Q", begun)[0] <= GREETING:
        raise ValueError("it speaks another language")


async def _kind(address: str) -> str:
    """What a Dask server is, in its own word."""
    from distributed.comm import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    comm = await connect(address, timeout=SECONDS, **arguments)
    try:
        await comm.write({"op": "identity", "reply": True})
        return str((await comm.read())["type"])
    finally:
        comm.abort()
