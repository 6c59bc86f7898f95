"""A press counts with what the controls say when it is heeded."""

import pytest
from streamlit.testing.v1 import AppTest

PAGE = """
import streamlit as st
from snnlab.ui.shared import long_work

state = st.session_state
state.setdefault("begun", [])
steps = st.slider("steps", 1, 9, 3)
if st.toggle("there", True):
    long_work.start(st.container(), "Start", "begin", state.begun.append, steps)
long_work.forget()
"""


@pytest.fixture
def page():
    return AppTest.from_string(PAGE, default_timeout=60).run()


def test_a_press_right_after_a_move_is_about_the_new_value(page):
    page.slider[0].set_value(7)
    page.button("begin").click().run()
    assert page.session_state.begun == [7]
    page.run()
    assert page.session_state.begun == [7]  # once
    page.button("begin").click().run()
    assert page.session_state.begun == [7, 7] and not page.exception


def test_a_press_of_what_is_gone_by_then_does_nothing_later(page):
    page.toggle[0].set_value(False)
    page.button("begin").click().run()
    page.toggle[0].set_value(True).run()
    assert page.session_state.begun == [] and not page.exception
