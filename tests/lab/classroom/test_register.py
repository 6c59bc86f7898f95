"""A class in memory: who gets in, what is kept of them, how much of it, and for how long."""

import pickle
import threading

import pytest

from snnlab.errors import LabError
from snnlab.lab.classroom import guesses, labels, register
from snnlab.lab.classroom.events import Answered, At, Done, Opened, Ran
from snnlab.lab.classroom.register import Classroom, Standing

RAN = Ran(45.0, 0.92, 0.98, 64, "a" * 16, 2.88)


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def room(clock):
    return Classroom(clock)


def join(room, label="Teal otter", who="10.0.0.2"):
    return room.join(room.code, *label.split(), who)


def only(room):
    (one,) = room.students()
    return one


def test_a_code_is_read_aloud_without_mistakes(room):
    assert len(room.code) == register.LENGTH
    assert set(room.code) <= set(register.LETTERS)
    assert not set(register.LETTERS) & set("AEIOU01L")
    assert Classroom().code != room.code and Classroom().board != room.board


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}", "{1}-"])
def test_a_code_may_be_typed_as_people_do(room, typed):
    code = room.code
    said = typed.format(code, register.shown(code), code.lower())
    token = room.join(said, "Teal", "otter", "10.0.0.2")
    assert room.label_of(token) == "Teal otter"


@pytest.mark.parametrize("typed", ["", "AAAAAA", "{}X", "É" * 6, "\ud800", "x" * 10_000])
def test_with_a_wrong_code_nobody_gets_in(room, typed):
    with pytest.raises(LabError, match="not the code"):
        room.join(typed.format(room.code), "Teal", "otter", "10.0.0.2")
    assert room.students() == ()


def test_codes_cannot_be_tried_out(room, clock):
    for _ in range(guesses.TRIES):
        with pytest.raises(LabError, match="not the code"):
            room.join("WRONG", "Teal", "otter", "10.0.0.9")
    with pytest.raises(LabError, match="Too many wrong codes"):
        join(room, who="10.0.0.9")  # the right one: else it would be found out by this
    assert join(room, "Red fox", who="10.0.0.2")  # elsewhere
    clock.now += guesses.WINDOW
    assert join(room, who="10.0.0.9")


def test_addresses_that_are_remembered_are_bounded(clock):
    found = guesses.Guesses(clock)
    for number in range(3 * guesses.MOST):
        found.wrong(str(number))
    assert len(found._wrong) == guesses.MOST
    for _ in range(3 * guesses.TRIES):
        found.wrong("one")
    assert len(found._wrong["one"]) == guesses.TRIES and not found.may("one")


@pytest.mark.parametrize(
    "label", [("Anna", "Smith"), ("Teal", "<b>"), ("", ""), ("otter", "Teal"), ("Teal", "Otter")]
)
def test_a_label_is_a_colour_and_an_animal_and_nothing_else(room, label):
    with pytest.raises(LabError, match="Choose a colour"):
        room.join(room.code, *label, "10.0.0.2")


def test_no_two_are_called_the_same(room):
    join(room)
    with pytest.raises(LabError, match="already called Teal otter"):
        join(room)
    assert len(room.students()) == 1


def test_a_suggestion_is_free_until_nothing_is_left():
    taken = {f"{colour} {animal}" for colour in labels.COLOURS for animal in labels.ANIMALS}
    assert len(taken) > register.MOST
    taken.discard("Mint hare")
    assert labels.free(taken) == ("Mint", "hare")


def test_a_class_has_room_for_so_many(room):
    for number in range(register.MOST):
        room.join(room.code, *room.suggested(), f"10.0.{number}.1")
    with pytest.raises(LabError, match="full"):
        room.join(room.code, *room.suggested(), "10.1.0.1")
    assert len(room.students()) == register.MOST


def test_what_a_student_does_is_seen(room, clock):
    token = join(room)
    for event in (At("Learn"), Opened("spike"), RAN):
        clock.now += 1
        room.note(token, event)
    seen = only(room)
    assert (seen.page, seen.lesson, seen.run, seen.runs) == ("Learn", "spike", RAN, 1)
    assert seen.heard == clock.now


def test_who_was_in_a_class_that_ended_is_known_by_the_token_alone(room, clock):
    stays, left = join(room), join(room, "Red fox")
    room.leave(left)
    assert not room.was_in(stays)  # still goes on
    room.end()
    assert room.was_in(stays) and room.students() == () and room.label_of(stays) is None
    for token in (left, "", "x" * 22, room.board):
        assert not room.was_in(token)
    assert b"Teal otter" not in pickle.dumps(room._former)
    room.begin()
    assert room.was_in(stays)  # and is not in this one
    clock.now += 3600 * register.HOURS
    assert not room.was_in(stays) and not room._former


def test_former_students_that_are_remembered_are_bounded(room):
    for _ in range(register.FORMER // 150 + 2):
        for number in range(150):
            last = room.join(room.code, *room.suggested(), f"10.0.{number}.1")
        room.begin()
    assert len(room._former) == register.FORMER and room.was_in(last)


def test_an_answer_is_wrong_until_it_is_put_right(room):
    token = join(room)
    room.note(token, Answered("spike", ("7", "12"), False, "Count again."))
    room.note(token, Answered("spike", ("8", "12"), False, "Count again!"))
    assert only(room).lessons["spike"] == Standing(False, 2, "8, 12", "Count again!")
    room.note(token, Answered("spike", ("9", "140"), True, "Right."))
    room.note(token, Done("spike"))
    assert only(room).lessons["spike"] == Standing(True, 2, "", "")


def test_what_is_seen_does_not_change_under_the_eyes(room):
    token = join(room)
    before = room.students()
    room.note(token, Done("spike"))
    assert before[0].lessons == {} and only(room).lessons["spike"].done


def test_what_is_kept_of_a_student_is_bounded(room):
    """Whatever is said: the longest texts, in letters of four bytes, a thousand times."""
    token = join(room)
    wide = "\U0001f989"
    for number in range(1000):
        name = f"{number}{wide * 1000}"
        room.note(token, At(name))
        room.note(token, Opened(name))
        room.note(token, Answered(name, (wide * 1000,) * 9, False, wide * 1000))
        room.note(token, Done(str(number)))
        room.note(token, RAN)
    assert len(only(room).lessons) == register.LESSONS
    assert len(pickle.dumps(only(room))) < register.BYTES


@pytest.mark.parametrize("token", ["", "x", "\ud800"])
def test_nothing_is_kept_of_who_is_not_in_the_class(room, token):
    room.note(token, Done("spike"))
    assert room.students() == () and room.label_of(token) is None


def test_who_leaves_is_forgotten(room):
    token = join(room)
    room.leave(token)
    assert room.students() == () and room.label_of(token) is None
    assert join(room)  # the label is free again


@pytest.mark.parametrize("hours", [register.HOURS, -1])
def test_a_class_is_forgotten_when_its_time_is_over(room, clock, hours):
    """And when the clock was set back, by which one could not tell."""
    token, code = join(room), room.code
    clock.now += 3600 * register.HOURS - 1
    assert room.students() and 0 < room.left <= 1
    clock.now += 3600 * hours - 3600 * register.HOURS + 1 if hours < 0 else 1
    room.tidy()
    assert room._students == {} and room.code == "" and room.left == 0
    assert room.label_of(token) is None
    with pytest.raises(LabError, match="has ended"):
        room.join(code, "Teal", "otter", "10.0.0.2")


def test_the_teacher_ends_it_and_begins_another(room):
    token, code = join(room), room.code
    room.end()
    assert (room.students(), room.code) == ((), "")
    for said in (code, ""):
        with pytest.raises(LabError, match="has ended"):
            room.join(said, "Teal", "otter", "10.0.0.2")
    room.begin()
    assert room.code not in ("", code) and room.students() == ()
    room.note(token, Done("spike"))
    assert room.students() == ()


def test_the_board_is_the_teachers(room):
    assert len(room.board) >= 22  # 128 bits
    assert room.is_teacher(room.board)
    for token in ("", "open", room.board[:-1], room.board + "x", room.code, join(room), "\ud800"):
        assert not room.is_teacher(token)


def test_many_at_once_lose_nothing(room):
    tokens = [room.join(room.code, *room.suggested(), "x") for _ in range(8)]

    def work(token):
        for _ in range(200):
            room.note(token, Answered("spike", ("1",), False, "No."))

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [one.lessons["spike"].wrong for one in room.students()] == [200] * 8
