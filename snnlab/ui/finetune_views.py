"""What the page Tune shows: the job's line, curves and previews, the result, own models."""

import json

import numpy as np
import streamlit as st

from snnlab import lab, lab_finetune, model_file
from snnlab.errors import LabError
from snnlab.figures import finetune as figures
from snnlab.ui import bench, finetune, mine, plots, words
from snnlab.ui.sweep import spoken

SCORES = {"pixel_accuracy": "pixel accuracy", "v_rand": "V_Rand"}
AFTER = 45  # seconds, about, that finishing and scores take


@st.fragment
def _still(asked) -> None:
    if finetune.desk().job is not None:  # just started, from within: all is to be drawn anew
        st.rerun()
    page(asked)


@st.fragment(run_every=finetune.POLL)
def _moving(asked) -> None:
    if finetune.desk().job is None:  # paused or dropped: the rest is to be drawn anew
        st.rerun()
    page(asked)


def draw(asked) -> None:
    """All of it, drawn again and again while a job is under way."""
    (_moving if finetune.desk().job is not None else _still)(asked)
    _own()


def page(asked) -> None:
    """The line with the buttons, the result, curves and previews."""
    if st.session_state.pop("tune_loaded", False):
        st.switch_page("app_pages/segment.py")
    if finetune.collect():
        st.rerun()
    tuning = finetune.now()
    if tuning is not None and tuning.error:
        st.error(tuning.error, icon=":material/error:")
    _bar(tuning, asked)
    if tuning is None:
        return
    if tuning.tuned is not None:
        _result(tuning)
    entries = tuning.live.entries
    if len(entries) > 1:
        _watched(tuning, entries)


# ---- the line with the buttons --------------------------------------------------


def _bar(tuning, asked) -> None:
    job = finetune.desk().job
    if job is not None:
        _under_way(job)
    elif tuning is not None and tuning.paused:
        _paused(tuning)
    elif asked is not None:
        _offer(asked)


def _under_way(job) -> None:
    status = job.status
    said, pause, cancel = st.columns((6, 1.4, 1.4), vertical_alignment="center")
    text = "waiting for another fine-tuning" if status.state == "queued" else status.stage
    if status.seconds_left is not None:
        text += f", about {spoken(status.seconds_left)} left"
    said.progress(status.fraction, text=text)
    pause.button("Pause", icon=":material/pause:", on_click=finetune.pause, width="stretch",
                 key="tune-pause")  # fmt: skip
    cancel.button("Cancel", icon=":material/close:", on_click=finetune.drop, width="stretch",
                  key="tune-cancel")  # fmt: skip


def _paused(tuning) -> None:
    said, on, away = st.columns((6, 1.4, 1.4), vertical_alignment="center")
    asked = tuning.asked
    try:
        share = lab_finetune.begun(asked.wish, asked.folder, asked.own)
    except LabError:
        share = 0.0
    said.info(
        f"Paused at {100 * share:.0f} % of the training. It is kept on disk, so that it can go on"
        " even after the lab was restarted: choose the same again.",
        icon=":material/pause:",
    )
    on.button("Go on", type="primary", icon=":material/play_arrow:", on_click=finetune.go_on,
              width="stretch", key="tune-go-on")  # fmt: skip
    away.button("Discard", icon=":material/delete:", on_click=finetune.drop, width="stretch",
                key="tune-discard")  # fmt: skip


def _offer(asked) -> None:
    wish = asked.wish
    said, button = st.columns((6, 1.8), vertical_alignment="center")
    done = lab_finetune.begun(wish, asked.folder, asked.own)
    own = "".join(f", {name} in {low:g}–{high:g} Hz" for name, low, high in wish.layers)
    text = (
        f"**{wish.model}** into {wish.lower_hz:g}–{wish.upper_hz:g} Hz at the"
        f" {wish.percentile:g}th percentile{own}: about"
        f" **{spoken(60 * wish.minutes * (1 - done) + AFTER)}**."
    )
    if done >= 1:
        text += " It was trained before; only its scores are computed again."
    elif done > 0:
        text += f" {100 * done:.0f} % of it are there already, from an earlier run."
    said.markdown(text)
    button.button(
        "Go on" if 0 < done < 1 else "Start", type="primary", icon=":material/play_arrow:",
        on_click=finetune.start, args=(asked,), width="stretch", key="tune-start",
    )  # fmt: skip


# ---- curves and previews --------------------------------------------------------


def _watched(tuning, entries) -> None:
    was, *checks = entries
    last, wish = checks[-1], tuning.asked.wish
    st.caption(
        f"Step {last['step']}, {last['seconds']:.0f} s; on held-out sections: pixel"
        f" accuracy {last['pixel_accuracy']:.4f} (was {was['pixel_accuracy']:.4f}), V_Rand"
        f" {last['v_rand']:.4f} (was {was['v_rand']:.4f}); {100 * last['in_range']:.1f} % of the"
        f" rates inside (was {100 * was['in_range']:.1f} %). All positions of a channel pooled."
    )
    _previews(tuning)
    st.subheader("Rates on their way into the bounds", anchor=False)
    words.look_for(
        "**Green should come to lie in the green band.** A dot is the middle neuron of a layer, the"
        " whisker reaches from the 5th to the 95th per cent of its neurons; grey is the model as it"
        " was. The jump at the start is scaling, which changes nothing that the net computes; what"
        " then still sticks out is drawn in by training."
    )
    names = list(last["rates"])
    bounds = [wish.rates.of(name) for name in names]
    off_chip = {layer.name for layer in lab.model(wish.model).layers if not layer.on_chip}
    bounds = [(0 if name in off_chip else low, high)
              for name, (low, high) in zip(names, bounds, strict=True)]  # fmt: skip
    _chart(
        figures.rates(
            names, [was["rates"][name][:3] for name in names],
            [last["rates"][name][:3] for name in names], bounds, wish.percentile,
        ),
        "rates", "Percentile rates of every layer before and now, against the bounds",
    )  # fmt: skip
    _curves(was, checks)


def _curves(was, checks) -> None:
    seconds = [entry["seconds"] for entry in checks]
    trained = [entry for entry in checks if entry["loss"] is not None]
    left, middle, right = st.columns(3, gap="medium")
    with left:
        words.look_for("**Both should fall**; the rates' term by far the more.")
        if trained:
            _chart(
                figures.losses(
                    [entry["seconds"] for entry in trained],
                    [entry["loss"] for entry in trained],
                    [entry["rate_loss"] for entry in trained],
                ),
                "losses", "Loss and its rate term against time",
            )  # fmt: skip
    with middle:
        words.look_for("**Close to the dashed lines**, which are the model as it was, is good.")
        _chart(
            figures.quality(
                seconds,
                {name: [entry[key] for entry in checks] for key, name in SCORES.items()},
                {name: was[key] for key, name in SCORES.items()},
            ),
            "quality", "Held-out pixel accuracy and V_Rand against time",
        )  # fmt: skip
    with right:
        words.look_for("**Above 99 %** (dashed) is the aim.")
        _chart(
            figures.share([0, *seconds], [entry["in_range"] for entry in (was, *checks)]),
            "share", "Share of the rates inside the bounds against time",
        )  # fmt: skip


def _chart(figure, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=f"tune-{key}", config=plots.config(), alt=alt)


def _previews(tuning) -> None:
    live = tuning.live
    if live.shown is None or len(live.previews) < 2:
        return
    shown = {"Image (its middle)": live.shown}
    shown |= dict(zip(("As it was", "Now"), live.previews, strict=True))
    for column, (name, pixels) in zip(st.columns(3, gap="medium"), shown.items(), strict=True):
        grey = np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)
        column.image(grey, caption=name, alt=name, width="stretch")


# ---- the result -------------------------------------------------------------------


def _result(tuning) -> None:
    tuned, wish = tuning.tuned, tuning.asked.wish
    model, before, after = tuned.model, tuned.before, tuned.after
    st.subheader("Your model", anchor=False)
    inside = after["in_range"]["section"]
    left, right = st.columns((1, 2), gap="medium")
    with left:
        st.metric(
            "Neurons inside their bounds",
            f"{100 * inside:.2f} %",
            f"{100 * (inside - before['in_range']['section']):+.1f} points",
            border=True,
            help="Neuron by neuron, nothing pooled, on sections that were not trained on; of the"
            " network of a whole section of 512 × 512 pixels.",
        )
    rows = {
        f"{side.upper()}, {name}": (side, key)
        for side in ("ann", "snn")
        for key, name in SCORES.items()
    }
    with right:
        st.table(
            {
                "": list(rows),
                "before": [f"{before[s][k]:.4f}" for s, k in rows.values()],
                "after": [f"{after[s][k]:.4f}" for s, k in rows.values()],
                "after − before": [
                    f"{after[s][k] - before[s][k]:+.4f}".replace("-", "−") for s, k in rows.values()
                ],
            },
            hide_index=True, border="horizontal", alt="Scores before and after fine-tuning",
        )  # fmt: skip
    settings = model.card["settings"]
    tile = after["in_range"]["all"]
    least = min(
        (share, name) for name, share in after["in_range"].items() if name not in ("all", "section")
    )
    verdict = (
        "At least 99 % is reached."
        if inside >= 0.99
        else "99 % is not reached: more minutes, or wider bounds, bring it nearer."
    )
    st.caption(
        f"*{model.name}*, on {tuned.held_out}. {verdict} Of the network of one tile, which has more"
        f" border, {100 * tile:.2f} %; fewest in {least[1]}, {100 * least[0]:.1f} % of a tile's."
        f" SNN: {settings['timesteps']} steps, {settings['lower_hz']:g}–{settings['upper_hz']:g}"
        f" Hz, synapse {settings['synapse_ms']:g} ms, the model as it was run the same way."
        + (" Little is held out, so a difference of a hundredth may be chance."
           if wish.data == "own" else "")
    )  # fmt: skip
    with st.container(horizontal=True):
        st.button("Use it in the lab", type="primary", icon=":material/open_in_new:",
                  on_click=_use, args=(model.name,), key="tune-use")  # fmt: skip
        _take(model, "result")
    st.caption(
        "It is in your list of models until this session ends; nobody else sees it. The file holds"
        " weights and card, and can be loaded again below."
    )


def _use(name: str) -> None:
    here = st.session_state.settings
    bench.adopt(lab.defaults(name).replace(source=here.source, section=here.section))
    st.session_state.tune_loaded = True


def _take(model, where: str) -> None:
    st.download_button(
        "Model (.npz)", lambda: lab_finetune.packed(model), f"{model.name}.npz",
        "application/octet-stream", on_click="ignore", icon=":material/download:",
        key=f"tune-take-{where}",
    )  # fmt: skip
    st.download_button(
        "Card (.json)", lambda: json.dumps(model.card, indent=2), f"{model.name}.json",
        "application/json", on_click="ignore", icon=":material/description:",
        key=f"tune-card-{where}",
    )  # fmt: skip


# ---- own models -------------------------------------------------------------------


def _own() -> None:
    """The visitor's models, and a field to load one."""
    models = mine.models()
    if not models and not mine.may_load():
        return
    with st.expander("Your models", icon=":material/folder_special:", key="tune-own"):
        if st.session_state.get("tune_refused"):
            st.error(st.session_state.pop("tune_refused"), icon=":material/error:")
        for model in models:
            st.markdown(f"**{model.name}**. {words.plain(model.card.get('summary', ''))}")
            with st.container(horizontal=True):
                st.button("Use it in the lab", icon=":material/open_in_new:", on_click=_use,
                          args=(model.name,), key=f"tune-use-{model.name}")  # fmt: skip
                _take(model, model.name)
                st.button("Remove", icon=":material/delete:", on_click=_remove,
                          args=(model.name,), key=f"tune-remove-{model.name}")  # fmt: skip
        if mine.may_load():
            st.file_uploader(
                "Load a model file", "npz", key="tune-load", on_change=_load,
                help="An .npz that this lab wrote. It is checked on reading: names, shapes, types,"
                f" finite values, at most {model_file.LARGEST >> 20} MB; nothing in it is run.",
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
