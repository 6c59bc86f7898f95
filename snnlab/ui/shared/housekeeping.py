"""What the server does every few seconds: it lets go of what nobody comes back to.

Streamlit takes a session that has been away too long out of its store only when another one is
put there, so that what the last visitors of a day had would stay in memory all night.
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator

from streamlit import runtime

from snnlab.ui.shared import visitors

EVERY = 5.0  # seconds
log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def lifespan(app) -> AsyncIterator[None]:
    """As long as the server runs; for ``streamlit.App``."""
    _stored()  # says at once if this Streamlit has no such store
    rounds = asyncio.create_task(_rounds())
    try:
        yield
    finally:
        rounds.cancel()
        visitors.KEEPER.close()


async def _rounds() -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            tidy()
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
    expired = len(_stored().expire())
    if expired:
        # sessions lie in circles, and Python looks for those seldom in a process of this size
        gc.collect()
    return expired


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
