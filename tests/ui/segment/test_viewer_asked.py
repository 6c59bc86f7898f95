"""What the pictures ask for, on its way while the page changes."""

from streamlit.testing.v1 import AppTest


def test_a_question_that_comes_when_the_pictures_are_gone_is_let_go():
    def page():
        import streamlit as st

        from snnlab.ui.segment import viewer

        viewer._asked()
        st.caption(str(viewer._ASKED in st.session_state))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert app.caption[0].value == "False"
