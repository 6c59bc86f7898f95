"""What the server does every few seconds: it lets go of what nobody comes back to.

Streamlit takes a session that has been away too long out of its store only when another one is
put there, so that what the last visitors of a day had would stay in memory all night.
"""

import asyncio
import contextlib
import itertools
import logging
import threading
from collections.abc import AsyncIterator

import streamlit as st
from streamlit import runtime

from snnlab.errors import LabError
from snnlab.lab import reopening
from snnlab.lab import segmenting as lab
from snnlab.ui.shared import classroom, late_downloads, visitors
from snnlab.work import jobs, memory

EVERY = 5.0  # seconds
HOURLY = round(3600 / EVERY)
log = logging.getLogger(__name__)


LEFT = 15.0  # seconds that trainings have to write their checkpoints when the server is stopped
_begun = threading.Event()


@contextlib.asynccontextmanager
async def lifespan(app) -> AsyncIterator[None]:
    """As long as the server runs; for ``streamlit.App``. What is under way at its end is kept."""
    _stored()  # says at once if this Streamlit has no such store
    begin()
    classroom.announce()
    # so that nobody waits for it: what the lab opens with, and the simulator's kernels
    threading.Thread(target=_first, name="first result", daemon=True).start()
    try:
        yield
    finally:
        visitors.KEEPER.close()
        await asyncio.to_thread(jobs.idle, LEFT)


def _first() -> None:
    with contextlib.suppress(LabError):  # a page says it
        lab.default_result()


def begin() -> None:
    """Go round from now on; to be called as often as one likes, from any thread."""
    if _begun.is_set() or not runtime.exists():
        return
    loop = runtime.get_instance()._get_async_objs().eventloop
    if isinstance(loop, asyncio.AbstractEventLoop):  # there is none where an app runs in a test
        _begun.set()
        asyncio.run_coroutine_threadsafe(_rounds(), loop)


async def _rounds() -> None:
    for turn in itertools.count():
        await asyncio.sleep(EVERY)
        try:
            tidy()
            if turn % HOURLY == 0:
                await asyncio.to_thread(reopening.tidy)
        except Exception:  # the next round may do better
            log.exception("the lab could not tidy up")


def tidy() -> int:
    """One round, on the server's own thread.

    Returns
    -------
    int
        Sessions that were let go.
    """
    visitors.KEEPER.tick()
    late_downloads.forget()
    classroom.tidy()
    expired = [left.session for _, left in _stored().expire()]
    for session in expired:
        # Streamlit's own loop keeps the last one in a variable until somebody else comes
        session.shutdown()
        session.session_state.clear()
        # what the buttons of its page would have done holds runs and pictures
        session.session_state._new_widget_state.widget_metadata.clear()
        session._fragment_storage.clear()
        del session
    count = len(expired)
    del expired
    if count:
        if not _anybody():  # whoever comes next has other images
            lab.forget_all()
            st.cache_data.clear()
        # sessions lie in circles, and Python looks for those seldom in a process of this size
        memory.give_back()
    return count


def _anybody() -> bool:
    """Whether a session has a connection, or may be come back to."""
    sessions = runtime.get_instance()._session_mgr
    return bool(sessions.num_active_sessions() or len(_stored()))


def _stored():
    """Where Streamlit keeps sessions without a connection: a cache that expires when told to.

    Raises
    ------
    RuntimeError
        If this version of Streamlit keeps them elsewhere.
    """
    try:
        cache = runtime.get_instance()._session_mgr._session_storage._cache
        assert callable(cache.expire)
    except (AttributeError, AssertionError):
        raise RuntimeError(
            "Streamlit keeps disconnected sessions elsewhere now: see its MemorySessionStorage, and"
            " change snnlab/ui/shared/housekeeping.py."
        ) from None
    return cache
