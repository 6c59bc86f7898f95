"""A message that names a fragment, and holds more than that fragment, is about the page."""

import json
from dataclasses import replace

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

from snnlab.ui.shared import outside


@pytest.fixture
def state():
    """A slider of the page at 5, one of fragment f at 7, a button, and a component in f."""
    made = SessionState()
    kinds = {
        "page": ("int_value", None, 5),
        "inner": ("int_value", "f", 7),
        "button": ("trigger_value", None, False),
        "word": ("json_trigger_value", "f", None),
        "choice": ("string_value", None, "a"),
        "kept": ("json_value", None, {"x": 1}),
    }
    for name, (kind, fragment, value) in kinds.items():
        about = WidgetMetadata(
            id=name,
            deserializer=lambda given, default=value: default if given is None else given,
            serializer=lambda given: given,
            value_type=kind,
            fragment_id=fragment,
        )
        made._new_widget_state.set_widget_metadata(about)
        made._new_widget_state.set_from_value(name, value)
    return made


def asked(fragments=("f",), scoped=False, **values):
    states = WidgetStates()
    for name, (kind, value) in values.items():
        widget = states.widgets.add(id=name)
        if value is not None:
            setattr(widget, kind, value)
    return RerunData(
        widget_states=states,
        fragment_id_queue=list(fragments),
        fragment_id=fragments[0] if fragments else None,
        is_fragment_scoped_rerun=scoped,
        is_auto_rerun=True,
        query_string="a=1",
    )


INNER = {"inner": ("int_value", 9)}
WORD = {"word": ("json_trigger_value", json.dumps({"event": "ask"}))}


@pytest.mark.parametrize(
    ("values", "whole"),
    [
        ({}, False),
        (INNER, False),
        (INNER | WORD | {"page": ("int_value", 5)}, False),
        (WORD | {"page": ("int_value", 6)}, True),
        (WORD | {"button": ("trigger_value", True)}, True),
        (WORD | {"button": ("trigger_value", False)}, False),
        (WORD | {"choice": ("string_value", "a")}, False),
        (WORD | {"choice": ("string_value", "b")}, True),
        (WORD | {"choice": ("string_value", None)}, False),  # as at first
        (WORD | {"kept": ("json_value", '{"x": 1}')}, False),
        (WORD | {"kept": ("json_value", '{"x": 2}')}, True),
        (WORD | {"unknown": ("int_value", 1)}, False),  # of an earlier page
    ],
)
def test_what_is_new_outside_the_fragment_counts(state, values, whole):
    assert outside.changed_outside(state, asked(**values)) is whole


def test_what_was_set_by_the_page_itself_is_not_new(state):
    state._key_id_mapper["mine"] = "page"
    state["mine"] = 6
    assert not outside.changed_outside(state, asked(page=("int_value", 6)))
    assert outside.changed_outside(state, asked(page=("int_value", 5)))


def test_a_widget_that_is_not_drawn_yet_is_left_alone(state):
    del state._new_widget_state.states["page"]
    assert not outside.changed_outside(state, asked(page=("int_value", 6)))


def test_what_a_widget_refuses_is_the_page_to_say(state):
    def refuse(given):
        raise ValueError("not of this kind")

    about = replace(state._new_widget_state.widget_metadata["page"], deserializer=refuse)
    state._new_widget_state.set_widget_metadata(about)
    assert outside.changed_outside(state, asked(page=("int_value", 5)))


def test_a_field_that_was_cleared_has_no_kind(state):
    """Streamlit notes the kind of what came last: of nothing, none."""
    cleared = asked(page=("int_value", None))
    state._new_widget_state.set_widget_from_proto(cleared.widget_states.widgets[0])
    assert state["page"] == 5 and state._new_widget_state.widget_metadata["page"].value_type is None
    assert not outside.changed_outside(state, cleared)
    assert outside.changed_outside(state, asked(page=("int_value", 6)))


def test_what_is_about_the_page_or_meant_for_the_fragment_stays(state):
    changed = {"page": ("int_value", 6)}
    assert not outside.changed_outside(state, asked(fragments=(), **changed))
    assert not outside.changed_outside(state, asked(scoped=True, **changed))
    assert not outside.changed_outside(state, RerunData(fragment_id_queue=["f"]))


def test_two_fragments_at_once_are_both_drawn(state):
    changed = asked(fragments=("g",), **INNER)
    assert outside.changed_outside(state, changed)
    assert not outside.changed_outside(state, asked(fragments=("g", "f"), **INNER))


def test_the_whole_page_is_asked_for_with_all_that_was_said():
    given = asked(**INNER)
    whole = outside.widened(given)
    assert not (whole.fragment_id or whole.fragment_id_queue or whole.is_auto_rerun)
    assert whole.widget_states == given.widget_states and whole.query_string == "a=1"
