"""What belongs to a visitor, and for how long: until two minutes after the visitor is gone.

Streamlit clears what is cached for a session at every disconnect, a second without network
included, though the session itself comes back with its state. So work under way and models of
one's own are held here instead, by the visitor and not by the connection. A visitor is gone
whose session has had no connection for `GRACE` seconds on end; whoever is back before then, or
only sits there, loses nothing.
"""

import functools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

# as long as Streamlit keeps a session that can be come back to (server.disconnectedSessionTTL)
GRACE = 120.0  # seconds
log = logging.getLogger(__name__)


@dataclass
class _Visitor:
    gone_since: float | None = None
    # what was made, and what is to be done with it at the end
    things: dict[str, tuple[Any, Callable[[Any], Any]]] = field(default_factory=dict)


class Keeper:
    """Holds visitors' belongings. May be called from any thread.

    Parameters
    ----------
    connected : callable
        Whether a session, by its id, has a connection now.
    clock : callable
        Seconds, never running backwards.
    grace : float
        Seconds that a visitor may be away.
    """

    def __init__(
        self,
        connected: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
        grace: float = GRACE,
    ):
        self._connected, self._clock, self._grace = connected, clock, grace
        self._guard = threading.Lock()
        self._visitors: dict[str, _Visitor] = {}

    def held(
        self, session: str, name: str, make: Callable[[], Any], release: Callable[[Any], Any]
    ) -> Any:
        """A visitor's own thing of that name; made if there is none.

        Parameters
        ----------
        session : str
            Of the visitor who draws a page just now: whatever was to end for them does not.
        name : str
        make : callable
        release : callable
            Is given the thing when the visitor is gone.
        """
        with self._guard:
            visitor = self._visitors.setdefault(session, _Visitor())
            visitor.gone_since = None
            if name not in visitor.things:
                visitor.things[name] = make(), release
            return visitor.things[name][0]

    def tick(self) -> None:
        """Look who has a connection, and let go of what belongs to those who are gone."""
        gone = []
        with self._guard:
            now = self._clock()
            for session, visitor in list(self._visitors.items()):
                if self._connected(session):
                    visitor.gone_since = None
                elif visitor.gone_since is None:
                    visitor.gone_since = now
                elif now - visitor.gone_since >= self._grace:
                    gone.append(self._visitors.pop(session))
        _release(gone)

    def close(self) -> None:
        """Let everybody go."""
        with self._guard:
            gone, self._visitors = list(self._visitors.values()), {}
        _release(gone)


def _release(gone: list[_Visitor]) -> None:
    for thing, release in (pair for visitor in gone for pair in visitor.things.values()):
        try:
            release(thing)
        except Exception:  # one that fails is no reason to hold the others for ever
            log.exception("what belonged to a visitor could not be let go")


def _connected(session: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


KEEPER = Keeper(_connected)


def session() -> str:
    """Id of the session that draws just now.

    Not by way of the session's state: a draw may be broken off at every look into that.
    """
    return get_script_run_ctx().session_id


def own(release: Callable[[Any], Any]) -> Callable:
    """Decorate a function without arguments: it gives each visitor the same thing every time.

    Parameters
    ----------
    release : callable
        Is given the thing when the visitor is gone for good.
    """

    def decorated(make: Callable[[], Any]) -> Callable[[], Any]:
        name = f"{make.__module__}.{make.__qualname__}"

        @functools.wraps(make)
        def get() -> Any:
            return KEEPER.held(session(), name, make, release)

        return get

    return decorated
