"""The page Networks: which net, which images, which methods."""

import hashlib
import re
from functools import partial

import streamlit as st

from snnlab.lab import networks
from snnlab.ui.networks import desk
from snnlab.ui.shared import heard, long_work, mine, words
from snnlab.ui.shared.remaining import spoken

_DIGITS, _OWN = "Drawn digits", "Your images"
_SIZE = re.compile(r"\s*([0-9]{1,4})\s*[x×*, ]\s*([0-9]{1,4})\s*")


def net() -> None:
    """Choose a net, or hand one in."""
    shown = desk.now()
    left, right = st.columns(2, gap="medium")
    with left:
        listed = networks.nets()
        names = [*listed, *([] if shown.name in listed else [shown.name])]
        own = f"{shown.name} (yours)"
        # another net on the page is another box, which stands at it
        key = _of("networks-net", shown.name, shown.handed, *names)
        chosen = st.selectbox(
            "Net",
            names,
            names.index(shown.name),
            format_func=lambda name: own if shown.handed and name == shown.name else name,
            key=key,
            on_change=_chosen,
            args=(key,),
            help=(
                "The one that comes with the lab, and those that `python -m snnlab import` has"
                " read."
            ),
        )
        heard.drawn(key, chosen)
    with right:
        if not mine.may_load():
            st.caption(desk.NO_FILES)
            return
        st.file_uploader(
            "Your own Keras net",
            ("keras", "h5"),
            key="networks-file",
            on_change=_handed,
            help="A `.keras` or `.h5` file with the whole model. It is read without running"
            " anything in it, and stays in this session.",
        )
        with st.expander("For nets that take images of any size"):
            st.text_input(
                "Height × width",
                key="networks-size",
                placeholder="32 x 32",
                on_change=_handed,
                persist_state="session",
            )


def _of(name: str, *what) -> str:
    return f"{name}-{hashlib.sha256(repr(what).encode()).hexdigest()[:12]}"


def _chosen(key: str) -> None:
    name = st.session_state[key]
    if heard.moved(key) and (name != desk.now().name or desk.now().handed):
        desk.choose(name)


def _handed() -> None:
    given = st.session_state.get("networks-file")
    if given is None:
        return
    found = _SIZE.fullmatch(st.session_state.get("networks-size") or "")
    size = (int(found[1]), int(found[2])) if found else None
    desk.hand_in(given.getvalue(), given.name, size)


def test() -> None:
    """What to test it on, and how; nothing for a net that is no classifier."""
    shown = desk.now()
    known = shown.known
    if known is None or known.refused or known.task != "classification":
        return
    with st.expander("Test it", icon=":material/science:", expanded=shown.tested is None):
        given, count = _images(known.graph)
        first, second, third = st.columns((3, 2, 2), gap="medium")
        with first:
            methods = st.multiselect(
                "Methods",
                networks.METHODS,
                default=networks.METHODS,
                key="networks-methods",
                persist_state="session",
            )
        with second:
            timesteps = st.select_slider(
                "Timesteps",
                networks.TIMESTEPS,
                networks.READY_STEPS,
                key="networks-steps",
                persist_state="session",
            )
        with third:
            percentile = st.number_input(
                "Percentile",
                50.0,
                100.0,
                99.9,
                0.1,
                key="networks-percentile",
                persist_state="session",
                help="The percentile of the activations above zero that becomes one spike per"
                " step, or the upper bound with *rate-scaling*. *ecc* uses the largest activation"
                " instead.",
            )
        maxima = any("maximum" in row.kind for row in known.rows) or shown.average
        average = maxima and st.checkbox(
            "Average pooling instead of max-pooling",
            key="networks-average",
            persist_state="session",
            help="Max-pooling needs gates, which some chips do not have. With averages, the"
            " answers are not the same.",
        )
        if given is None:
            st.caption(
                f"At most {count} images: the first of each class, then the second, and so on."
            )
        elif not methods:
            st.error("Choose at least one method.", icon=":material/error:")
        else:
            long_work.start(
                st.container(width="content"),
                "Test",
                "networks-start",
                desk.start,
                given,
                tuple(methods),
                timesteps,
                percentile,
                bool(average),
                disabled=desk.desk().job is not None,
            )


def _images(graph):
    """What gives the test set, in the worker; None while there is none to be had."""
    able = networks.draws_digits(graph)
    left, right = st.columns(2, gap="medium")
    with right:
        count = st.select_slider(
            "Images", networks.IMAGES, networks.READY_IMAGES, key="networks-count",
            persist_state="session",
        )  # fmt: skip
    with left:
        source = _OWN
        if able:
            source = st.segmented_control(
                "Tested on",
                (_DIGITS, _OWN),
                default=_DIGITS,
                required=True,
                key="networks-source",
                persist_state="session",
            )
        if source == _DIGITS:
            return partial(int, count), count
        shape = " × ".join(map(str, graph.image_shape))
        file = st.file_uploader(
            "Images with their classes",
            ("npz", "zip"),
            key="networks-images",
            help="An `.npz` with `x_test` and `y_test` (or `images` and `labels`), or a zip with"
            f" a folder for each class. This net takes {shape}; pictures in folders are resized.",
        )
    if file is None:
        return None, count
    return partial(networks.examples_given, file.getvalue(), file.name, graph, count), count


def line() -> None:
    """How far the work is, with the button that stops it."""
    job = desk.desk().job
    if job is None:
        return
    status = job.status
    text = status.stage
    if status.state == "queued":
        text = "waiting for another net"
    elif status.seconds_left is not None:
        text += f", about {spoken(status.seconds_left)} left"
    place = long_work.line(long_work.cancel(desk.drop, "cancel-networks"))
    place.progress(status.fraction, text=words.plain(text))
