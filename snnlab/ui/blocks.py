"""Parts of pages that are tables and numbers: scores, counts, downloads."""

import csv
import io

import streamlit as st

from snnlab.result import Segmentation
from snnlab.ui import views, words


def scores(result: Segmentation) -> None:
    """ANN against SNN on the labels, if there are any."""
    st.subheader("Scores", anchor=False)
    ann, snn = result.ann_scores, result.snn_scores
    if ann is None or snn is None:
        st.info(
            "This image has no labels, so there is nothing to score against. Upload labels of the"
            " same size in the sidebar, or choose a sample.",
            icon=":material/label_off:",
        )
        return
    ann, snn = ann.as_dict(), snn.as_dict()
    table = {
        "": [name for name, _ in words.SCORES.values()],
        "ANN": [f"{ann[key]:.4f}" for key in words.SCORES],
        "SNN": [f"{snn[key]:.4f}" for key in words.SCORES],
        "SNN − ANN": [f"{snn[key] - ann[key]:+.4f}".replace("-", "−") for key in words.SCORES],
    }
    st.table(table, hide_index=True, border="horizontal", alt="Scores of ANN and SNN")
    st.caption(
        f"All 0 to 1, larger is better. Threshold in use {result.settings.threshold:g}; V_Rand is"
        f" best at {ann['best_threshold']:g} for the ANN and {snn['best_threshold']:g} for the SNN."
        " Good: the last column within 0.002 for pixels and 0.01 for V_Rand."
    )
    with st.expander("What these scores mean", icon=":material/help:"):
        for name, meaning in words.SCORES.values():
            st.markdown(f"**{name}.** {meaning}")


def counts(result: Segmentation) -> None:
    """What the run would cost on a chip, in the units that cost follows."""
    st.subheader("Activity", anchor=False)
    values = {
        "spikes": short(result.spikes),
        "synaptic_events": short(result.synaptic_events),
        "neurons": short(sum(layer.neurons for layer in result.layers)),
        "mean_rate_hz": f"{result.mean_rate_hz:.1f} Hz",
        "timesteps": f"{result.timesteps}",
        "agreement": f"{100 * result.agreement():.2f} %",
    }
    with st.grid(3, min_column_width=130, gap="small"):
        for key, value in values.items():
            name, meaning = words.COUNTS[key]
            st.metric(name, value, help=meaning, border=True)
    st.caption(
        "Energy on a chip follows these counts, above all synaptic events, while an ANN's follows"
        " its multiplications, which are as many for any image. So look for lower rates and fewer"
        f" timesteps at the same scores. Computed here in {result.snn_seconds:.1f} s"
        f" (ANN {result.ann_seconds:.1f} s), which says nothing of a chip."
    )


def short(number: float) -> str:
    """A large number in three digits and a word that says how large."""
    for size, word in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return (
                f"{number / size:.3g}{word}"
                if number < 999.5 * size
                else f"{number / size:.0f}{word}"
            )
    return f"{number:g}"


def downloads(result: Segmentation) -> None:
    """Masks, probabilities, scores and rates to take away."""
    from snnlab import images

    st.subheader("Take away", anchor=False)
    at = result.settings.threshold
    stem = "".join(c if c.isalnum() else "-" for c in result.picture.name).strip("-") or "snnlab"
    files = (
        ("SNN mask", "png", lambda: images.write_png(result.snn() > at), f"{stem}-snn"),
        ("ANN mask", "png", lambda: images.write_png(result.ann > at), f"{stem}-ann"),
        ("SNN probability", "tif", lambda: images.write_tiff(result.snn()), f"{stem}-snn"),
        ("ANN probability", "tif", lambda: images.write_tiff(result.ann), f"{stem}-ann"),
        ("Rates", "csv", lambda: rates_csv(result), f"{stem}-rates"),
    )
    if result.ann_scores is not None:
        files += (("Scores", "csv", lambda: scores_csv(result), f"{stem}-scores"),)
    kinds = {"png": "image/png", "tif": "image/tiff", "csv": "text/csv"}
    with st.container(horizontal=True):
        for label, ending, make, name in files:
            st.download_button(
                f"{label} ({ending.upper()})",
                views.of(result, f"{label}/{ending}", make),
                f"{name}.{ending}",
                kinds[ending],
                on_click="ignore",
                icon=":material/download:",
                key=f"download-{label}",
            )


def scores_csv(result: Segmentation) -> str:
    """Scores as a table, a line a network."""
    file = io.StringIO()
    rows = {"ann": result.ann_scores.as_dict(), "snn": result.snn_scores.as_dict()}
    out = csv.DictWriter(file, ["network", *rows["ann"]], lineterminator="\n")
    out.writeheader()
    for network, values in rows.items():
        out.writerow({"network": network} | values)
    return file.getvalue()


def rates_csv(result: Segmentation) -> str:
    """Activity as a table, a line a layer."""
    file = io.StringIO()
    out = csv.writer(file, lineterminator="\n")
    percentile = result.settings.percentile
    out.writerow(
        (
            "layer",
            "neurons",
            "spikes",
            "synaptic_events",
            "mean_rate_hz",
            f"p{percentile:g}_rate_hz",
        )
    )
    for layer in result.layers:
        out.writerow(
            (
                layer.name,
                layer.neurons,
                layer.spikes,
                layer.synaptic_events,
                round(layer.mean_rate_hz, 4),
                round(layer.percentile_hz(percentile), 4),
            )
        )
    return file.getvalue()
