"""The page Learn: short lessons, each with its figures, a task on the live lab and a check."""

import streamlit as st

from snnlab.errors import LabError
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.learn import own as learn_own
from snnlab.ui.learn import (
    paths,
    progress,
    worksheet,
)
from snnlab.ui.learn import (
    questions as learn_questions,
)
from snnlab.ui.learn import (
    setups as learn_setups,
)
from snnlab.ui.learn.checks import Verdict
from snnlab.ui.learn.drawn import DRAWN
from snnlab.ui.learn.texts import Lesson
from snnlab.ui.shared import bench, blocks, glossary, keep, kept, words

PINNED = ("reset", "bounds")  # lessons whose two runs are compared on the page Compare
UNANSWERED = Verdict(None, "Answer every question first.")
BESIDE = (2, 3)  # width of a sentence to its figure's

# A task, its questions and the figure that they are about: side by side where there is room, one
# below the other on a phone, the figure right after the task.
_TASK_CSS = """<style>
.st-key-lesson-task { border-top: 1px solid rgba(127, 139, 136, 0.4); padding-top: 1rem; }
@media (min-width: 641px) {
  .st-key-lesson-task { display: grid; grid-template-columns: 2fr 3fr; column-gap: 2rem;
    grid-template-rows: auto 1fr; align-items: start; }
  .st-key-lesson-task > :has(> .st-key-task-figure) { grid-column: 2; grid-row: 1 / span 2; }
  .st-key-lesson-task > * { min-width: 0; width: 100%; }
}
</style>"""
# The button that turned is at the end of a lesson, and the next one begins above what is in sight.
# Figures that come in later move it: it is led there until three seconds after the last of them, at
# most a minute, or until the reader scrolls.
_TO_THE_TOP = """<style>
.st-key-lesson-turned { display: none; }
.st-key-lesson-title { scroll-margin-top: 4.5rem; }
</style>
<script>
{ // LESSON
  const begun = Date.now()
  let read = false, drawn = begun
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"])
    window.addEventListener(kind, () => { read = true }, { once: true, passive: true })
  const lead = () => {
    const now = Date.now(), app = document.querySelector("[data-testid=stApp]")
    const still = document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
    if (still || app?.dataset.testScriptState !== "notRunning") drawn = now
    if (read || now - drawn > 3000 || now - begun > 60000) return
    document.querySelector(".st-key-lesson-title")?.scrollIntoView({ block: "start" })
    setTimeout(lead, 150)
  }
  lead()
}
</script>"""


def draw(result: Segmentation) -> None:
    """The page."""
    lesson = paths.draw()
    if learn_own.opened(lesson.key):
        st.rerun()  # the controls were drawn before
    progress.opened(lesson.key)
    _lesson(lesson, result)
    worksheet.draw(result)
    st.caption(kept.told("Completed lessons are"))


def _lesson(lesson: Lesson, result: Segmentation) -> None:
    with st.container(key="lesson-title"):
        st.subheader(f"{paths.number_of(lesson)}. {lesson.title}", anchor=False)
    if paths.turned():
        with st.container(key="lesson-turned"):
            st.html(_TO_THE_TOP.replace("LESSON", lesson.key), unsafe_allow_javascript=True)
    if blocks.blank(result):
        return
    wrong = _wrong(lesson)
    learn_own.note(lesson.key, result.settings, "" if wrong is None else wrong[0], _back)
    met: set[str] = set()  # words that were explained further up
    for part in lesson.parts:
        left, right = st.columns(BESIDE, gap="medium")
        with left:
            glossary.write(part.text, met, basic=True)
        with right:
            DRAWN[part.figure](result)
    st.html(_TASK_CSS)
    with st.container(key="lesson-task"):
        with st.container(key="task-text"):
            if lesson.idea:
                glossary.write(learn_questions.about(lesson, result), met, basic=True)
            glossary.write(f":material/task_alt: **Do.** {lesson.task}", met, basic=True)
            words.look_for(lesson.look_for, met, basic=True)
        with st.container(key="task-figure"):
            DRAWN[lesson.figure](result)
        with st.container(key="task-answers", border=True):
            _answered(lesson, result)


def _answered(lesson: Lesson, result: Segmentation) -> None:
    """The run that is needed, the questions, and what is said of the answers."""
    wrong = _wrong(lesson)
    if wrong is not None:
        why, found = wrong
        st.info(why, icon=":material/block:")
        _set_up(lesson, *found)
        return
    found = learn_setups.next_run(lesson.key, st.session_state.runs)
    if found is not None:
        _set_up(lesson, *found, pin=lesson.key in PINNED)
    if lesson.key in PINNED:
        _told_pins(lesson.key)
    _say(lesson, _judged(lesson.key, result))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("More of this:", width="content")
        for page in lesson.pages:
            st.page_link(f"pages/{page}.py", icon=":material/arrow_forward:")


def _wrong(lesson: Lesson) -> tuple[str, tuple[str, Settings]] | None:
    """Why the run on screen will not do, and one that will; as `setups.cannot`."""
    # whoever has completed a lesson may look at it with any run
    if lesson.key in progress.learned():
        return None
    return learn_setups.cannot(lesson.key, st.session_state.runs)


def _back(settings: Settings) -> None:
    """A button that brings the model's own settings back; no lesson's, so they stay."""
    st.button(
        "Use the model's own settings",
        icon=":material/undo:",
        on_click=bench.adopt,
        args=(settings,),
        disabled=settings == st.session_state.settings,
        key=f"own-{settings.key()[:12]}",
        help="This moves the controls. You can undo it in the sidebar.",
    )


def _set_up(lesson: Lesson, label: str, settings: Settings, pin: bool = False) -> None:
    """A button of a lesson that moves the controls to the settings of a run."""
    st.button(
        label,
        icon=":material/play_arrow:",
        on_click=_adopted,
        args=(lesson.key, settings, pin),
        disabled=settings == st.session_state.settings,
        # by its aim: a click that was on its way may not become another wish
        key=f"set-up-{settings.key()[:12]}",
        help="This moves the controls. You can undo it in the sidebar.",
    )


def _adopted(lesson: str, settings: Settings, pin: bool) -> None:
    learn_own.made(lesson, settings)
    if pin and keep.pinned(bench.summed()) is None:
        keep.pin()
    bench.adopt(settings)


def _told_pins(key: str) -> None:
    """Where on Compare the lesson's two runs are, once there are two."""
    pair = learn_setups.PAIRS[key](st.session_state.runs)
    if pair is None:
        return
    now = bench.summed()
    kept = [keep.pinned(run) for run in (pair.low, pair.high) if run is not now]
    if None not in kept:
        names = [*(f"Pin {place}" for place in kept), keep.NOW][:2]
        st.caption(f"Your two runs on Compare: *{names[0]}* and *{names[1]}*.")


def _say(lesson: Lesson, verdict: Verdict | None) -> None:
    learned = progress.learned()
    if verdict is None:
        if lesson.key in learned:
            st.caption(f":material/check: Completed. {lesson.moral}")
            _next(lesson)
        return
    if verdict.right is None:
        st.info(verdict.text, icon=":material/hourglass_top:")
    elif verdict.right:
        if lesson.key not in learned:
            progress.completed(lesson.key)
            st.rerun()  # the count above was drawn before
        st.success(f"**Right.** {verdict.text} {lesson.moral}", icon=":material/check_circle:")
        _next(lesson)
    else:
        st.warning(f"**Not yet.** {verdict.text}", icon=":material/replay:")


def _next(lesson: Lesson) -> None:
    then = paths.after(lesson)
    if then is not None:
        st.button(
            f"Next: {paths.number_of(then)}. {then.title}",
            icon=":material/arrow_forward:",
            on_click=paths.turn_to,
            args=(then.key,),
        )
    elif paths.chosen() is not paths.PATHS["long"]:
        st.button(
            "More: the lessons of the 90 minutes",
            icon=":material/arrow_forward:",
            on_click=paths.take_the_long_one,
        )


def _judged(key: str, result: Segmentation) -> Verdict | None:
    """What is to be said of the visitor's last answer; None until there is one."""
    _, facts, judge = learn_questions.JUDGED[key]
    before = progress.given(key)
    with st.form(f"form-{key}", border=False):
        answers = learn_questions.ask(key)
        if st.form_submit_button("Check", type="primary", icon=":material/done:"):
            if None in answers:
                progress.taken_back(key)
                return UNANSWERED
            # what was right of another run stays right until another answer is given
            if before is None or before.answers != answers or not before.verdict.right:
                try:
                    # of the run that was on screen when the answer was given
                    true = facts(result)
                except LabError as error:  # a run that only counted spikes
                    progress.taken_back(key)
                    return Verdict(None, f"{str(error)[0].upper()}{str(error)[1:]}")
                progress.answered(key, progress.Given(answers, true, judge(answers, true)))
    now = progress.given(key)
    if now is not None and now.verdict.right is None:
        # it lacked a run, which may have come since
        verdict = judge(now.answers, now.facts)
        if verdict != now.verdict:
            now = progress.Given(now.answers, now.facts, verdict)
            progress.answered(key, now)
    return None if now is None else now.verdict
