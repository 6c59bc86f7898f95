"""A control that is gone holds nothing any more; one that is still there works as before."""

import gc

import pytest
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from snnlab.ui.shared import stale

PAGE = '''
import streamlit as st

class HeldByAButton:
    """As large as one likes."""

state = st.session_state
state.setdefault("number", 0)
state.setdefault("said", [])

def press(run, number):
    state.said.append(number)

def talks(key):
    speaker = st.components.v2.component("speaker", js="export default () => {}")
    speaker(key=key, on_said_change=lambda: None)

def part():
    talks("inside")
    st.button("inner", key="inner", on_click=press, args=(None, "inner"))

st.button("next", key="next", on_click=lambda: state.update(number=state.number + 1))
given = HeldByAButton(), state.number
st.button("run", key=f"run-{state.number}", on_click=press, args=given)
del given
st.text_input("name", key="name")
talks("always")
if not state.number:
    talks("first")
st.fragment(part)()
'''


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(SessionState, "_remove_stale_widgets", stale._remove)
    monkeypatch.setattr(stale, "KEPT", 0.0)
    return AppTest.from_string(PAGE, default_timeout=60).run()


def runs() -> int:
    gc.collect()
    return sum(type(one).__name__ == "HeldByAButton" for one in gc.get_objects())


def test_what_the_buttons_of_earlier_images_would_have_done_is_let_go(page):
    for _ in range(5):
        page.button("next").click().run()
    page.text_input("name").input("tissue").run()
    assert not page.exception
    assert runs() == 1


def known(page) -> str:
    return " ".join(page.session_state._state._state._new_widget_state.widget_metadata)


def test_a_press_that_is_on_its_way_while_the_page_is_drawn_anew_is_heeded(page, monkeypatch):
    monkeypatch.setattr(stale, "KEPT", 10.0)
    page.button("next").click().run()
    page.button("next").click().run()
    assert "run-0" in known(page) and "run-1" in known(page)
    monkeypatch.setattr(stale, "KEPT", 0.0)
    page.button("next").click().run()
    assert "run-0" not in known(page) and "run-3" in known(page)


def test_buttons_and_fields_that_stay_do_what_they_did(page):
    page.text_input("name").input("tissue").run()
    page.button("next").click().run()
    page.button("run-1").click().run()
    page.button("inner").click().run()
    page.button("run-1").click().run()
    assert page.session_state.said == [1, "inner", 1]
    assert page.text_input("name").value == "tissue"


def test_what_components_say_is_still_taken_in(page):
    """Streamlit notes the component as drawn, and not the widget that its words come by."""

    def listening() -> list[str]:
        names = known(page).split()
        return sorted(name.split("-")[-1] for name in names if name.endswith("__events"))

    assert listening() == ["always__events", "first__events", "inside__events"]
    page.button("inner").click().run()
    assert listening() == ["always__events", "first__events", "inside__events"]
    page.button("next").click().run()
    page.text_input("name").input("tissue").run()
    assert not page.exception
    assert listening() == ["always__events", "inside__events"]


def test_without_it_streamlit_holds_them_all(page, monkeypatch):
    """Should this fail, Streamlit forgets them itself, and `stale` can go."""
    monkeypatch.setattr(SessionState, "_remove_stale_widgets", stale._real_remove)
    for _ in range(5):
        page.button("next").click().run()
    assert runs() == 6
