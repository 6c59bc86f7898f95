"""The worksheet of a path's lessons, to print, and its answers: made when a button is pressed.

All numbers on a sheet are of one run: the model's own settings on the image on screen, whatever a
lesson left there. Where a question compares two runs, the other is what that lesson's button gives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

import streamlit as st

from snnlab.chips.board import Mapping
from snnlab.errors import LabError
from snnlab.export import worksheet
from snnlab.export.worksheet import Asked, Item
from snnlab.figures.numbers import many
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.results import read_rates, summary
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.settings import Settings
from snnlab.ui.chips import mapped as chips
from snnlab.ui.learn import paths, solutions
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.learn.asked import QUESTIONS
from snnlab.ui.learn.drawn.pairs import CALLED
from snnlab.ui.learn.texts import Lesson, about_rungs
from snnlab.ui.shared import bench, classroom, hosts, status, words
from snnlab.work.jobs import Worker

OPEN = "depends on the student's own runs"
SLACK = (
    "Taken as right: 2 % off in lessons 0 to 2, 10 % in lessons 3, 5 and 7; in lesson 6, 10 % for"
    " the factor and 15 % for the share. Other settings have other answers."
)
UNKNOWN = "the address that your teacher gives you"


@dataclass(frozen=True, eq=False)
class Run:
    """The run that a sheet is of.

    Attributes
    ----------
    result : Segmentation
    asked : bool
        Whether it is of the model and the image on screen; else it is the one the lab opens with.
    """

    result: Segmentation
    asked: bool


def draw(result: Segmentation) -> None:
    """Two buttons, for the lessons of the path that is chosen."""
    path, owner = paths.chosen(), st.session_state.owner
    known, worker = list(st.session_state.runs), bench.worker()
    sheet = run_of(result)
    where, about = address(sheet.result.settings), told(sheet.result)
    with st.expander("Worksheet to print", icon=":material/print:"):
        st.markdown(
            f"Questions with space to write, for the {len(path.lessons)} lessons of this path, and"
            " a sheet with the answers for teachers. The answers are those of the model"
            f" *{words.plain(sheet.result.settings.model)}* with its own settings, on"
            f" {words.plain(sheet.result.picture.called)}, whatever is on screen now."
            + (
                " The sheet sends students to the address on it."
                if where != UNKNOWN
                else " The address is not on the sheet, because this page's is good on this"
                " computer alone: print under `make class`, or tell your students the address."
            )
        )
        if not sheet.asked:
            st.caption(
                "For a sheet about the model and the image on screen, first press *Reset all to the"
                " model's settings* in the sidebar and wait for the run."
            )

        def answers() -> bytes:
            base, mapping = summary.of(sheet.result), chips.first().mapping
            picture = sheet.result.picture
            runs = with_pairs(picture, base, known, path.lessons, compute(worker, owner))
            items = [answered(one, sheet.result, runs, mapping) for one in path.lessons]
            return worksheet.pdf(items, where, f"{about} {SLACK}", answers=True)

        def questions() -> bytes:
            items = [item(lesson) for lesson in path.lessons]
            return worksheet.pdf(items, where, about, answers=False)

        with st.container(horizontal=True):
            for label, name, make in (
                ("Worksheet (PDF)", "worksheet", questions),
                ("Answers, for teachers (PDF)", "answers", answers),
            ):
                st.download_button(
                    label,
                    make,
                    f"snnlab-{name}.pdf",
                    "application/pdf",
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"take-{name}",
                )


def run_of(result: Segmentation) -> Run:
    """The run that a sheet is of, which is there already.

    Parameters
    ----------
    result : Segmentation
        On screen.
    """
    picture, now, first = result.picture, result.settings, bench.opened_with()
    own = bench.suited(now.model).replace(source=now.source, section=now.section)
    for known in (result, first):
        if bench.identity(known.picture, known.settings) == bench.identity(picture, own):
            return Run(known, True)
    try:
        found = lab.remembered(picture, own)
    except LabError:  # there is no such model any more
        found = None
    if found is None or found.recording.gone:
        return Run(first, False)
    return Run(replace(found, picture=picture, settings=own), True)


def address(settings: Settings) -> str:
    """Where students find the lessons, with these settings if they are not the first run's.

    In a class that is the address that they joined by. Elsewhere it is the page's own; if that is
    good on this computer alone, no address is of use to anybody.
    """
    parts = urlsplit(st.context.url or "")
    if classroom.is_on():
        found = classroom.reached()
        if not found:
            return UNKNOWN
        # the network that this page came by, or the one of the QR code
        host = parts.hostname if parts.hostname in found else found[0]
        base = f"http://{host}:{st.get_option('server.port')}{parts.path or '/learn'}"
    elif not parts.netloc or parts.hostname in hosts.HERE:
        return UNKNOWN
    else:
        base = f"{parts.scheme}://{parts.netloc}{parts.path}"
    if settings == bench.opened_with().settings:
        return base
    return f"{base}?{urlencode(bench.to_query(settings))}"


def told(result: Segmentation) -> str:
    """Which run the numbers are of."""
    settings = result.settings
    run = ", ".join((many(result.timesteps, "timestep"), *summary.held(settings)))
    return (
        f"All numbers are of one run: the model *{settings.model}* with its own settings ({run}),"
        f" on {result.picture.called}. If yours is another one, press *Use the model's own"
        " settings* above a lesson. Where a question needs a second run, press the lesson's button."
    )


def item(lesson: Lesson) -> Item:
    """A lesson, with space for answers."""
    asked = tuple(Asked(one.label, tuple(one.options.values())) for one in QUESTIONS[lesson.key])
    return Item(_title(lesson), lesson.task, asked, lesson.ponder, drawing=lesson.drawing)


def answered(
    lesson: Lesson, result: Segmentation, runs: Sequence[Summary], mapping: Mapping
) -> Item:
    """A lesson with its answers; those of two runs say of which."""
    try:
        found = solutions.of(lesson.key, result, runs, mapping)
    except LabError:  # a run that only counted spikes
        found = None
    questions = QUESTIONS[lesson.key]
    texts = [OPEN] * len(questions)
    if found is not None:
        pairs = zip(questions, found, strict=True)
        texts = [solutions.written(question, answer) for question, answer in pairs]
        if lesson.key in learn_setups.PAIRS:
            pair, called = learn_setups.PAIRS[lesson.key](runs), CALLED[lesson.key]
            both = f" (two runs: {called(pair.low)}, and {called(pair.high)})"
            texts = [
                text + both * question.two for question, text in zip(questions, texts, strict=True)
            ]
    asked = tuple(
        Asked(question.label, answer=text) for question, text in zip(questions, texts, strict=True)
    )
    reply, note = lesson.reply, ""
    if lesson.key == "rates":
        reply = about_rungs(reply, read_rates.steps_read(result), result.timesteps)
    if lesson.key == "chips":
        note = "Of the mapping that Chips opens with, which is no part of the run above."
    return Item(_title(lesson), lesson.task, asked, lesson.ponder, reply, note)


def _title(lesson: Lesson) -> str:
    return f"{paths.number_of(lesson)}. {lesson.title}"


Compute = Callable[[Picture, Settings], Summary | None]


def with_pairs(
    picture: Picture,
    base: Summary,
    known: Sequence[Summary],
    lessons: Sequence[Lesson],
    compute: Compute,
) -> list[Summary]:
    """A run, and the second ones of lessons that compare two: what the lessons' buttons make of it.

    Parameters
    ----------
    picture : Picture
    base : Summary
        The run, which comes last in what is given back.
    known : sequence of Summary
        Runs that need not be computed again.
    lessons : sequence of Lesson
    compute : callable
        Gives a run, or None.
    """
    runs = [base]
    for lesson in lessons:
        pairs = lesson.key in learn_setups.PAIRS
        if not pairs or learn_setups.cannot(lesson.key, [base]) is not None:
            continue
        _, settings = learn_setups.next_run(lesson.key, [base])
        same = [one for one in known if one.image == base.image and one.settings == settings]
        made = same[-1] if same else compute(picture, settings)
        if made is not None:
            runs.insert(-1, made)
    return runs


def compute(worker: Worker, owner: str) -> Compute:
    """A run on the lab's own thread, after those that wait; None of one that would take long."""

    def run(picture: Picture, settings: Settings) -> Summary | None:
        if not status.quick(bench.Wanted(settings, picture)):
            return None
        job = worker.submit(
            bench.compute, picture, settings, owner=f"{owner}/worksheet", key=settings.key()
        )
        job.wait()
        return job.result[1] if job.status.state == "done" else None

    return run
