"""The class as the server knows it: students, what they answered and ran. Read this first.

All of it is in memory, of bounded size, and forgotten `HOURS` after the class began or as soon as
the teacher ends it. A student is known by a token of 128 random bits that only that browser has;
the teacher by one that is printed in the terminal. Of a class that has ended the tokens are kept
for as long again, without a name: whoever has one may go on alone.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from snnlab.errors import LabError
from snnlab.lab.classroom import labels
from snnlab.lab.classroom.events import Answered, At, Done, Event, Opened, Ran
from snnlab.lab.classroom.guesses import WINDOW, Guesses

HOURS = 8  # after which a class is forgotten
MOST = 200  # students
FORMER = 1000  # tokens of classes that have ended
LESSONS = 12  # of a student, of which something is kept
NAME, ANSWER, TOLD = 40, 80, 200  # letters that are kept of each
BYTES = 20_000  # that all this takes of a student, at most (a test fills it)
# no vowels, so that no words come of it; nothing that looks like something else
LETTERS = "BCDFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 6

WRONG = "That is not the code of this class. It is on the board, beside the QR code."
ENDED = "This class has ended. Ask your teacher whether another one begins."


@dataclass(frozen=True)
class Standing:
    """How a student stands in a lesson.

    Attributes
    ----------
    done : bool
    wrong : int
        Wrong answers so far.
    answer, told : str
        The last one that was wrong, and the hint that was given; nothing once it is put right.
    """

    done: bool = False
    wrong: int = 0
    answer: str = ""
    told: str = ""


@dataclass(frozen=True)
class Student:
    """What the board shows of a student.

    Attributes
    ----------
    label : str
    heard : float
        When something was last heard, in seconds of the class's clock.
    page, lesson : str
        Where the student is: the page's title, the lesson's key; nothing before the first.
    lessons : mapping of str to Standing
    run : Ran or None
        The last one.
    runs : int
    """

    label: str
    heard: float
    page: str = ""
    lesson: str = ""
    lessons: Mapping[str, Standing] = field(default_factory=dict)
    run: Ran | None = None
    runs: int = 0


class Classroom:
    """One class at a time. May be called from any thread.

    Parameters
    ----------
    clock : callable
        Seconds, those of the wall: a laptop that sleeps does not keep a class for longer.

    Attributes
    ----------
    board : str
        The teacher's token.
    """

    def __init__(self, clock: Callable[[], float] = time.time):
        self.clock = clock
        self.board = secrets.token_urlsafe(16)
        self._guard = threading.RLock()
        self._guesses = Guesses(clock)
        self._students: dict[str, Student] = {}
        self._former: dict[str, float] = {}  # when the class of each ended
        self._code = ""
        self._begun = 0.0
        self.begin()

    # ---- the teacher's ---------------------------------------------------------------------

    def begin(self) -> None:
        """A class with nobody in it and another code; the one before is forgotten."""
        with self._guard:
            self.end()
            self._code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            self._begun = self.clock()

    def end(self) -> None:
        """Forget everything but that these tokens were let in."""
        with self._guard:
            self._former |= dict.fromkeys(self._students, self.clock())
            self._former = dict([*self._former.items()][-FORMER:])
            self._students, self._code = {}, ""

    def tidy(self) -> None:
        """End it if its time is over, and forget who was in one long ago."""
        with self._guard:
            if self._code and not self._lately(self._begun):
                self.end()
            self._former = {who: at for who, at in self._former.items() if self._lately(at)}

    def _lately(self, at: float) -> bool:
        return 0 <= self.clock() - at < 3600 * HOURS

    @property
    def code(self) -> str:
        """What students type; nothing once the class has ended."""
        with self._guard:
            self.tidy()
            return self._code

    @property
    def left(self) -> float:
        """Seconds until it is forgotten."""
        with self._guard:
            return self._begun + 3600 * HOURS - self.clock() if self.code else 0.0

    def is_teacher(self, token: str) -> bool:
        """Whether this is the board's token."""
        return _same(token, self.board)

    def students(self) -> tuple[Student, ...]:
        """Everybody, in the order of their labels."""
        with self._guard:
            self.tidy()
            return tuple(sorted(self._students.values(), key=lambda one: one.label))

    # ---- the students' ---------------------------------------------------------------------

    def suggested(self) -> tuple[str, str]:
        """A colour and an animal that nobody has."""
        with self._guard:
            return labels.free({one.label for one in self._students.values()})

    def join(self, code: str, colour: str, animal: str, who: str) -> str:
        """Take somebody in.

        Parameters
        ----------
        code : str
            As it was typed.
        colour, animal : str
            See `labels`.
        who : str
            The address that it comes from, to count wrong codes by.

        Returns
        -------
        str
            The student's token.

        Raises
        ------
        LabError
            If the code is wrong, the label taken, or the class full or over.
        """
        with self._guard:
            if not self.code:
                raise LabError(ENDED)
            if not self._guesses.may(who):
                raise LabError(
                    f"Too many wrong codes came from your network. Wait {WINDOW:.0f} seconds, and"
                    " read the code on the board again."
                )
            if not _same(written(code), self.code):
                self._guesses.wrong(who)
                raise LabError(WRONG)
            label = labels.named(colour, animal)
            if label is None:
                raise LabError("Choose a colour and an animal.")
            if any(one.label == label for one in self._students.values()):
                raise LabError(f"Somebody here is already called {label}. Choose another.")
            if len(self._students) >= MOST:
                raise LabError(f"The class is full: {MOST} have joined.")
            token = secrets.token_urlsafe(16)
            self._students[token] = Student(label, self.clock())
            return token

    def label_of(self, token: str) -> str | None:
        """What a student is called; None if nobody of this class has the token."""
        with self._guard:
            self.tidy()
            found = self._students.get(token)
            return None if found is None else found.label

    def was_in(self, token: str) -> bool:
        """Whether somebody with this token was in a class until it ended, `HOURS` ago at most."""
        with self._guard:
            self.tidy()
            return token in self._former

    def leave(self, token: str) -> None:
        """Forget a student."""
        with self._guard:
            self._students.pop(token, None)

    def note(self, token: str, event: Event) -> None:
        """Something happened to a student; nothing is kept of who is in no class."""
        with self._guard:
            self.tidy()
            found = self._students.get(token)
            if found is not None:
                self._students[token] = replace(_after(found, event), heard=self.clock())


def written(code: str) -> str:
    """A code as it is, whatever spaces and small letters it was typed with."""
    return "".join(letter for letter in code[:NAME].upper() if letter.isalnum())


def shown(code: str) -> str:
    """A code as people read it out: two groups of three."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode(errors="replace"))


def _after(student: Student, event: Event) -> Student:
    """A student after an event."""
    match event:
        case At(page):
            return replace(student, page=page[:NAME])
        case Ran():
            return replace(student, run=event, runs=student.runs + 1)
        case Opened(lesson):
            return replace(student, lesson=lesson[:NAME])
        case Done(lesson):
            return _stands(student, lesson, done=True, answer="", told="")
        case Answered(lesson, right=True):
            return _stands(student, lesson, answer="", told="")
        case Answered(lesson, answers, told=told):
            before = student.lessons.get(lesson[:NAME], Standing()).wrong
            answer = ", ".join(answers)[:ANSWER]
            return _stands(student, lesson, wrong=before + 1, answer=answer, told=told[:TOLD])
    return student


def _stands(student: Student, lesson: str, **changes) -> Student:
    lesson = lesson[:NAME]
    if lesson not in student.lessons and len(student.lessons) >= LESSONS:
        return student
    now = replace(student.lessons.get(lesson, Standing()), **changes)
    return replace(student, lessons={**student.lessons, lesson: now})
