"""What a control would have done is forgotten when the control is gone.

Streamlit keeps what it knows of every widget that was ever drawn in a session, with the function
that a press calls and what that is to be given: a run, often. Widgets whose label or key goes by
the image are new ones for every image, so a session held all runs that it had ever shown: eleven
gigabytes after two hundred. Who presses a button while its page is drawn anew presses one that is
gone when the press arrives; so what it would have done is kept for some seconds.
"""

import time
from collections.abc import Collection

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import session_state
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

KEPT = 10.0  # seconds: of a draw on a busy server, and of the way from the browser
_SINCE = (
    "gone_since"  # attribute of what is known of a widget; one that is drawn again is known anew
)

_real_remove = SessionState._remove_stale_widgets


def forget() -> None:
    """Forget a widget with its value."""
    SessionState._remove_stale_widgets = _remove


def _remove(state: SessionState, active: Collection[str]) -> None:
    _real_remove(state, active)
    context = get_script_run_ctx()
    if context is None:
        return
    fragments, known = context.fragment_ids_this_run, state._new_widget_state.widget_metadata
    # in its place, as the next run of the script may be under way already, and note its own
    for name, about in list(known.items()):
        stays = _component(name) in active
        stays = stays or not session_state._is_stale_widget(about, active, fragments)
        if not stays and not _lately(about) and known.get(name) is about:
            known.pop(name, None)


def _lately(about: WidgetMetadata) -> bool:
    """Whether a widget that is gone was there some seconds ago."""
    now = time.monotonic()
    since = about.__dict__.setdefault(_SINCE, now)
    return since == now or now - since < KEPT


def _component(name: str) -> str | None:
    """Whose words a widget without an element takes in; the component alone is said to be drawn."""
    if not session_state._is_internal_key(name):
        return None
    beyond = len(session_state.STREAMLIT_INTERNAL_KEY_PREFIX) + 1
    return name[beyond:].rpartition("__")[0]
