"""The line above every page: what is shown, whether it is up to date, how far the work is."""

import streamlit as st

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import held
from snnlab.settings import Settings
from snnlab.ui.shared import bench, keep, words
from snnlab.work.jobs import Job

QUICK = 64 * 1024 * 1024  # pixels times timesteps that the event simulator does unasked
POLL, SOON = 0.5, 0.15  # seconds; the second of runs that are over almost at once
AT_ONCE = 0.35  # seconds that a draw waits for a run: shorter ones need no page that is old
# seconds by simulator: to begin, and a megapixel and step (of the event-driven one, at a spike a
# step); as measured on two cores of a busy machine
PACE = {
    "event": (2, 0.1),
    "loihi": (10, 0.1),
    "loihi-128": (5, 0.1),
    "loihi-256": (6, 0.1),
    "nengo-dl": (8, 2.7),
    "nengo": (2, 4),
    "nengo-loihi": (25, 30),
    "closed-form": (2, 20),  # a megapixel, however many steps
}
_LINE = "status-line"  # session: where the line is, in this draw
_PRESSED = "run-pressed"  # session: Run was pressed since the last draw
USUAL = Settings()  # whose method and simulator go without saying

# Pictures of another image than the one that is asked for are dimmed, so that none is taken for it;
# those in components of the lab's own take the strength from their styles.
# What says that the page is old, or is being computed, stays in view below the page map; on a phone
# without the buttons beside it. What is reached by the keyboard is not to stop beneath it.
_STAYS = """
<style>
[data-testid="stLayoutWrapper"]:not(.st-key-status *):has(
    > [data-testid="stHorizontalBlock"] .st-key-behind) {
  position: sticky; top: 3.75rem; z-index: 1002; padding: 0.3rem 0; background: BACKGROUND; }
[data-testid="stMain"]:has(.st-key-behind) { scroll-padding-top: 8rem; }
[data-testid="stMain"]:has(.st-key-behind-other) { --snnlab-strength: 0.3; }
[class*="st-key-of-run"] img { opacity: var(--snnlab-strength, 1); }
.st-key-status button { scroll-margin-top: -14rem; } /* is in view where it is */
@media (max-width: 640px) {
  [data-testid="stLayoutWrapper"]:not(.st-key-status *):has(
      > [data-testid="stHorizontalBlock"] .st-key-behind),
  [data-testid="stHorizontalBlock"]:not(.st-key-status *):has(.st-key-behind),
  [data-testid="stColumn"]:not(.st-key-status *):has(.st-key-behind),
  [data-testid="stColumn"]:not(.st-key-status *) > [data-testid="stVerticalBlock"]:has(
      > [data-testid="stLayoutWrapper"] > .st-key-status .st-key-behind) { display: contents; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-status .st-key-behind) {
    position: sticky; top: 3.75rem; z-index: 1002; padding: 0.3rem 0; background: BACKGROUND; }
  .st-key-status:has(.st-key-behind), .st-key-status:has(.st-key-behind) > * { gap: 0.3rem; }
  [data-testid="stMain"]:has(.st-key-behind) { scroll-padding-top: 14rem; }
}
</style>
"""

_STAGES = {
    "ANN": "U-Net",
    "conversion": "conversion (the very first run also compiles the simulator)",
    "scores": "scores",
    "done": "done",
    "starting": "starting",
    "stopping": "stopping",
}


def draw(wanted: bench.Wanted, title: str) -> None:
    """Take in what has been computed, start what is to be, and say so; beside the page's title."""
    _collect()
    changes = bench.changes(bench.shown(), wanted)
    _cancel_unless(wanted, changes)
    # with what is wanted now: the button may be of a draw before something was moved
    pressed = st.session_state.pop(_PRESSED, False)
    if changes and bench.desk().job is None and (pressed or _unasked(wanted)):
        _submit(wanted)
        if _over_at_once(wanted):
            _collect()
            changes = bench.changes(bench.shown(), wanted)
    # always the same places on the page: Streamlit finds the fragment again by its own
    with st.container(key="notes"):
        light, dark = (st.get_option(f"theme.{kind}.backgroundColor") for kind in ("light", "dark"))
        st.html(_STAYS.replace("BACKGROUND", f"light-dark({light}, {dark})"))
        _notes()
    told, tools = _row(title)
    with tools:
        keep.tools()
    with told.container(key="status"):
        said, work = st.columns((5, 3) if changes else (40, 1), vertical_alignment="center")
        with said:
            st.session_state[_LINE] = None
            if changes:
                _out_of_date(changes, wanted)
            else:
                _up_to_date(wanted)
        with work:
            job = bench.desk().job
            with st.container():
                if changes and job is None:
                    _offer(wanted)
            st.fragment(_watch, run_every=_every(job, wanted))()


def _row(title: str) -> list:
    """Title, status and tools in one row; places for the last two."""
    called, *others = st.columns((1, 7, 3), vertical_alignment="center")
    called.container(key="title").title(title, anchor=False)
    return others


def _every(job: Job | None, wanted: bench.Wanted) -> float | None:
    """Seconds after which to look again; while others are served there is time."""
    if job is None:
        return None
    return SOON if quick(wanted) and not job.status.position else POLL


def _notes() -> None:
    state = st.session_state
    state.notes = [n for n in state.notes if n.setdefault("at", state.settings) == state.settings]
    for item in state.notes:
        if item["mistake"]:
            st.error(words.plain(item["text"]), icon=":material/error:")
        else:
            st.warning(words.plain(item["text"]), icon=":material/link_off:")


def _collect() -> None:
    """Take the result of work that is over, or what went wrong."""
    state, desk = st.session_state, bench.desk()
    job = desk.job
    if job is None or not job.status.over:
        return
    status = job.status
    if status.state == "done":
        try:
            bench.take(*job.result)
        except LabError as error:
            bench.note(str(error))
    else:
        state.refused = job.key
        if status.error:
            bench.note(status.error)
    desk.job = None  # last: a draw may be broken off at any line above


def _cancel_unless(wanted: bench.Wanted, changes: list[str]) -> None:
    """End work that nobody wants any more."""
    job = bench.desk().job
    if job is not None and (not changes or job.key != wanted.key):
        bench.desk().clear()


def _over_at_once(wanted: bench.Wanted) -> bool:
    """Whether the run just begun is over before the page is drawn; waits for a quick one."""
    job = bench.desk().job
    return job is not None and quick(wanted) and not job.status.position and job.wait(AT_ONCE)


def _unasked(wanted: bench.Wanted) -> bool:
    """Whether to start by itself: quick, wished for, and not just refused."""
    if st.session_state.refused == wanted.key:
        return False
    return st.session_state.get("auto", True) and quick(wanted)


def quick(wanted: bench.Wanted) -> bool:
    """Whether a run takes a second or so."""
    settings, pixels = wanted.settings, wanted.picture.pixels.size
    return settings.simulator == "event" and pixels * settings.timesteps <= QUICK


def expected(wanted: bench.Wanted) -> float:
    """Seconds that a run will take, roughly: machines differ."""
    settings = wanted.settings
    begin, each = PACE[settings.simulator]
    if settings.simulator == "event" and conversion.method(settings.method).bounds:
        each *= settings.upper_hz / 1000
    timed = simulation.simulator(settings.simulator).timed
    return begin + each * (settings.timesteps if timed else 1) * wanted.picture.pixels.size / 1e6


def duration(seconds: float) -> str:
    """A rough time in words."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 90:
        return f"about {10 * round(seconds / 10)} s"
    return f"about {round(seconds / 60)} min"


def _submit(wanted: bench.Wanted) -> None:
    state, desk = st.session_state, bench.desk()
    try:
        lab.check(wanted.settings)
        desk.job = bench.worker().submit(
            bench.compute, wanted.picture, wanted.settings, owner=state.owner, key=wanted.key
        )
        state.refused = None
    except LabError as error:
        state.refused = wanted.key
        bench.note(str(error))


def _out_of_date(changes: list[str], wanted: bench.Wanted) -> None:
    shown = bench.shown().picture
    other = bench.named(shown) != bench.named(wanted.picture)
    still = f" The dimmed pictures still show *{words.plain(shown.called)}*." if other else ""
    with st.container(key="behind"), st.container(key="behind-other" if other else "behind-same"):
        st.warning(
            f"**Out of date.**{still} Changed since: " + "; ".join(changes) + ".",
            icon=":material/update:",
        )


def _offer(wanted: bench.Wanted) -> None:
    label = "Run" if quick(wanted) else f"Run ({duration(expected(wanted))})"
    st.button(label, type="primary", icon=":material/play_arrow:", on_click=_press)


def _press() -> None:
    st.session_state[_PRESSED] = True


def _watch() -> None:
    """Follow the work under way; polled by the browser as long as there is some."""
    job = bench.desk().job
    if job is None:
        return
    status = job.status
    if status.over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="work"):
        st.progress(status.fraction, text=told(status))
        st.button("Cancel", icon=":material/close:", on_click=job.cancel, key="cancel")


def told(status) -> str:
    """How far a job is, in words that fit one line."""
    if status.state == "queued" and status.position:
        others = "another run" if status.position == 1 else f"{status.position} other runs"
        return f"waiting for {others}"
    if status.state == "queued":  # the worker is about to take it
        return _STAGES["starting"]
    stage = _STAGES.get(status.stage, f"spikes of {status.stage}")
    return stage + left(status)


def left(status) -> str:
    """How long a job will still take, to be said behind what it does; nothing at its end."""
    if status.seconds_left is None or status.fraction == 1:
        return ""
    return f", about {max(1, round(status.seconds_left))} s left"


def _up_to_date(wanted: bench.Wanted) -> None:
    if wanted.missing:
        # said here too: on a phone the sidebar is out of sight
        say, icon = (st.warning, "error") if wanted.wrong else (st.info, "image")
        text = words.plain(wanted.missing)
        say(f"{text} Until then: {_standing()}.", icon=f":material/{icon}:")
    place = st.session_state[_LINE] = st.empty()
    place.caption(summary(bench.shown()))


def headline(text: str) -> None:
    """Say something else of what is shown, on a page that is about another network's run.

    Parameters
    ----------
    text : str
        Markdown.
    """
    place = st.session_state.get(_LINE)
    if place is not None:
        place.caption(text)


def drawn() -> None:
    """The page is: its line is not the next one's."""
    st.session_state.pop(_LINE, None)


def _standing() -> str:
    """What is on the page although something else is wanted."""
    shown = bench.shown()
    if shown.settings.source == "sample":  # as after a reload, or from an address
        return f"the shipped sample *{words.plain(shown.picture.called)}*"
    return "the last result"


def summary(result: Segmentation) -> str:
    """One line on what is shown."""
    height, width = result.image.shape
    settings = result.settings
    simulator = result.recording.simulator
    return " · ".join(
        (
            words.plain(result.picture.title),
            f"{width} × {height} px",
            f"model *{settings.model}*",
            many(settings.timesteps, "timestep"),
            *([] if settings.method == USUAL.method else [f"method *{settings.method}*"]),
            *held(settings),
            *words.unusual(settings, ("synapse_ms", "initial", "input")),
            *([] if simulator == USUAL.simulator else [f"simulator *{simulator}*"]),
        )
    )
