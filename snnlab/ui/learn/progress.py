"""What a visitor does on Learn, one plain function each: opens a lesson, answers, completes it.

Everything that a lesson says of a visitor's work goes through here, and from here to the class's
board, if there is a class.
"""

from dataclasses import dataclass

import streamlit as st

from snnlab.ui.learn import telling
from snnlab.ui.learn.checks import Verdict


@dataclass(frozen=True)
class Given:
    """An answer, what was true of the run that it is about, and what was said of it."""

    answers: tuple
    facts: object
    verdict: Verdict


def learned() -> set[str]:
    """Keys of the lessons that are completed; kept with the session."""
    return st.session_state.setdefault("learned", set())


def given(lesson: str) -> Given | None:
    """The visitor's last answer to a lesson's questions."""
    return st.session_state.setdefault("given", {}).get(lesson)


def opened(lesson: str) -> None:
    """A lesson is on screen."""
    telling.opened(lesson)


def answered(lesson: str, answer: Given) -> None:
    """The questions of a lesson were answered; right, wrong or not to be judged yet."""
    st.session_state.setdefault("given", {})[lesson] = answer
    telling.answered(lesson, answer.answers, answer.verdict)


def taken_back(lesson: str) -> None:
    """What was answered does not count: something is missing."""
    st.session_state.setdefault("given", {}).pop(lesson, None)


def completed(lesson: str) -> None:
    """A lesson was answered right, for the first time."""
    learned().add(lesson)
    telling.done(lesson)
