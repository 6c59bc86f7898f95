"""Rows of the board's tables, as Markdown that nobody but the lab has written."""

from collections import defaultdict
from collections.abc import Sequence

from snnlab.lab.classroom.register import Standing, Student
from snnlab.ui.learn.texts import Lesson
from snnlab.ui.shared import words

QUIET = 300.0  # seconds without a word, after which a student no longer counts as active
FIRST = 0  # number of the first lesson
MOST = 40  # rows of wrong answers
NAMED = 6  # students that a row names


def places(students: Sequence[Student], lessons: Sequence[Lesson], now: float) -> dict[str, list]:
    """Who is where: columns of a table, a row for each student.

    Parameters
    ----------
    students : sequence of Student
    lessons : sequence of Lesson
        In their order on the page Learn.
    now : float
        Seconds of the class's clock.
    """
    table = {"Student": [words.plain(one.label) for one in students]}
    table["Page"] = [words.plain(one.page) or "–" for one in students]
    for number, lesson in enumerate(lessons, FIRST):
        table[str(number)] = [_mark(one, lesson.key) for one in students]
    table["Heard"] = [_ago(now - one.heard) for one in students]
    return table


def _mark(student: Student, key: str) -> str:
    stand = student.lessons.get(key, Standing())
    marks = [f"✗{stand.wrong}"] if stand.wrong else []
    marks += ["✓"] if stand.done else []
    marks += ["●"] if student.lesson == key else []
    return " ".join(marks) or "·"


def _ago(seconds: float) -> str:
    return "now" if seconds < 60 else f"{seconds / 60:.0f} min"


def stuck(student: Student) -> int:
    """Lessons in which the last answer was wrong."""
    return sum(bool(stand.told or stand.answer) for stand in student.lessons.values())


def wrong(students: Sequence[Student], lessons: Sequence[Lesson]) -> dict[str, list] | None:
    """What was answered wrong, by lesson and hint, the most frequent first; None if nothing was."""
    titles = {
        lesson.key: f"{number}. {lesson.title}" for number, lesson in enumerate(lessons, FIRST)
    }
    found = defaultdict(list)
    for one in students:
        for key, stand in one.lessons.items():
            if key in titles and (stand.told or stand.answer):
                found[key, stand.told].append(f"{one.label}: {stand.answer}")
    ordered = sorted(found.items(), key=lambda pair: -len(pair[1]))[:MOST]
    if not ordered:
        return None
    return {
        "Students": [len(said) for _, said in ordered],
        "Lesson": [words.plain(titles[key]) for (key, _), _ in ordered],
        "Answered": [_listed(said) for _, said in ordered],
        "The hint they got": [words.plain(_bare(told)) for (_, told), _ in ordered],
    }


def _listed(said: list[str]) -> str:
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return words.plain("; ".join(said[:NAMED]) + more)


def _bare(told: str) -> str:
    """A hint without its emphasis: what is left is shown letter by letter."""
    return told.replace("*", "").replace("\\", "")
