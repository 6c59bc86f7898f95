"""A download that is pressed while its page is drawn anew is made all the same.

Each draw gives every download button another file id, and forgets the old one before the browser
has the new one: whoever presses in between is told that the file could not be made. Streamlit has
no setting for it. So what a button was to make is kept for some seconds after it was replaced.
"""

import time
from collections import OrderedDict

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT = 10.0  # seconds: of a draw on a busy server, and of the way to the browser
NAMES = ("_drop_deferred_id", "execute_deferred", "_deferred_callables", "_lock")

_real_drop = getattr(MediaFileManager, "_drop_deferred_id", None)
_real_execute = getattr(MediaFileManager, "execute_deferred", None)
_late: OrderedDict[str, tuple[float, dict]] = OrderedDict()  # guarded by the manager's own lock


def keep() -> None:
    """Keep what replaced buttons were to make.

    Raises
    ------
    RuntimeError
        If this version of Streamlit does it elsewhere.
    """
    if not all(hasattr(MediaFileManager(None), name) for name in NAMES):
        raise RuntimeError(
            "Streamlit's MediaFileManager keeps deferred downloads elsewhere: see whether one that"
            " is pressed during a draw fails, and change snnlab/ui/shared/late_downloads.py."
        )
    MediaFileManager._drop_deferred_id = _drop
    MediaFileManager.execute_deferred = _execute


def forget(older: float = KEPT) -> None:
    """Let go of what was replaced so many seconds ago; to be called now and then."""
    now = time.monotonic()
    while _late:
        file_id, (since, _) = next(iter(_late.items()))
        if now - since < older:
            return
        _late.pop(file_id, None)


def _drop(manager: MediaFileManager, file_id: str) -> None:
    entry = manager._deferred_callables.get(file_id)
    _real_drop(manager, file_id)
    if entry is not None:
        _late[file_id] = time.monotonic(), entry


def _execute(manager: MediaFileManager, file_id: str) -> str:
    with manager._lock:
        late = file_id not in manager._deferred_callables and file_id in _late
        if late:
            manager._deferred_callables[file_id] = _late[file_id][1]
    try:
        return _real_execute(manager, file_id)
    finally:
        if late:
            with manager._lock:
                manager._deferred_callables.pop(file_id, None)
