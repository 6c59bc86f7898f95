"""The Sweep page: what to sweep over, the job, and what is kept of it in the session."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.settings import Settings
from snnlab.ui.shared import (
    bench,
    isbi_folder,
    long_work,
    mine,
    scribbled,
    sidebar,
    specimen,
    visitors,
    words,
)
from snnlab.ui.shared.remaining import Remaining, spoken
from snnlab.work.jobs import Worker

WIDE = 280  # pixels of a list of values, at least: in fewer its chips are cut
MOST = 64 << 20  # pixels of all sections of a sweep of an upload: each is held in memory
UPPERS = (75.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0)
_FIRST = {
    "percentiles": (99.0, 99.9, 100.0),
    "uppers": (150.0, 300.0, 400.0, 600.0, 800.0, 1000.0),
    "timesteps": (8, 16, 32, 64, 128),
}


@dataclass
class Sweep:
    """What the page shows, and what is under way.

    Attributes
    ----------
    base : Settings
        Of whatever was not varied.
    about : str
        The sections, in words, as Markdown.
    rows : list of dict
        Appended to by the worker while it computes.
    grid, pictures
        Of a sweep that was started here, so that it can go on; else None.
    images : tuple of str
        The sections, as `bench.named` tells them apart.
    left : Remaining
    paused : bool
    error : str
        What went wrong, or is to be known.
    """

    base: Settings
    about: str
    rows: list[dict] = field(default_factory=list)
    grid: lab_sweep.Grid | None = None
    pictures: tuple[Picture, ...] = ()
    images: tuple[str, ...] = ()
    left: Remaining = field(default_factory=Remaining)
    paused: bool = False
    error: str = ""


@st.cache_resource(show_spinner=False)
def worker() -> Worker:
    """A thread for sweeps alone: they take minutes, and the lab stays usable meanwhile."""
    return Worker(capacity=4)


@visitors.own(bench.Desk.clear)
def desk() -> bench.Desk:
    """The visitor's sweep under way."""
    return bench.Desk()


def now() -> Sweep:
    """The sweep on the page; there always is one."""
    state = st.session_state
    if "sweep" not in state:
        state.sweep = _ready_made()
    return state.sweep


def _ready_made() -> Sweep:
    made = lab_sweep.ready_made()
    height, width = made["shape"]
    about = f"{words.plain(made['image'])}, {width} × {height} px"
    base = Settings(**made["settings"])
    sweep = Sweep(base, about, list(made["rows"]), images=(bench.named(lab.sample(base.section)),))
    if lab_sweep.outdated(made):
        sweep.error = (
            "This sweep came with the lab and was made with earlier weights; press Start to make"
            " one with today's weights."
        )
    return sweep


def controls() -> tuple[lab_sweep.Grid, tuple[Picture, ...]] | None:
    """Let the visitor say what to sweep over; None while that makes no sense."""
    base: Settings = st.session_state.settings
    # closed at first: what comes of the values is to be seen without going past them
    values = st.expander("What is swept", icon=":material/tune:", key="sweep-of")
    with values, st.grid(3, min_column_width=WIDE, gap="medium"):
        percentiles = _several("Percentiles", sidebar.PERCENTILES, "percentiles")
        uppers = _several("Upper bounds (Hz)", UPPERS, "uppers")
        timesteps = _several("Timesteps", sidebar.STEPS, "timesteps")
        models = _several("Models", list(mine.listed()), "models", (base.model,))
        methods = _several(
            "Methods", [item.name for item in conversion.METHODS], "methods", (base.method,)
        )
        pictures = _sections()
    try:
        if not pictures:
            raise LabError("Choose at least one section.")
        grid = lab_sweep.Grid(
            base, tuple(percentiles), tuple(uppers), tuple(timesteps), tuple(methods), tuple(models)
        )
        grid, left_out = lab_sweep.fitting(grid)
    except LabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None
    for reason in left_out:
        st.info(f"Left out: {words.plain(reason)}", icon=":material/link_off:")
    values.caption(
        f"Everything else is as in the sidebar. The lower bound keeps its share of the upper one"
        f" ({100 * grid.lower_share:.0f} %)."
    )
    return grid, pictures


def _several(label: str, options: Sequence, name: str, first: tuple | None = None) -> list:
    chosen = _FIRST[name] if first is None else first
    return st.multiselect(
        label,
        sorted({*options, *chosen}) if first is None else list(options),
        default=[value for value in chosen if first is None or value in options],
        # what is on screen is the first choice, and is so anew when that is another model
        key=f"sweep-{name}" if first is None else f"sweep-{name}-{first[0]}",
        format_func=lambda value: f"{value:g}" if isinstance(value, float) else str(value),
        persist_state="session",
    )


def _sections() -> tuple[Picture, ...]:
    """The section on screen, or several of where it is from."""
    shown = bench.shown()
    source, picture = shown.settings.source, shown.picture
    if picture.sections < 2 or (source == "upload" and not _still_here(picture)):
        st.caption(f"The section on screen: {words.plain(picture.called)}.")
        return (picture,)
    chosen = st.multiselect(
        "Sections",
        range(picture.sections),
        default=[picture.section],
        key=f"sweep-sections-{source}-{picture.section}",
        format_func=(lambda i: lab.sample(i).name) if source == "sample" else str,
        help=(
            "From the same place as the section on screen. Scores and counts are averaged over"
            " them."
        ),
    )
    if source == "isbi":
        folder = isbi_folder.given()
        return tuple(scribbled.labelled(lab.isbi_picture(folder, i)) for i in chosen)
    if source == "upload":
        return _uploaded(picture, chosen)
    return tuple(scribbled.labelled(lab.sample(section)) for section in chosen)


def _still_here(picture: Picture) -> bool:
    """Whether the file that a section is of is still in the visitor's hands."""
    held = specimen.here()
    return held is not None and held.holds(picture)


def _uploaded(shown: Picture, chosen: Sequence[int]) -> tuple[Picture, ...]:
    """Sections of the uploaded stack, with their labels if those are a stack too."""
    height, width = shown.pixels.shape
    if len(chosen) * height * width > MOST:
        raise LabError(
            f"Together, these sections have more than {MOST >> 20} million pixels; choose fewer."
        )
    held = specimen.here()
    kept = st.session_state.get("sweep_uploaded", {})
    # decoded once, and let go when they are chosen no more
    st.session_state.sweep_uploaded = {
        (held, section): kept.get((held, section)) or held.section(section) for section in chosen
    }
    return tuple(st.session_state.sweep_uploaded.values())


def bar(asked: tuple[lab_sweep.Grid, tuple[Picture, ...]] | None) -> None:
    """The line with the buttons: what it would take, or how far it is."""
    job, sweep = desk().job, now()
    if job is not None:
        status = job.status
        said = long_work.line(long_work.pause(_pause), long_work.cancel(_drop, "cancel-sweep"))
        text = f"{len(sweep.rows)} of {many(_points(sweep), 'point')}"
        if status.state == "queued":
            text = "waiting for another sweep"
        else:
            left = sweep.left.told(status.seconds_left)
            text += f", about {spoken(left)} left" if left else ""
        said.progress(status.fraction, text=text)
        return
    if sweep.paused:
        said = long_work.line(long_work.go_on(_go_on), long_work.cancel(_drop))
        said.info(
            f"Paused at {len(sweep.rows)} of {many(_points(sweep), 'point')}. They are kept on"
            " disk, so it can go on even after the lab is restarted.",
            icon=":material/pause:",
        )
        return
    if asked is None:
        return
    grid, pictures = asked
    said, start = st.columns((6, 1.6), vertical_alignment="center")
    said.markdown(_cost(grid, pictures))
    long_work.start(start, "Start", "start-sweep", _start, grid, pictures)


def _points(sweep: Sweep) -> int:
    return sweep.grid.points * len(sweep.pictures) if sweep.grid else len(sweep.rows)


def _cost(grid: lab_sweep.Grid, pictures: tuple[Picture, ...]) -> str:
    """Number of runs and an estimate of time."""
    points, runs = grid.points * len(pictures), grid.simulations * len(pictures)
    try:
        have = len(lab_sweep.known(grid, pictures))
        seconds = lab_sweep.estimate(grid, pictures)
    except LabError as error:
        return f":material/error: {words.plain(str(error))}"
    text = (
        f"**{many(points, 'point')} from {many(runs, 'run')}**: timesteps are read off the longest"
        " run"
    )
    # some methods plan for the number of steps
    text += ". " if set(grid.methods) <= {"rate-scaling"} else " where the method allows it. "
    if have == points:
        return text + "All are known already, so this takes no time."
    known = f"{have} are known already. " if have else ""
    return text + known + f"About **{spoken(seconds)}** on this machine."


def others(sweep: Sweep, rows: Sequence[dict]) -> str:
    """What the sweep is of, if that is not what is on screen; else nothing."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    picture, model = bench.shown().picture, st.session_state.settings.model
    if model in models and bench.named(picture) in sweep.images:
        return ""
    return (
        f"**This sweep is not about what is on screen.** It is about {sweep.about},"
        f" {'models' if len(models) > 1 else 'model'} *{', '.join(models)}*; on screen is"
        f" {words.plain(picture.called)}, model *{model}*. Press Start for a sweep of what is on"
        " screen."
    )


def _start(grid: lab_sweep.Grid, pictures: tuple[Picture, ...]) -> None:
    if len(pictures) == 1:
        height, width = pictures[0].pixels.shape
        about = f"{words.plain(pictures[0].name)}, {width} × {height} px"
    else:
        about = f"{len(pictures)} sections, means over them"
    st.session_state.sweep = Sweep(
        grid.base, about, grid=grid, pictures=pictures, images=tuple(map(bench.named, pictures))
    )
    st.session_state.sweep_chosen = None
    _go_on()


def _go_on() -> None:
    sweep = now()
    sweep.paused, sweep.error = False, ""
    sweep.rows = []  # those that are known come back at once
    try:
        sweep.left = Remaining(lab_sweep.estimate(sweep.grid, sweep.pictures) or None)
        desk().job = worker().submit(
            lab_sweep.run,
            sweep.grid,
            sweep.pictures,
            owner=st.session_state.owner,
            found=sweep.rows.append,
        )
    except LabError as error:
        sweep.paused, sweep.error = True, str(error)


def _pause() -> None:
    now().paused = True
    desk().clear()


def _drop() -> None:
    desk().clear()
    st.session_state.pop("sweep", None)
    st.session_state.sweep_chosen = None


def collect() -> bool:
    """Take in a job that is over; True if one was."""
    job = desk().job
    if job is None or not job.status.over:
        return False
    sweep = now()  # a draw may be broken off here, but not below
    if job.status.state == "done":
        try:
            sweep.rows, sweep.error = list(job.result.rows), job.result.note
        except LabError as error:  # others' results took its place; the rows are on disk
            sweep.paused, sweep.error = True, str(error)
    else:
        sweep.paused, sweep.error = True, job.status.error or ""
    desk().job = None
    return True
