"""The result of a fine-tuning: one number for the rates, the scores, a verdict, the model."""

import json

import streamlit as st

from snnlab.figures.numbers import many
from snnlab.lab import finetune_verdict
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.lab.finetune_verdict import SCORES, SIDES
from snnlab.ui.shared import bench, words


def draw(tuning) -> None:
    """What came of it, against the model before."""
    tuned, wish = tuning.tuned, tuning.asked.wish
    before, after = tuned.before, tuned.after
    st.subheader("Your model", anchor=False)
    verdict = finetune_verdict.of(before, after, tuned.history)
    warning = tuned.model.card["scores"]["warning"]
    if warning:
        if verdict.short:
            st.warning(verdict.short, icon=":material/timer:")
        st.error(words.plain(warning), icon=":material/warning:")
    elif verdict.good:
        st.success(verdict.whole, icon=":material/check_circle:")
    else:
        st.warning(verdict.whole, icon=":material/timer:" if verdict.short else ":material/info:")
    left, right = st.columns((1, 2), gap="medium")
    with left:
        _headline(before, after)
    with right:
        _table(before, after)
    st.caption(_about(tuned, wish))
    with st.container(horizontal=True):
        st.button("Use it in the lab", type="secondary" if warning else "primary",
                  icon=":material/open_in_new:", on_click=use, args=(tuned.model.name,),
                  key="tune-use")  # fmt: skip
        take(tuned.model, "result")
    st.caption(
        "It is in your list of models, and nobody else can see it. The file holds weights and"
        " card, and can be loaded again below."
    )


def _headline(before: dict, after: dict) -> None:
    was, now = (part["in_range"]["section"] for part in (before, after))
    st.metric(
        "Neurons in band",
        f"{100 * now:.2f} %",
        f"{finetune_verdict.points(now - was)}, before {100 * was:.2f} %",
        border=True,
        help="In the network of a section of 512 × 512 pixels. Each neuron has its own percentile;"
        " nothing is pooled.",
    )
    st.caption(f"Counted neuron by neuron on {_counted_on(after['counted'])}.")


def _counted_on(said: str) -> str:
    return f"the {said}" if said.startswith("held-out") else said


def _table(before: dict, after: dict) -> None:
    rows = {
        f"{title}, {name}": (side, key)
        for side, title in SIDES.items()
        for key, name in SCORES.items()
    }
    st.table(
        {
            "": list(rows),
            "before": [f"{before[s][k]:.4f}" for s, k in rows.values()],
            "after": [f"{after[s][k]:.4f}" for s, k in rows.values()],
            "change": [
                finetune_verdict.points(after[s][k] - before[s][k]) for s, k in rows.values()
            ],
        },
        hide_index=True, border="horizontal", alt="Scores before and after fine-tuning",
    )  # fmt: skip


def _about(tuned, wish) -> str:
    shares = {k: v for k, v in tuned.after["in_range"].items() if k not in ("all", "section")}
    settings = tuned.model.card["settings"]
    text = (
        f"*{tuned.model.name}*, on {tuned.held_out}; before: *{wish.model}*, its spiking net run"
        f" in the same way: {many(settings['timesteps'], 'step')},"
        f" {settings['lower_hz']:g}–{settings['upper_hz']:g} Hz, synapse"
        f" {settings['synapse_ms']:g} ms."
    )
    if tuned.after["in_range"]["section"] < 1:
        text += f" Most neurons out of band are in *{min(shares, key=shares.get)}*."
    if wish.data == "own":
        text += " Little is held out, so a difference of a point may be due to chance."
    return text


def use(name: str) -> None:
    """Show the section on screen with this model."""
    here = st.session_state.settings
    bench.adopt(lab.defaults(name).replace(source=here.source, section=here.section))
    st.session_state.tune_loaded = True


def take(model, where: str) -> None:
    """Buttons to download a model and its card."""
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
