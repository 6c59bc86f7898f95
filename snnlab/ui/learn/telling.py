"""What of the lessons a class is told, if there is one (see `snnlab.ui.shared.classroom`)."""

from snnlab.lab.classroom.events import Answered, Done, Opened
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.shared import classroom


def opened(key: str) -> None:
    """A lesson is on the page."""
    classroom.note(Opened(key))


def answered(key: str, answers: tuple, verdict: Verdict) -> None:
    """An answer was judged; what only lacks a run yet is no answer."""
    if verdict.right is not None:
        said = tuple(one if isinstance(one, str) else f"{one:g}" for one in answers)
        classroom.note(Answered(key, said, verdict.right, verdict.text))


def done(key: str) -> None:
    """A lesson was completed."""
    classroom.note(Done(key))
