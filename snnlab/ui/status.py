"""The line above every page: what is shown, whether it is up to date, how far the work is."""

import streamlit as st

from snnlab import lab
from snnlab.errors import LabError
from snnlab.result import Segmentation
from snnlab.ui import bench

QUICK = 64 * 1024 * 1024  # pixels times timesteps that the event simulator does unasked
POLL = 0.3  # seconds

_STAGES = {
    "ANN": "running the U-Net (the first run also starts TensorFlow)",
    "conversion": "converting it to a spiking network",
    "scores": "scoring",
    "starting": "starting",
    "stopping": "stopping",
}


def draw(wanted: bench.Wanted) -> None:
    """Take in what has been computed, start what is to be, and say so."""
    failed = _collect()
    changes = bench.changes(bench.shown(), wanted)
    _cancel_unless(wanted, changes)
    if changes and not failed and _unasked(wanted):
        failed = _submit(wanted)
    for complaint in st.session_state.complaints:
        st.warning(complaint, icon=":material/link_off:")
    st.session_state.complaints = []
    if failed:
        st.error(failed, icon=":material/error:")
    with st.container(key="status"):
        if changes:
            _out_of_date(wanted, changes)
        else:
            _up_to_date(wanted)


def _collect() -> str:
    """Take the result of work that is over; return what went wrong, if anything did."""
    state, job = st.session_state, bench.job()
    if job is None or not job.status.over:
        return ""
    state.job, status = None, job.status
    if status.state == "done":
        try:
            state.shown = job.result
        except LabError as error:
            return str(error)
        return ""
    state.refused = job.key
    return status.error or ""


def _cancel_unless(wanted: bench.Wanted, changes: list[str]) -> None:
    """End work that nobody wants any more."""
    job = bench.job()
    if job is not None and (not changes or job.key != wanted.key):
        job.cancel()
        st.session_state.job = None


def _unasked(wanted: bench.Wanted) -> bool:
    """Whether to start by itself: quick, wished for, and not just refused."""
    if bench.job() is not None or st.session_state.refused == wanted.key:
        return False
    return st.session_state.get("auto", True) and quick(wanted)


def quick(wanted: bench.Wanted) -> bool:
    """Whether a run takes a second or so."""
    settings, pixels = wanted.settings, wanted.picture.pixels.size
    return settings.simulator == "event" and pixels * settings.timesteps <= QUICK


def _submit(wanted: bench.Wanted) -> str:
    state = st.session_state
    try:
        lab.check(wanted.settings)
        state.job = bench.worker().submit(
            lab.segment, wanted.picture, wanted.settings, owner=state.owner, key=wanted.key
        )
    except LabError as error:
        state.refused = wanted.key
        return str(error)
    state.refused = None
    return ""


def _run(wanted: bench.Wanted) -> None:
    st.session_state.complaints = [text] if (text := _submit(wanted)) else []


def _out_of_date(wanted: bench.Wanted, changes: list[str]) -> None:
    st.warning(
        "**Out of date.** Changed since: " + "; ".join(changes) + ".", icon=":material/update:"
    )
    if bench.job() is not None:
        _watch()
    else:
        label = "Run" if quick(wanted) else "Run (this may take minutes)"
        st.button(
            label, type="primary", icon=":material/play_arrow:", on_click=_run, args=(wanted,)
        )


@st.fragment(run_every=POLL)
def _watch() -> None:
    job = bench.job()
    if job is None:
        return
    status = job.status
    if status.over:
        st.rerun()
    bar, stop = st.columns((5, 1), vertical_alignment="center")
    bar.progress(status.fraction, text=told(status))
    stop.button(
        "Cancel", icon=":material/close:", on_click=job.cancel, key="cancel", width="stretch"
    )


def told(status) -> str:
    """How far a job is, in words."""
    if status.state == "queued":
        others = "another run" if status.position == 1 else f"{status.position} other runs"
        return f"waiting for {others}"
    stage = _STAGES.get(status.stage, f"spikes of {status.stage}")
    left = status.seconds_left
    return stage if left is None else f"{stage}, about {max(1, round(left))} s left"


def _up_to_date(wanted: bench.Wanted) -> None:
    if wanted.missing and not wanted.wrong:
        st.info(wanted.missing + " Until then: the last result.", icon=":material/image:")
        return
    st.caption(summary(bench.shown()))


def summary(result: Segmentation) -> str:
    """One line on what is shown."""
    height, width = result.image.shape
    settings = result.settings
    return " · ".join(
        (
            result.picture.name.capitalize(),
            f"{width} × {height} px",
            f"model *{settings.model}*",
            f"{settings.timesteps} timesteps",
            f"{settings.percentile:g}th percentile in {settings.lower_hz:g}–{settings.upper_hz:g} Hz",
            "reset to zero" if settings.reset == "zero" else "reset by subtraction",
            f"simulator *{result.recording.simulator}*",
        )
    )
