"""The worksheet of a path's lessons, to print, and its answers: made when a button is pressed."""

from collections.abc import Callable, Sequence
from urllib.parse import urlencode, urlsplit

import streamlit as st

from snnlab.chips.board import Mapping
from snnlab.errors import LabError
from snnlab.export import worksheet
from snnlab.export.worksheet import Asked, Item
from snnlab.figures.numbers import many
from snnlab.images.pictures import Picture
from snnlab.results import summary
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.settings import Settings
from snnlab.ui.learn import paths, solutions
from snnlab.ui.learn import questions as learn_questions
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.learn.asked import QUESTIONS
from snnlab.ui.learn.drawn.pairs import CALLED
from snnlab.ui.learn.texts import Lesson
from snnlab.ui.shared import bench, status
from snnlab.work.jobs import Worker

OPEN = "depends on the student's own runs"
SLACK = (
    "Taken as right: 2 % off in lessons 0 to 2, 10 % in lessons 3, 5 and 7; in lesson 6, 10 % for"
    " the factor and 15 % for the share. Other settings have other answers."
)


def draw(result: Segmentation) -> None:
    """Two buttons, for the lessons of the path that is chosen."""
    path, owner = paths.chosen(), st.session_state.owner
    runs, (_, mapping) = list(st.session_state.runs), learn_questions.mapped()
    worker, where, about = bench.worker(), address(result.settings), told(result)
    with st.expander("Worksheet to print", icon=":material/print:"):
        st.markdown(
            f"Questions with space to write, for the {len(path.lessons)} lessons of this path, and"
            " a sheet with the answers for teachers. The answers are those of the run on screen:"
            " give your class the address on the sheet, and everyone has the same run."
        )

        def answers() -> bytes:
            found = with_pairs(result.picture, runs, path.lessons, compute(worker, owner))
            items = [answered(one, result, found, mapping) for one in path.lessons]
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


def address(settings: Settings) -> str:
    """Where the lessons are, with the settings of the run on screen if they are not the first's."""
    query = bench.in_address(settings, shared=True)
    query.pop(paths.ADDRESS, None)
    parts = urlsplit(st.context.url or "")
    base = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else "the page Learn"
    return f"{base}?{urlencode(query)}" if query and parts.netloc else base


def told(result: Segmentation) -> str:
    """Which run the numbers are of."""
    settings = result.settings
    run = (settings.model, many(result.timesteps, "timestep"), *summary.held(settings))
    return f"Numbers are of the run on {result.picture.called}: {', '.join(run)}."


def item(lesson: Lesson) -> Item:
    """A lesson, with space for answers."""
    asked = tuple(Asked(one.label, tuple(one.options.values())) for one in QUESTIONS[lesson.key])
    return Item(_title(lesson), lesson.task, asked, lesson.ponder, lesson.reply)


def answered(
    lesson: Lesson, result: Segmentation, runs: Sequence[Summary], mapping: Mapping
) -> Item:
    """A lesson with its answers."""
    try:
        found = solutions.of(lesson.key, result, runs, mapping)
    except LabError:  # a run that only counted spikes
        found = None
    questions = QUESTIONS[lesson.key]
    texts = [OPEN] * len(questions)
    if found is not None:
        pairs = zip(questions, found, strict=True)
        texts = [solutions.written(question, answer) for question, answer in pairs]
    asked = tuple(
        Asked(question.label, answer=text) for question, text in zip(questions, texts, strict=True)
    )
    pair = learn_setups.PAIRS[lesson.key](runs) if lesson.key in learn_setups.PAIRS else None
    note = ""
    if pair is not None:
        called = CALLED[lesson.key]
        note = f"Of two runs: {called(pair.low)}, and {called(pair.high)}."
    return Item(_title(lesson), lesson.task, asked, lesson.ponder, lesson.reply, note)


def _title(lesson: Lesson) -> str:
    return f"{paths.number_of(lesson)}. {lesson.title}"


Compute = Callable[[Picture, Settings], Summary | None]


def with_pairs(
    picture: Picture, runs: Sequence[Summary], lessons: Sequence[Lesson], compute: Compute
) -> list[Summary]:
    """These runs, and the second ones of lessons that compare two: what a student would press.

    Those come before the run on screen, which stays the last.
    """
    runs = list(runs)
    for lesson in lessons:
        pair = learn_setups.PAIRS.get(lesson.key)
        if pair is None or pair(runs) is not None:
            continue
        _, settings = learn_setups.next_run(lesson.key, runs)
        made = compute(picture, settings)
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
