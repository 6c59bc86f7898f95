"""Figures of a result, put on the page: fetches what a figure needs, and draws it."""

import numpy as np
import streamlit as st

from snnlab import lab
from snnlab.errors import LabError
from snnlab.figures import rates, spikes, style
from snnlab.result import Segmentation
from snnlab.ui import views


def layer_chosen(result: Segmentation) -> str:
    """Let the visitor choose a layer; the same one on all pages."""
    names = [layer.name for layer in result.layers]
    shapes = {layer.name: " × ".join(map(str, layer.shape)) for layer in result.layers}
    if st.session_state.get("layer") not in names:
        st.session_state["layer"] = names[-1]
    return st.selectbox(
        "Layer",
        names,
        key="layer",
        persist_state="session",
        width=340,
        format_func=lambda name: f"{name} ({shapes[name]})",
        help="In the order of the network: stride and down go down to coarser resolution, up"
        " comes back. Height × width × channels.",
    )


def _draw(figure, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, config=style.CONFIG, alt=alt)


def raster(result: Segmentation, count: int, active: bool) -> None:
    """The raster of all layers, with the subsample stated."""
    rows, silent = views.of(
        result, f"raster/{count}/{active}", lambda: views.rasters(result, count, active)
    )
    kind = "neurons that spiked" if active else "neurons"
    recorded = sum(trains.neurons for trains in result.recording.populations)
    part = "" if result.whole else " recorded, in the middle of the image"
    _draw(spikes.raster(rows, result.recording.dt), "raster", "Spike raster by layer")
    st.caption(
        f"{count} {kind} a layer, drawn at random (always the same ones), busiest on top:"
        f" {sum(values.shape[1] for values in rows.values())} of {recorded:,}{part}."
        f" {100 * sum(silent.values()) / recorded:.0f} % of the neurons stay silent."
    )


def traces(result: Segmentation, layer: str) -> None:
    """Potentials and currents of three neurons, or of those at a place."""
    trains = result.recording[layer]
    height, width, channels = trains.shape
    how = st.segmented_control(
        "Neurons",
        ("Quiet, typical, busy", "At a place"),
        default="Quiet, typical, busy",
        required=True,
        key="which",
        persist_state="session",
    )
    if how == "At a place":
        with st.container(horizontal=True):
            row, column, channel = (
                st.number_input(name, 0, size - 1, size // 2 if name != "Channel" else 0, width=150,
                                key=f"{name}-{size}")
                for name, size in (("Row", height), ("Column", width), ("Channel", channels))
            )  # fmt: skip
        index = int(np.ravel_multi_index((row, column, channel), trains.shape))
        named = {"here": index}
    else:
        named = views.of(result, f"spread/{layer}", lambda: views.spread(trains))
    chosen = np.array(list(named.values()))
    try:
        found = views.of(
            result, f"traces/{layer}/{chosen.tolist()}", lambda: lab.traces(result, layer, chosen)
        )
    except LabError as error:
        st.error(str(error), icon=":material/error:")
        return
    sent = found.spikes.sum(0)
    labels = [
        f"{name}: {n} spike{'' if n == 1 else 's'}" for name, n in zip(named, sent, strict=True)
    ]
    figure = spikes.traces(
        labels, found.current, found.potential, found.spikes, result.recording.dt
    )
    _draw(figure, "traces", "Spikes, membrane potential and input current of a few neurons")
    places = "; ".join(f"*{name}* at {views.place(trains, n)}" for name, n in named.items())
    st.caption(
        f"Of {layer}: {places}. The threshold is 1 (dashed); the potential is drawn at the end of"
        " each step, after the reset; the current is in thresholds per step, so a steady 0.1 spikes"
        " every 10 steps."
    )


def intervals(result: Segmentation, layer: str) -> None:
    """Histogram of the time between spikes."""
    neurons = result.sampled[layer].neurons
    trains, settings = result.recording[layer], result.settings
    steps, count = views.of(result, f"intervals/{layer}", lambda: views.intervals(trains, neurons))
    if not count.sum():
        st.info("No neuron of this layer's sample spiked twice.", icon=":material/hourglass_empty:")
        return
    figure = spikes.intervals(
        layer, steps * result.recording.dt * 1000, count, settings.lower_hz, settings.upper_hz
    )
    _draw(figure, "intervals", f"Inter-spike intervals of {layer}")
    st.caption(
        f"{count.sum():,} intervals of {len(neurons):,} neurons of {layer}, drawn at random. The"
        " lines are the intervals that the bounds stand for: 1000 divided by the rate in Hz."
    )


def overview(result: Segmentation) -> None:
    """Rates of all layers."""
    settings, layers = result.settings, result.layers
    figure = rates.overview(
        [layer.name for layer in layers],
        [layer.mean_rate_hz for layer in layers],
        [layer.percentile_hz(settings.percentile) for layer in layers],
        [layer.percentile_hz(100) for layer in layers],
        settings.percentile,
        settings.lower_hz,
        settings.upper_hz,
    )
    _draw(figure, "overview", "Mean, percentile and largest rate of each layer")
    st.caption(
        "Blue: on the way down; orange: on the way up; darker: coarser resolution. The same colours"
        f" everywhere. A run of {result.timesteps} steps can tell rates"
        f" {1000 / result.timesteps:.3g} Hz apart, so a diamond may lie that much outside."
    )


def histogram(result: Segmentation, layer: str) -> None:
    """Histogram of one layer's rates."""
    stats, settings = views.stats(result, layer), result.settings
    hertz = np.arange(len(stats.histogram)) / (stats.timesteps * stats.dt)
    at = stats.percentile_hz(settings.percentile)
    figure = rates.histogram(
        layer, hertz, stats.histogram, settings.percentile, at, settings.lower_hz, settings.upper_hz
    )
    _draw(figure, "histogram", f"Histogram of the firing rates of {layer}")
    st.caption(
        f"All {stats.neurons:,} neurons of {layer}. Diamond: the {settings.percentile:g}th"
        f" percentile, {at:.0f} Hz. Mean: {stats.mean_rate_hz:.1f} Hz."
    )


def ann_against_snn(result: Segmentation, layer: str) -> None:
    """Scatter of activations and rates."""
    ann, snn = views.of(result, f"pairs/{layer}", lambda: lab.rate_pairs(result, layer))
    _draw(rates.ann_against_snn(layer, ann, snn), "scatter", f"ANN against SNN in {layer}")
    st.caption(f"{len(ann):,} neurons of {layer}, drawn at random; both axes in the ANN's units.")


def error(result: Segmentation) -> None:
    """Error over time."""
    curve = views.error_curve(result)
    figure = rates.error(curve["step"], curve["error"], curve["agreement"], curve["pixel_accuracy"])
    _draw(figure, "error", "Difference and agreement of SNN and ANN against timesteps")
    st.caption(
        "Above: mean absolute difference of the two cell probabilities, on a logarithmic scale."
        f" Below: pixels on the same side of the threshold {result.settings.threshold:g}"
        + (
            ", and pixels that agree with the labels."
            if curve["pixel_accuracy"] is not None
            else "."
        )
    )
