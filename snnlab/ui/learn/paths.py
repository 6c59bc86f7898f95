"""Which lessons, in which order, and which one is open: chosen at the top, or by the address."""

from dataclasses import dataclass

import streamlit as st

from snnlab.ui.learn import progress
from snnlab.ui.learn.texts import LESSONS, Lesson
from snnlab.ui.shared import bench

ADDRESS = "lesson"  # in the address: its number, so that a link opens it
_WRITTEN = "lesson-written"  # session: what this page has put there
_TURNED = "lesson-turned"  # session: a button has opened another lesson since the last draw


@dataclass(frozen=True)
class Path:
    """Lessons for so much time.

    Attributes
    ----------
    title : str
    numbers : tuple of int
        Places in `LESSONS`, in the order in which they are taken.
    """

    title: str
    numbers: tuple[int, ...]

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Those lessons."""
        return tuple(LESSONS[number] for number in self.numbers)


PATHS = {
    "short": Path("20 minutes: five lessons", (0, 1, 2, 3, 7)),
    "long": Path("90 minutes: all lessons", tuple(range(len(LESSONS)))),
}


def number_of(lesson: Lesson) -> int:
    """As it is called: from 0."""
    return LESSONS.index(lesson)


def chosen() -> Path:
    """The path that the visitor is on."""
    return PATHS.get(st.session_state.get("path"), PATHS["long"])


def draw() -> Lesson:
    """The controls: path, how far the visitor is, lessons; gives the one that is open."""
    state = st.session_state
    _follow()
    state.setdefault("path", "long")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.segmented_control(
            "How much time do you have?",
            list(PATHS),
            required=True,
            format_func=lambda name: PATHS[name].title,
            key="path",
            persist_state="session",
            on_change=_path_chosen,
        )
        learned, path = progress.learned(), chosen()
        done = len(learned & {lesson.key for lesson in path.lessons})
        st.progress(
            done / len(path.lessons),
            text=f"{done} of {len(path.lessons)} lessons completed",
            width=320,
        )
    by_key = {lesson.key: lesson for lesson in path.lessons}
    if state.get("lesson") not in by_key:
        state["lesson"] = LESSONS[0].key
    key = st.pills(
        "Lessons",
        list(by_key),
        required=True,
        format_func=lambda name: (
            f"{':material/check: ' if name in learned else ''}"
            f"{number_of(by_key[name])}. {by_key[name].title}"
        ),
        key="lesson",
        persist_state="session",
        label_visibility="collapsed",
    )
    _write(number_of(by_key[key]))
    return by_key[key]


def after(lesson: Lesson) -> Lesson | None:
    """The next one on the path; None after its last."""
    lessons = chosen().lessons
    place = lessons.index(lesson) + 1
    return lessons[place] if place < len(lessons) else None


def turn_to(key: str) -> None:
    """Open a lesson; for a button, which is below the one that is read: see `turned`."""
    st.session_state["lesson"] = key
    st.session_state[_TURNED] = True


def turned() -> bool:
    """Whether a button has opened the lesson, once: then it is to be read from its beginning."""
    return st.session_state.pop(_TURNED, False)


def take_the_long_one() -> None:
    """Go on where the short path left lessons out; for a button."""
    state = st.session_state
    state["path"] = "long"
    left = [lesson.key for lesson in LESSONS if lesson.key not in progress.learned()]
    turn_to(left[0] if left else LESSONS[0].key)


def _path_chosen() -> None:
    """Stay with the lesson that is open, or begin with the first that is not completed."""
    state, lessons = st.session_state, chosen().lessons
    if state.get("lesson") not in [lesson.key for lesson in lessons]:
        left = [lesson.key for lesson in lessons if lesson.key not in progress.learned()]
        state["lesson"] = left[0] if left else lessons[0].key


def _follow() -> None:
    """Open the lesson that the address names, if it was typed, followed or gone back to."""
    state, found = st.session_state, bench.beside(ADDRESS)
    if found is None or found[0] == state.get(_WRITTEN):
        return
    state[_WRITTEN], number = found[0], int(found[0])
    state["lesson"] = LESSONS[number].key
    if number not in chosen().numbers:
        state["path"] = "long"


def _write(number: int) -> None:
    """Put the lesson into the address; the first one needs none."""
    state, found = st.session_state, bench.beside(ADDRESS)
    text = str(number)
    if text == (found[0] if found else "0"):
        return
    state[_WRITTEN] = text
    bench.put_beside(ADDRESS, text, None)
    bench.write_address(state.settings)
