"""The page Learn in process: what it asks, and that nothing is answered beforehand."""

import pytest

from snnlab.ui.learn_texts import LESSONS


@pytest.fixture
def learn(app):
    app.session_state["auto"] = False
    app.run()
    return app.switch_page("app_pages/learn.py").run()


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.key for lesson in LESSONS])
def test_no_answer_is_there_before_it_is_given(learn, lesson):
    learn.session_state["lesson"] = lesson.key
    learn.run()
    assert not learn.exception
    asked = [item for item in (*learn.radio, *learn.number_input) if "answer-" in str(item.key)]
    assert asked and all(item.value is None for item in asked)
    next(button for button in learn.button if button.label == "Check").click().run()
    assert [item.value for item in learn.info] == ["Answer every question first."]
    assert not learn.session_state["learned"]


def test_the_lesson_on_chips_names_what_it_is_about(learn):
    learn.session_state["lesson"] = "chips"
    learn.run()
    told = [item.value for item in learn.caption if "mapping that Chips opens with" in item.value]
    assert len(told) == 1 and "*loihi*" in told[0] and "64 × 64 pixels" in told[0]
