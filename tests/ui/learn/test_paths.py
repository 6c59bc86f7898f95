"""Two paths through the lessons, and links that open one."""

import pytest

from snnlab.ui.learn import paths
from snnlab.ui.learn.texts import LESSONS
from snnlab.ui.shared import session
from tests.ui import steps

PAGE = "pages/learn.py"


def open_lesson(app) -> str:
    """What is written above it."""
    (title,) = [item.value for item in app.main.subheader]
    return title


def in_address(app) -> str:
    """The lesson's number there."""
    value = app.query_params["lesson"]
    return value if isinstance(value, str) else value[0]


def offered(app) -> list[str]:
    pills = next(item for item in app.get("button_group") if item.label == "Lessons")
    return list(pills.options)


def choose_path(app, name: str):
    control = next(item for item in app.get("button_group") if str(item.key) == "path")
    return control.set_value(name).run()


def test_the_paths():
    assert paths.PATHS["short"].numbers == (0, 1, 2, 3, 7)
    assert paths.PATHS["long"].lessons == LESSONS and len(LESSONS) == 8


def test_a_link_opens_a_lesson():
    app = steps.visit(PAGE, lesson="3")
    assert not app.exception and open_lesson(app) == "3. Too few steps"
    assert in_address(app) == "3"
    app.query_params["lesson"] = "5"
    assert open_lesson(app.run()) == "5. Bounds for the rates"


def test_the_lesson_is_in_the_address_of_this_page_alone(page):
    assert open_lesson(page).startswith("0. ") and "lesson" not in page.query_params
    page.session_state["lesson"] = "rates"
    page.run()
    assert list(page.query_params) == ["lesson"] and in_address(page) == "2"
    page.switch_page("pages/rates.py").run()
    assert "lesson" not in page.query_params
    page.switch_page(PAGE).run()
    assert (
        open_lesson(page).startswith("2. ")
        and list(page.query_params) == ["lesson"]
        and in_address(page) == "2"
    )


@pytest.mark.parametrize("number", ["8", "<b>"])
def test_a_link_to_no_lesson_opens_the_first_and_says_so(number):
    app = steps.visit(PAGE, lesson=number)
    assert not app.exception and open_lesson(app).startswith("0. ")
    assert "lesson in the address is not the number of a lesson, 0 to 7" in steps.said(app)


def test_the_short_path_has_five_lessons_and_leads_through_them(page):
    page = choose_path(page, "short")
    assert [text.split(".")[0] for text in offered(page)] == ["0", "1", "2", "3", "7"]
    page.session_state["learned"] = {lesson.key for lesson in paths.PATHS["short"].lessons}
    page.run()
    for one in paths.PATHS["short"].lessons[1:]:
        steps.press(page, f"Next: {paths.number_of(one)}. {one.title}")
        assert page.session_state["lesson"] == one.key
    assert not [text for text in steps.labels(page) if "Next" in text]
    steps.press(page, "More: the lessons of the 90 minutes")
    assert len(offered(page)) == 8 and open_lesson(page).startswith("4. ")


def test_a_link_to_a_lesson_that_the_short_path_leaves_out(page):
    page = choose_path(page, "short")
    page.query_params["lesson"] = "6"
    page.run()
    assert open_lesson(page).startswith("6. ") and len(offered(page)) == 8


def test_the_short_path_begins_where_its_first_open_lesson_is(page):
    page.session_state["lesson"] = "chips"
    page.session_state["learned"] = {"picture", "spike"}
    page.run()
    page = choose_path(page, "short")
    assert open_lesson(page).startswith("2. ")


def test_path_and_lesson_are_kept_and_a_link_counts_for_more():
    found = {"path": "short", "lesson": "few"}
    assert session._said(found, {}) == found
    assert session._BEGIN.match("path") and not session._BEGIN.match("paths")
    assert session._said({"path": "<b>"}, {}) == {}
    assert session.beside_the_address(found, {"lesson": "7", "steps": "64"}) == {"path": "short"}
    assert session.beside_the_address(found, None) == found
