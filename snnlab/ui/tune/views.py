"""What the page Tune shows: the job's line, curves and previews, own models."""

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.figures import finetune as figures
from snnlab.figures.numbers import many
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.lab.finetune_verdict import SCORES
from snnlab.nets import files as model_file
from snnlab.ui.shared import courses, long_work, mine, plots, words
from snnlab.ui.shared.remaining import minutes, spoken
from snnlab.ui.tune import result as finetune_result
from snnlab.ui.tune import running as finetune

ON = {"synthetic": "", "isbi": ", on ISBI sections", "own": ", on your own images"}
QUICK = (
    "From here on these are quick checks: channels instead of neurons, and the middles of a few"
    " held-out images."
)


def draw(asked) -> None:
    """All of it, drawn again and again while a job is under way."""
    long_work.watched(lambda: finetune.desk().job is not None, page, asked)
    _own()


def page(asked) -> None:
    """The line with the buttons, the result, curves and previews."""
    if st.session_state.pop("tune_loaded", False):
        st.switch_page("pages/segment.py")
    if finetune.collect():
        st.rerun()
    tuning = finetune.now()
    wrong = st.session_state.get("tuning_wrong") or (tuning is not None and tuning.error)
    if wrong:
        st.error(words.plain(wrong), icon=":material/error:")
    if tuning is not None and tuning.note:
        st.warning(words.plain(tuning.note), icon=":material/link_off:")
    _bar(tuning, asked)
    if tuning is None:
        return
    if tuning.token is not None:
        courses.address(finetune.PARAMETER, tuning.token)
    if tuning.tuned is not None:
        finetune_result.draw(tuning)
    entries = tuning.live.entries
    if len(entries) > 1:
        _watched(tuning, entries)


# ---- the line with the buttons --------------------------------------------------


def _bar(tuning, asked) -> None:
    job = finetune.desk().job
    if job is not None:
        _under_way(job, tuning)
    elif tuning is not None and tuning.paused:
        _paused(tuning)
    elif asked is not None:
        _offer(asked)


def _under_way(job, tuning) -> None:
    status = job.status
    said = long_work.line(
        long_work.pause(finetune.pause, "tune-pause"),
        long_work.cancel(finetune.drop, "tune-cancel"),
    )
    text = "waiting for another fine-tuning" if status.state == "queued" else status.stage
    if status.state == "running":
        over = status.seconds > tuning.planned
        planned = minutes(tuning.planned)
        planned = f"min (planned: {planned})" if over else f"of about {planned} min"
        text += f", {minutes(status.seconds)} {planned}"
    said.progress(status.fraction, text=text)


def _paused(tuning) -> None:
    said = long_work.line(
        long_work.go_on(finetune.go_on, "tune-go-on"),
        long_work.discard(finetune.drop, "tune-discard"),
    )
    asked = tuning.asked
    try:
        share = lab_finetune.begun(asked.wish, asked.folder, asked.own)
    except LabError:
        share = 0.0
    said.info(
        f"Paused at {100 * share:.0f} % of the training. It is kept on disk, so it can go on even"
        " after the lab is restarted.",
        icon=":material/pause:",
    )


def _offer(asked) -> None:
    wish = asked.wish
    said, button = st.columns((6, 1.8), vertical_alignment="center")
    done = lab_finetune.begun(wish, asked.folder, asked.own)
    own = "".join(f", {name} in {low:g}–{high:g} Hz" for name, low, high in wish.layers)
    text = (
        f"**{wish.model}** into {wish.lower_hz:g}–{wish.upper_hz:g} Hz at the"
        f" {wish.percentile:g}th percentile{own}{ON[wish.data]}: about"
        f" **{spoken(finetune.planned(asked))}**."
    )
    if done >= 1:
        text += " It was trained before; only its scores are computed again."
    elif done > 0:
        text += f" {100 * done:.0f} % of it is there already, from an earlier run."
    said.markdown(text)
    label = "Go on" if 0 < done < 1 else "Start"
    long_work.start(button, label, "tune-start", finetune.start, asked)


# ---- curves and previews --------------------------------------------------------


def _watched(tuning, entries) -> None:
    before, *checks = entries
    last, wish = checks[-1], tuning.asked.wish
    if tuning.tuned is not None:
        st.subheader("How it got there", anchor=False)
        st.caption(f"After {many(last['step'], 'step')}. {QUICK}")
    else:
        st.caption(
            f"Step {last['step']}, {last['seconds']:.0f} s: {100 * last['in_range']:.1f} % of the"
            f" channels in band (before {100 * before['in_range']:.1f} %), pixel accuracy"
            f" {last['pixel_accuracy']:.4f} (before {before['pixel_accuracy']:.4f}), V_Rand"
            f" {last['v_rand']:.4f} (before {before['v_rand']:.4f}). {QUICK} The result will be"
            " counted neuron by neuron, on everything that is held out."
        )
    _previews(tuning)
    st.subheader("Rates on their way into the bounds", anchor=False)
    words.look_for(
        "**Green should come to lie in the green band.** A dot is the median channel of a layer,"
        " and its whisker reaches from the 5th to the 95th percentile; grey is before. The jump at"
        " the start is scaling, which does not change what the net computes; training then pulls"
        " in what still sticks out. A layer off chip has no lower bound."
    )
    names = list(last["rates"])
    off_chip = {layer.name for layer in lab.model(wish.model).layers if not layer.on_chip}
    bounds = [(0 if name in off_chip else low, high)
              for name in names for low, high in [wish.rates.of(name)]]  # fmt: skip
    plots.draw(
        figures.rates(
            [f"{name} (off chip)" if name in off_chip else name for name in names],
            [before["rates"][name][:3] for name in names],
            [last["rates"][name][:3] for name in names], bounds, wish.percentile,
        ),
        "tune-rates", "Percentile rates of every layer before and now, against the bounds",
    )  # fmt: skip
    _curves(before, checks)


def _curves(before, checks) -> None:
    seconds = [entry["seconds"] for entry in checks]
    trained = [entry for entry in checks if entry["loss"] is not None]
    left, middle, right = st.columns(3, gap="medium")
    with left:
        words.look_for(
            "**Both should end lower than they began**, the rate term by far. They may rise at"
            " first."
        )
        if trained:
            plots.draw(
                figures.losses(
                    [entry["seconds"] for entry in trained],
                    [entry["loss"] for entry in trained],
                    [entry["rate_loss"] for entry in trained],
                ),
                "tune-losses", "Loss and its rate term against time",
            )  # fmt: skip
    with middle:
        words.look_for("**Close to the dashed lines is good**: they are the scores before.")
        plots.draw(
            figures.quality(
                seconds,
                {name: [entry[key] for entry in checks] for key, name in SCORES.items()},
                {name: before[key] for key, name in SCORES.items()},
            ),
            "tune-quality", "Held-out pixel accuracy and V_Rand against time",
        )  # fmt: skip
    with right:
        words.look_for("**Near 100 % is good**; the dashed line is before.")
        plots.draw(
            figures.share(
                seconds, [entry["in_range"] for entry in checks], before["in_range"]
            ),
            "tune-share", "Share of the channels in band against time",
        )  # fmt: skip


def _previews(tuning) -> None:
    live = tuning.live
    if live.shown is None or len(live.previews) < 2:
        return
    shown = {"Image (its middle)": live.shown}
    shown |= dict(zip(("Before", "Now"), live.previews, strict=True))
    for column, (name, pixels) in zip(st.columns(3, gap="medium"), shown.items(), strict=True):
        grey = np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)
        column.image(grey, caption=name, alt=name, width="stretch")


# ---- own models -------------------------------------------------------------------


def _own() -> None:
    """The visitor's models, and a field to load one."""
    models = mine.models()
    if not models and not mine.may_load():
        return
    with st.expander("Your models", icon=":material/folder_special:", key="tune-own"):
        if st.session_state.get("tune_refused"):
            refused = words.plain(st.session_state.pop("tune_refused"))
            st.error(refused, icon=":material/error:")
        for model in models:
            st.markdown(f"**{model.name}**. {words.plain(model.card.get('summary', ''))}")
            with st.container(horizontal=True):
                st.button("Use it in the lab", icon=":material/open_in_new:",
                          on_click=finetune_result.use, args=(model.name,),
                          key=f"tune-use-{model.name}")  # fmt: skip
                finetune_result.take(model, model.name)
                st.button("Remove", icon=":material/delete:", on_click=_remove,
                          args=(model.name,), key=f"tune-remove-{model.name}")  # fmt: skip
        if mine.may_load():
            st.file_uploader(
                "Load a model file", "npz", key="tune-load", on_change=_load,
                help="An .npz that this lab wrote. It is checked as it is read: names, shapes,"
                f" types, finite values, at most {model_file.LARGEST >> 20} MB. Nothing in it is"
                " run.",
            )  # fmt: skip


def _remove(name: str) -> None:
    try:
        mine.remove(name)
    except LabError as error:
        st.session_state.tune_refused = _first(error)


def _load() -> None:
    file = st.session_state.get("tune-load")
    if file is None:
        return
    try:
        mine.load(file.getvalue(), file.name)
    except LabError as error:
        st.session_state.tune_refused = _first(error)


def _first(error: LabError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]
