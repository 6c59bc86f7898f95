"""What a visitor changes outside a fragment draws the whole page, whoever speaks beside them.

Streamlit's browser half joins what is said within one moment into one message, under the name of
the first fragment among it. A press or a file of the page that coincides with a fragment's own
word, such as a question of the viewer, then asks for that fragment alone: the file has arrived, and
the page does not heed it until something else is moved. A message that names a fragment which is
there no more is left out altogether. Both ask for the whole page here.
"""

from dataclasses import replace

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state.common import unpack_widget_state_value
from streamlit.runtime.state.session_state import SessionState


def heed() -> None:
    """Draw the whole page where more was changed than the fragment that is asked for."""
    run, rerun = ScriptRunner._run_script, AppSession.request_rerun

    def heeding_run(runner: ScriptRunner, asked: RerunData) -> None:
        with runner._session_state._lock:
            outside = changed_outside(runner._session_state._state, asked)
        run(runner, widened(asked) if outside else asked)

    def heeding_rerun(session: AppSession, said: ClientState | None) -> None:
        if said and not said.is_auto_rerun and not session.has_fragment(said.fragment_id):
            said.fragment_id = ""
        rerun(session, said)

    ScriptRunner._run_script = heeding_run
    AppSession.request_rerun = heeding_rerun


def widened(asked: RerunData) -> RerunData:
    """The same for the whole page."""
    return replace(asked, fragment_id=None, fragment_id_queue=[], is_auto_rerun=False)


def changed_outside(state: SessionState, asked: RerunData) -> bool:
    """Whether a message about fragments holds something new of a widget in none of them.

    Parameters
    ----------
    state : SessionState
        The widgets as the script left them.
    asked : RerunData
        What the browser asks for, with the widgets as they are there.
    """
    fragments = asked.fragment_id_queue
    if not fragments or asked.is_fragment_scoped_rerun or asked.widget_states is None:
        return False
    return any(_changed(state, widget, fragments) for widget in asked.widget_states.widgets)


def _changed(state: SessionState, widget: WidgetState, fragments: list[str]) -> bool:
    about = state._new_widget_state.widget_metadata.get(widget.id)
    if about is None or about.fragment_id in fragments:
        return False
    value = unpack_widget_state_value(widget)
    if (widget.WhichOneof("value") or "").endswith("trigger_value"):
        return bool(value)
    key = state._key_id_mapper.id_key_mapping.get(widget.id)
    try:
        return bool(about.deserializer(value) != state._getitem(widget.id, key))
    except KeyError:  # not drawn yet
        return False
    except Exception:  # such as of a file of another kind: the page's run will say so
        return True
