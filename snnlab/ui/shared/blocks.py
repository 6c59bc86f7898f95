"""Parts of pages that are tables and numbers: scores, counts, what can be downloaded."""

import math
from collections.abc import Callable

import streamlit as st

from snnlab.figures.numbers import short
from snnlab.images.tissue import told_blank
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, glossary, trained, upload, words

NONE = "–"  # in place of a number that there is not
# scores of the masks that are on screen
_AT_THE_THRESHOLD = ("pixel_accuracy", "dice", "iou", "v_rand_at_threshold", "v_info_at_threshold")


def scores(result: Segmentation) -> None:
    """ANN against SNN on the labels, if there are any."""
    st.subheader("Scores", anchor=False)
    ann, snn = result.ann_scores, result.snn_scores
    if blank(result):
        return
    if ann is None or snn is None:
        st.info(
            "This image has no labels, so there is nothing to score against. Upload labels of the"
            " same size in the sidebar, or choose a sample.",
            icon=":material/label_off:",
        )
        return
    polarity(result)
    ann, snn = ann.as_dict(), snn.as_dict()
    # two masks of different thresholds differ, however well the one net follows the other
    unlike = () if result.settings.ann_threshold is None else _AT_THE_THRESHOLD
    table = {
        "": [name for name, _ in words.SCORES.values()],
        "ANN": [f"{ann[key]:.4f}" for key in words.SCORES],
        "SNN": [f"{snn[key]:.4f}" for key in words.SCORES],
        "SNN − ANN": [
            "–" if key in unlike else apart(ann[key], snn[key], 4) for key in words.SCORES
        ],
    }
    st.table(table, hide_index=True, border="horizontal", alt="Scores of ANN and SNN")
    trained.told(result.settings.model, result.settings.source, result.picture.in_the_file)
    glossary.caption(
        "All scores run from 0 to 1; larger is better. Threshold in use:"
        f" {words.thresholds(result.settings)}; pixels, Dice and IoU are counted at it. V_Rand is"
        f" best at {ann['best_threshold']:g} for the ANN and {snn['best_threshold']:g} for the"
        " SNN. Good is a last column within 0.002 for pixels and 0.01 for the best V_Rand."
        + (" A dash: the thresholds differ, so the difference says nothing." if unlike else "")
    )
    _thresholds((ann["best_threshold"], snn["best_threshold"]))
    with st.expander("What these scores mean", icon=":material/help:"):
        for name, meaning in words.SCORES.values():
            st.markdown(f"**{name}.** {meaning}")


def _thresholds(best: tuple[float, float]) -> None:
    """Buttons that set both thresholds: as they were chosen for the model, or best here."""
    now = st.session_state.settings
    chosen = bench.suited(now.model)
    with st.container(horizontal=True, vertical_alignment="center"):
        for key, label, about, (ann, snn) in (
            ("chosen", "Threshold as chosen", "The thresholds that come with the model, chosen on"
             " sections set aside for that.", (chosen.ann_at, chosen.threshold)),
            ("best", "Best for these labels", "Where V_Rand is largest on this very section. That"
             " is not a fair score for other sections, whose labels nobody knows.", best),
        ):  # fmt: skip
            wanted = now.replace(threshold=snn, ann_threshold=ann)
            st.button(
                label, key=f"threshold-{key}", on_click=bench.adopt, args=(wanted,), help=about,
                icon=":material/check:" if wanted == now else None, disabled=wanted == now,
            )  # fmt: skip


def silence(said: str) -> None:
    """Say that a run's readout heard no spike, and with which settings it would have."""
    if said:
        st.warning(said, icon=":material/volume_off:")


def blank(result: Segmentation) -> bool:
    """Say that nothing of a section is segmented, if it has no tissue; whether that is so."""
    if result.picture.blank:
        st.info(told_blank(result.picture.section), icon=":material/hide_image:")
    return result.picture.blank


def counts(result: Segmentation) -> None:
    """What the run would cost on a chip, in the units that cost follows."""
    st.subheader("Activity", anchor=False)
    values = {
        "spikes": short(result.spikes),
        "synaptic_events": short(result.synaptic_events),
        "neurons": short(sum(layer.neurons for layer in result.layers)),
        "mean_rate_hz": f"{result.mean_rate_hz:.1f} Hz",
        "timesteps": f"{result.timesteps}",
        "agreement": percent(result.agreement()),
    }
    with st.grid(3, min_column_width=150, gap="small"):
        for key, value in values.items():
            name, meaning = words.COUNTS[key]
            st.metric(name, value, help=meaning, border=True)
    st.caption(
        "On a chip, energy depends on these counts, above all on synaptic events. An ANN's energy"
        " depends on its multiplications, and their number is the same for every image. So look"
        " for lower rates and fewer timesteps at the same scores. Computed here in"
        f" {result.snn_seconds:.1f} s (ANN {result.ann_seconds:.1f} s), which says nothing about a"
        " chip."
    )


def downloads(result: Segmentation, *more: Callable[[Segmentation], None]) -> None:
    """Everything that can be downloaded; ``more`` draws what only this page has."""
    from snnlab.ui.shared import downloads as take

    st.subheader("Download", anchor=False)
    take.draw(result, "page")
    for draw in more:
        draw(result)


def polarity(result: Segmentation) -> None:
    """Say that labels look inverted, if the ANN fits their opposite far better."""
    if not result.labels_look_inverted:
        return
    with st.container(key="polarity-hint"):
        st.warning(
            "**These labels look inverted.** The ANN fits their opposite far better: black may mean"
            " cell in this file.",
            icon=":material/invert_colors:",
        )
        if result.settings.source == "upload":
            st.button("Invert the labels", icon=":material/invert_colors:", on_click=upload.turn,
                      args=(result.picture.sha256,))  # fmt: skip


def percent(share: float) -> str:
    """A share in percent, two decimals; a dash for NaN, which it is if no pixel counts."""
    return NONE if math.isnan(share) else f"{100 * share:.2f} %"


def apart(a: float, b: float, digits: int) -> str:
    """``b - a`` of the values as they are shown, so that whoever subtracts finds the same.

    A dash if one of them is NaN.
    """
    if math.isnan(a) or math.isnan(b):
        return NONE
    apart = round(round(b, digits) - round(a, digits), digits)
    return f"{apart:+.{digits}f}".replace("-", "−") if apart else "0"
