"""A server that serves a class: who sees the board, the lab or the page to join by."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from snnlab.lab import segmenting as lab
from snnlab.lab.classroom import invitation, register
from snnlab.lab.classroom.events import Answered, At, Done, Opened, Ran
from snnlab.ui.classroom import doors, join, rows
from snnlab.ui.learn import questions
from snnlab.ui.learn.texts import LESSONS
from snnlab.ui.shared import classroom, isbi_folder
from tests.ui import names, steps

ROOT = Path(__file__).resolve().parents[3]
CODE, BOARD = doors.CODE, doors.BOARD
PIXEL = np.zeros((1, 1), np.uint8)


@pytest.fixture
def room(monkeypatch):
    """The class of this process, which has just begun."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    monkeypatch.setenv(classroom.VARIABLE, "yes")
    monkeypatch.setattr(classroom, "_room", None)
    monkeypatch.setattr(classroom, "_hosts", None)
    # a browser's, which an app in process has not
    monkeypatch.setattr(doors, "_cookie", lambda name: "")
    monkeypatch.setattr(join, "_address", lambda: "10.0.0.2")
    return classroom.room()


def come(**query) -> AppTest:
    """Somebody new, by an address."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.session_state["auto"] = False
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def titles(page) -> list[str]:
    return [item.value for item in page.title]


def press(page, label):
    steps.press(page, label)
    assert not page.exception


def joined(room) -> AppTest:
    """A student."""
    page = come(**{CODE: room.code})
    press(page, "Join")
    return page


def test_the_ordinary_lab_knows_nothing_of_it(app, monkeypatch):
    monkeypatch.delenv(classroom.VARIABLE, raising=False)
    for name, value in {CODE: "KXQ4M7", BOARD: "open"}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception and "Timesteps" in [item.label for item in app.select_slider]
    assert not {"Join the class", "Class board"} & set(titles(app))
    assert "In class" not in steps.said(app)
    assert classroom.room() is None and classroom.hosts() == ()
    classroom.note(At("Learn"))  # no harm
    classroom.announce()


@pytest.mark.parametrize("query", [{}, {"steps": "16"}, {CODE: "WRONG7"}])
def test_without_the_code_nothing_of_the_lab_is_drawn(room, query):
    page = come(**query)
    assert titles(page) == ["Join the class"]
    assert not page.sidebar.children and "shown" not in page.session_state
    press(page, "Join")
    assert [item.value for item in page.error] == [register.WRONG] and not room.students()


def test_a_student_joins_by_the_address_of_the_qr_code(room):
    page = joined(room)
    (student,) = room.students()
    assert student.label in steps.said(page) and student.page == "Learn"
    assert student.lesson == LESSONS[0].key
    assert CODE not in page.query_params
    assert [item.label for item in page.button if item.label == "Check"]  # a lesson


def test_a_student_chooses_what_to_be_called(room):
    page = come()
    suggested = [page.selectbox(key).value for key in ("class-colour", "class-animal")]
    page.text_input("class-code").input(room.code.lower())
    page.selectbox("class-colour").set_value("Teal")
    page.selectbox("class-animal").set_value("otter")
    press(page, "Join")
    assert [one.label for one in room.students()] == ["Teal otter"] and all(suggested)
    other = come(**{CODE: room.code})
    other.selectbox("class-colour").set_value("Teal")
    other.selectbox("class-animal").set_value("otter")
    press(other, "Join")
    assert "already called Teal otter" in other.error[0].value


def test_another_name_is_picked(room):
    page, seen = come(), set()
    for _ in range(6):
        press(page, "Pick another name for me")
        seen.add((page.selectbox("class-colour").value, page.selectbox("class-animal").value))
    assert len(seen) > 1


def test_who_is_tried_out_too_often_is_told_to_wait(room):
    page = come(**{CODE: "WRONG7"})
    for _ in range(21):
        press(page, "Join")
    assert "Too many wrong codes" in page.error[0].value


def test_a_student_leaves(room):
    page = joined(room)
    press(page, "Leave the class")
    assert room.students() == () and titles(page) == ["Join the class"]


def test_the_board_opens_to_its_address_alone(room):
    for token in ("", "open", room.code, "x" * 22):
        page = come(**{BOARD: token})
        assert "does not open the board" in page.warning[0].value
        assert not page.metric and room.code not in steps.said(page)
    page = come(**{BOARD: room.board})
    assert page.metric[0].value == "0" and page.query_params[BOARD] == doors.OPEN
    assert "Nobody has joined yet" in steps.said(page)
    page.run()  # without the token in the address
    assert page.metric[0].value == "0"


def test_a_student_does_not_open_the_board(room):
    page = joined(room)
    page.query_params[BOARD] = "open"
    page.run()
    assert "does not open the board" in page.warning[0].value and not page.metric


def test_the_teacher_may_use_the_lab_and_is_no_student(room):
    page = come(**{BOARD: room.board})
    del page.query_params[BOARD]
    page.run()
    assert "You are the teacher" in steps.said(page) and room.students() == ()


def test_a_cookie_brings_both_back(room, monkeypatch):
    joined(room)
    token = next(iter(room._students))
    kept = {}
    monkeypatch.setattr(doors, "_cookie", lambda name: kept.get(name, ""))
    kept[classroom.SEAT] = token
    page = come()
    assert room.students()[0].label in steps.said(page) and len(room.students()) == 1
    kept.clear()
    kept[classroom.TEACHER] = room.board
    assert come(**{BOARD: "open"}).metric
    kept.clear()
    kept[classroom.SEAT] = room.board
    assert titles(come()) == ["Join the class"]


def test_the_board_shows_who_is_where_and_what_was_wrong(room):
    student = joined(room)
    student.session_state["lesson"] = "spike"
    student.run()
    fields = {str(item.key): item for item in student.number_input}
    fields["answer-count"].set_value(1)
    fields["answer-rate"].set_value(1.0)
    press(student, "Check")
    board = come(**{BOARD: room.board})
    places, wrong = (table.value for table in board.table)
    number = next(n for n, one in enumerate(LESSONS, rows.FIRST) if one.key == "spike")
    label = room.students()[0].label
    assert places["Student"].tolist() == [label] and places["Page"].tolist() == ["Learn"]
    assert places[str(number)].tolist() == ["✗1 ●"]
    assert wrong["Answered"].tolist()[0].replace("\\", "") == f"{label}: 1, 1"
    assert "Count the marks" in wrong["The hint they got"].tolist()[0]
    assert [item.value for item in board.metric] == ["1", "1", "0", "1"]
    assert not board.get("plotly_chart")
    # and right: with what the run itself says
    result = lab.default_result()
    sent, seconds = questions.spike_facts(result)
    fields = {str(item.key): item for item in student.number_input}
    fields["answer-count"].set_value(sent)
    fields["answer-rate"].set_value(sent / seconds)
    press(student, "Check")
    board.run()
    assert [item.value for item in board.metric] == ["1", "1", "1", "0"]
    assert board.table[0].value[str(number)].tolist() == ["✗1 ✓ ●"] and len(board.table) == 1


def test_a_run_is_a_dot(room):
    student = joined(room)
    student.session_state["auto"] = True
    student.query_params["steps"] = "8"
    student.run()
    steps.until(student, lambda: student.session_state.shown.timesteps == 8)
    board = come(**{BOARD: room.board})
    assert len(board.get("plotly_chart")) == 1
    (one,) = room.students()
    assert one.runs == 1 and one.run.timesteps == 8
    shown = student.session_state.shown
    assert one.run.accuracy == shown.snn_scores.pixel_accuracy
    # what it costs: rate times time, 1 ms a step
    assert one.run.spikes_per_neuron == pytest.approx(shown.mean_rate_hz * 8 / 1000)
    told = steps.said(board)
    assert "spikes per neuron" in told and "Left is cheaper, up" not in told


def test_what_students_say_is_text(room):
    token = room.join(room.code, "Teal", "otter", "x")
    room.note(token, At(names.EVIL))
    room.note(token, Opened("spike"))
    room.note(token, Answered("spike", (names.EVIL,), False, names.EVIL))
    room.note(token, Answered(names.EVIL, (names.EVIL,), False, names.EVIL))
    room.note(token, Ran(1.0, 0.5, 0.5, 64, names.EVIL, 0.1))
    board = come(**{BOARD: room.board})
    count, wrong = names.wrong(board)
    assert count >= 3 and wrong == []


def test_no_student_names_a_folder_of_the_computer(room):
    """Whatever a session that was kept, or a browser, says."""
    name, here = "Folder of the ISBI 2012 volumes", str(ROOT / "tests")
    student, teacher = joined(room), come(**{BOARD: room.board})
    del teacher.query_params[BOARD]
    for page, field in ((student, []), (teacher, [name])):
        page.query_params["source"] = "isbi"
        page.run()
        page.session_state["isbi-folder"] = here
        page.run()
        assert [item.label for item in page.text_input] == field
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(isbi_folder.st, "session_state", page.session_state)
            assert isbi_folder.given() == (here if field else None)
    assert "started without the ISBI sections" in steps.said(student)


def test_the_teacher_ends_the_class(room):
    student, board = joined(room), come(**{BOARD: room.board})
    press(board, "End it now")
    assert room.students() == () and "everything about it is forgotten" in board.info[0].value
    student.run()
    assert "Your class is over" in steps.said(student)  # and may go on by themselves
    assert "has ended" in come().info[0].value
    press(board, "Begin another class")
    assert room.code and board.metric[0].value == "0"
    press(student, "Join a class")
    assert titles(student) == ["Join the class"]


def test_after_the_class_a_reload_has_a_way_on(room, monkeypatch):
    student = joined(room)
    kept = {classroom.SEAT: student.session_state[classroom.SEAT]}
    room.end()
    assert "Go on by yourself" not in steps.labels(come())  # a stranger
    monkeypatch.setattr(doors, "_cookie", lambda name: kept.get(name, ""))
    again = come()  # the same browser, whose work is in it
    assert titles(again) == ["Join the class"] and "has ended" in again.info[0].value
    assert not again.sidebar.children
    press(again, "Go on by yourself")
    assert "Timesteps" in [item.label for item in again.select_slider]
    assert "Your class is over" in steps.said(again) and room.students() == ()
    # the next class is open to them, as to anybody with its code
    room.begin()
    again = come()
    assert {"Join", "Go on by yourself"} <= set(steps.labels(again))
    press(again, "Go on by yourself")
    press(again, "Join a class")
    assert titles(again) == ["Join the class"] and room.students() == ()
    kept[classroom.SEAT] = "x" * 22
    assert "Go on by yourself" not in steps.labels(come())


def test_the_foot_looks_by_itself_whether_the_class_goes_on(room, monkeypatch):
    polled = []
    fragment = doors.st.fragment
    monkeypatch.setattr(
        doors.st, "fragment", lambda part, **kw: polled.append((part, kw)) or fragment(part, **kw)
    )
    student = joined(room)
    feet = [kw["run_every"] for part, kw in polled if part is doors._seated]
    assert feet[-1] == doors.EVERY
    room.end()
    student.run()
    feet = [kw["run_every"] for part, kw in polled if part is doors._seated]
    assert feet[-1] is None  # nothing to look for


def test_thirty_students_fit_on_the_board(room):
    for number in range(30):
        token = room.join(room.code, *room.suggested(), str(number))
        for lesson in LESSONS:
            room.note(token, Opened(lesson.key))
            room.note(token, Answered(lesson.key, ("1",), False, f"Hint {number % 3}."))
        room.note(token, Ran(10.0 + number, 0.9, 0.9, 64, "b" if number % 4 else "c", 0.6))
        room.note(token, Done(LESSONS[0].key))
    board = come(**{BOARD: room.board})
    places, wrong = (table.value for table in board.table)
    assert len(places) == 30 and wrong["Students"].tolist() == [10] * (3 * (len(LESSONS) - 1))
    assert wrong["Answered"].tolist()[0].endswith("and 4 more")


def test_the_board_sends_nobody_where_the_server_does_not_answer(room, monkeypatch):
    """It answers to the addresses of when it began."""
    asked = []
    monkeypatch.setattr(invitation, "picture", lambda text: asked.append(text) or PIXEL)
    monkeypatch.setattr(invitation, "addresses", lambda: ("10.0.0.7", "192.168.1.9"))
    assert classroom.hosts() == ("10.0.0.7", "192.168.1.9")
    monkeypatch.setattr(invitation, "addresses", lambda: ("172.16.0.3", "192.168.1.9"))
    come(**{BOARD: room.board})
    assert len(asked) == 1 and asked[0].startswith("http://192.168.1.9:")
    monkeypatch.setattr(invitation, "addresses", lambda: ("172.16.0.3",))
    board = come(**{BOARD: room.board})
    assert len(asked) == 1 and "cannot reach this computer" in board.warning[0].value


# ---- what the terminal says ---------------------------------------------------------------


def test_the_terminal_says_how_to_join_and_where_the_board_is(room):
    told = classroom.told(room, ("10.0.0.7", "192.168.1.9"), 8501)
    for part in (
        "http://10.0.0.7:8501\n",
        "http://192.168.1.9:8501\n",
        register.shown(room.code),
        f"http://localhost:8501/?board={room.board}",
        f"{register.HOURS} hours",
        invitation.drawn(f"http://10.0.0.7:8501/?class={room.code}"),
    ):
        assert part in told
    assert "on no network" in classroom.told(room, (), 8501)
