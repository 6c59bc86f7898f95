"""What the page of trainings shows: the estimate, the progress, the curves, what came of it."""

import numpy as np
import streamlit as st

from snnlab.figures import training as figures
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.lab import training as lab_training
from snnlab.ui.shared import bench, courses, long_work, plots, words
from snnlab.ui.shared.remaining import spoken
from snnlab.ui.train import controls
from snnlab.ui.train import running as training

SIDE = 512  # pixels of a picture, at most


def draw(asked, given) -> None:
    """All of it, drawn again and again while a job is under way."""
    long_work.watched(lambda: training.desk().job is not None, page, asked, given)


def page(asked, given) -> None:
    """The line with the buttons, and the figures."""
    if st.session_state.pop("training_loaded", False):
        st.switch_page("pages/segment.py")
    controls.follow()
    if training.collect():
        st.rerun()
    run = training.now()
    if run is not None and run.error:
        text = words.plain(run.error[:1].upper() + run.error[1:])
        st.error(text, icon=":material/error:")
    if run is not None and run.note:
        st.warning(words.plain(run.note), icon=":material/link_off:")
    _bar(run, asked, given)
    if run is None:
        return
    if run.token is not None:
        courses.address(training.PARAMETER, run.token)
    if run.heard:
        _curves(run)
        _pictures(run)
    if run.model is not None:
        _made(run)


def _bar(run, asked, given) -> None:
    """What can be done now."""
    job = training.desk().job
    if job is not None:
        _under_way(run, job)
    elif run is not None and run.paused:
        _paused(run)
    elif asked is not None and given is not None:
        _offer(run, asked, given)


def _under_way(run, job) -> None:
    status = job.status
    pause = None if run.timing else long_work.pause(training.pause)
    stop = training.pause if run.timing else training.drop
    said = long_work.line(pause, long_work.cancel(stop, "training-cancel"))
    text = "waiting for another training" if status.state == "queued" else _first(status.stage)
    if status.state == "running" and not run.timing:
        left = run.left.told(status.seconds_left)
        text += f", about {spoken(left)} left" if left else ""
    said.progress(status.fraction, text=text)


def _first(stage: str) -> str:
    """Of a trainer's line what fits above a bar."""
    return ", ".join(stage.split(", ")[:2])


def _paused(run) -> None:
    said = long_work.line(long_work.go_on(training.go_on), long_work.discard(training.drop))
    done = lab_training.begun(run.order, run.given.own)
    said.info(
        f"Paused; {done} of {many(run.steps, 'step')} are kept on disk, so it can go on even after"
        " the lab is restarted.",
        icon=":material/pause:",
    )


def _offer(run, asked, given) -> None:
    timed = run is not None and run.times and run.order == asked and run.given is given
    done = lab_training.begun(asked, given.own)
    kept = (
        (
            f" {many(done, 'step')} of it {'is' if done == 1 else 'are'} there already, from an"
            " earlier run."
        )
        if done
        else ""
    )
    if done >= sum(lab_training.steps(asked, given.own)):
        kept = " It was trained before; only its scores are computed again."
    said, button = st.columns((6, long_work.WIDE), vertical_alignment="center")
    if not timed:
        said.markdown(
            ":material/timer: First the lab measures how long it takes: it trains for a few steps,"
            f" some 10 to 40 seconds.{kept}"
        )
        long_work.start(
            button, "How long?", "training-time", training.measure, asked, given, icon="timer"
        )
        return
    said.markdown(f":material/timer: {lab_training.told(run.times)}{kept}")
    label = "Go on" if done else "Start"
    long_work.start(button, label, "training-start", training.go_on)


# ---- curves and pictures ----------------------------------------------------


def _curves(run) -> None:
    heard = list(run.heard)
    at = [one.steps_before + one.entry["step"] for one in heard]
    stages = sorted({one.steps_before for one in heard} - {0})
    series = {"ann": (at, [one.entry["v_rand"] for one in heard])}
    for key in ("snn", "snn_fast"):
        found = [(x, one.entry[key][1]) for x, one in zip(at, heard, strict=True)
                 if key in one.entry]  # fmt: skip
        if found:
            series[key] = tuple(zip(*found, strict=True))
    nothing = run.nothing
    words.look_for(
        "**The score should climb, well above the dotted line, then level off.** It is of"
        f" {run.given.own.held} that are not trained on; the line is the score for calling every"
        f" pixel {nothing['class']}. If the loss falls while the score stays the same, the net is"
        " memorising: then more labels help, and more steps do not."
    )
    left, right = st.columns(2, gap="medium")
    with left:
        plots.draw(
            figures.scores(
                series, run.steps, stages, nothing=(f"all {nothing['class']}", nothing["v_rand"])
            ),
            key="training-scores",
            alt="Held-out V_Rand against training steps",
        )  # fmt: skip
    with right:
        plots.draw(
            figures.losses(
                at, [one.entry["loss"] for one in heard],
                [one.entry["rate_loss"] for one in heard], run.steps, stages,
            ),
            key="training-losses", alt="Losses against training steps",
        )  # fmt: skip
    last = heard[-1].entry
    st.caption(
        f"Stage {heard[-1].stage} of {heard[-1].stages}, {last['minutes']:.1f} min into it:"
        f" V_Rand {last['v_rand']:.4f}, pixel accuracy {last['pixel_accuracy']:.4f}"
        + (", with 8-bit weights." if last["folded"] else ", before rounding to 8 bits.")
        + f" All {nothing['class']}: {nothing['v_rand']:.4f}, {nothing['pixel_accuracy']:.4f}."
        + " These are scores of some windows, before the readout is final; the result's can differ."
        + (" A dashed line is where a new stage began." if stages else "")
    )


def _pictures(run) -> None:
    shown = next((one for one in reversed(run.heard) if one.shown is not None), None)
    if shown is None:
        return
    data = run.given.own.for_training()
    name = "A section" if run.given.own.held == "sections" else "Rows"
    st.subheader(f"{name} it does not train on", anchor=False)
    step = shown.steps_before + shown.entry["step"]
    for column, (name, pixels) in zip(
        st.columns(3, gap="medium"),
        {
            "Image": data.images[0],
            f"ANN after {many(step, 'step')}": shown.shown,
            "Labels": np.where(data.labels[0] < 0, 0.5, data.labels[0]).astype(np.float32),
        }.items(),
        strict=True,
    ):
        with column:
            grey = np.rint(255 * pixels[:SIDE, :SIDE]).astype(np.uint8)
            st.image(grey, width="stretch", alt=name, caption=name)


# ---- what came of it --------------------------------------------------------


def _made(run) -> None:
    model, card = run.model, run.model.card
    st.subheader("Your model", anchor=False)
    scores = card["scores"]
    if scores["warning"]:
        st.warning(words.plain(scores["warning"]), icon=":material/warning:")
    names = {key: words.SCORES[key][0] for key in ("v_rand", "v_info", "pixel_accuracy", "dice")}
    nothing = scores["constant"]
    rows = {"ANN": scores["ann"], "SNN": scores["snn"], f"all {nothing['class']}": nothing}
    st.table(
        {"": list(names.values())}
        | {title: [f"{row[key]:.4f}" for key in names] for title, row in rows.items()},
        hide_index=True, border="horizontal", alt="Scores of the trained model",
    )  # fmt: skip
    settings = card["settings"]
    text = f"*{model.name}*: {card['minutes']:g} min of training; scored on what was held out"
    text += f" ({scores['sections']}), SNN {many(settings.get('timesteps', 64), 'step')}."
    if scores["in_range"]:
        share, bounds = scores["in_range"], card["range"]
        text += (
            f" {100 * share['section']:.1f} % of the neurons have their {bounds['percentile']:g}th"
            f" percentile rate in {bounds['lower_hz']:g}–{bounds['upper_hz']:g} Hz, neuron by"
            f" neuron ({scores['in_range_of']})."
        )
    st.caption(text)
    with st.container(horizontal=True):
        kind = "secondary" if scores["warning"] else "primary"
        st.button("Use it in the lab", type=kind, icon=":material/open_in_new:",
                  on_click=_use, args=(model.name,), key="training-use")  # fmt: skip
        if scores["warning"]:
            controls.tune_button("below", run.given)
        st.download_button(
            "Download (.npz)", lambda: lab_training.packed(model), f"{model.name}.npz",
            "application/octet-stream", on_click="ignore", icon=":material/download:",
            key="training-download",
        )  # fmt: skip
    st.caption(
        "It is in your list of models. The file holds weights and card, and the lab can load it"
        " again. The training's address brings it back too."
    )


def _use(name: str) -> None:
    here = st.session_state.settings
    chosen = lab.defaults(name).replace(source=here.source, section=here.section)
    bench.adopt(chosen)
    st.session_state.training_loaded = True
