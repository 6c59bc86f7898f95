"""Figures of a result, put on the page: fetches what a figure needs, and draws it."""

import numpy as np
import streamlit as st

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.figures import agreement as agreement_figure
from snnlab.figures import rates, spikes
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing as lab_viewer
from snnlab.results import agreement as layer_agreement
from snnlab.results import read_rates
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment import viewer
from snnlab.ui.shared import inside, places, plots, views, words


def layer_chosen(result: Segmentation) -> str:
    """Let the visitor choose a layer; the same one on all pages."""
    names = [layer.name for layer in result.layers]
    shapes = {layer.name: " × ".join(map(str, layer.shape)) for layer in result.layers}
    kept = st.session_state.get("layer")
    # put there each time: on another page the browser has a box of its own, which shows the
    # first layer unless it is told which one is kept
    st.session_state["layer"] = kept if kept in names else names[-1]
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


def _draw(figure, key: str, alt: str, on_select="ignore") -> None:
    st.plotly_chart(
        figure,
        key=key,
        config=plots.config(),
        alt=alt,
        on_select=on_select,
        selection_mode="points",
    )


def raster(result: Segmentation, count: int, active: bool, here: bool = False) -> None:
    """The raster of all layers, with the subsample stated; or of the chosen place's neurons."""
    pool = places.neurons(result) if here else {}
    at = viewer.chosen(result)[0] if pool else None
    what = f"raster/{count}/{active}/{at}"
    drawn, silent = views.of(result, what, lambda: views.drawn(result, count, active, pool))
    rows = {name: result.recording[name].raster(chosen) for name, chosen in drawn.items()}
    kind = "neurons that spiked" if active else "neurons"
    recorded = sum(trains.neurons for trains in result.recording.populations)
    part = "" if result.whole else " recorded, in the middle of the image"
    _draw(
        spikes.raster(rows, result.recording.dt),
        "raster",
        "Spike raster by layer",
        places.on_select(places.dot_chosen, result, "raster", drawn),
    )
    if pool:
        st.caption(
            f"The neurons that cover row {at[0]}, column {at[1]} of the image: up to {count} a"
            f" layer, busiest on top: {sum(values.shape[1] for values in rows.values())} in all."
        )
        return
    st.caption(
        f"{count} {kind} a layer, drawn at random (always the same ones), busiest on top:"
        f" {sum(values.shape[1] for values in rows.values())} of {recorded:,}{part}."
        f" {100 * sum(silent.values()) / recorded:.0f} % of the neurons stay silent."
    )


def traces(result: Segmentation, layer: str) -> None:
    """Potentials and currents of three neurons, or of those at a place."""
    trains = result.recording[layer]
    words.look_for(inside.look_for(trains))
    ways = ("Quiet, typical, busy", "At a place")
    if places.is_new(result, layer):
        st.session_state["which"] = ways[1]
    st.session_state.setdefault("which", ways[0])
    how = st.segmented_control(
        "Neurons",
        ways,
        required=True,
        key="which",
        persist_state="session",
    )
    if how == "At a place":
        named = {"here": places.neuron_controls(result, layer)}
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
    counted = found.spikes.sum(0)
    labels = [
        f"{name}: {n} spike{'' if n == 1 else 's'}" for name, n in zip(named, counted, strict=True)
    ]
    _draw(
        inside.figure(labels, found, result.recording.dt),
        "traces",
        "Spikes, membrane potential and input current of a few neurons",
    )
    told = "; ".join(
        f"*{name}* at {views.place(trains, n)} ({_pixel(result, layer, n)})"
        for name, n in named.items()
    )
    height, width, _ = trains.shape
    st.caption(
        f"Rows and columns of {layer}, which has {height} × {width}; in brackets those of the"
        f" image: {told}. {inside.drawn(trains)}"
    )


def _pixel(result: Segmentation, layer: str, neuron: int) -> str:
    """Where in the image a neuron's middle is, as row and column."""
    row, column = lab_viewer.middle(result, layer, neuron)
    return f"{row}, {column}"


def intervals(result: Segmentation, layer: str) -> None:
    """Histogram of the time between spikes."""
    trains = result.recording[layer]
    if layer in result.sampled:
        neurons = result.sampled[layer].neurons
    else:
        neurons = np.linspace(0, trains.neurons - 1, min(lab.SAMPLES, trains.neurons)).astype(int)
    steps, count = views.of(result, f"intervals/{layer}", lambda: views.intervals(trains, neurons))
    if not count.sum():
        st.info("No neuron of this layer's sample spiked twice.", icon=":material/hourglass_empty:")
        return
    held = conversion.bounds_hz(result.settings)
    figure = spikes.intervals(layer, steps * result.recording.dt * 1000, count, *held)
    _draw(figure, "intervals", f"Inter-spike intervals of {layer}")
    told = " The lines are the intervals that the bounds stand for: 1000 divided by the rate in Hz."
    st.caption(
        f"{count.sum():,} intervals of {len(neurons):,} neurons of {layer}, drawn at random."
        + (told if held[0] else "")
    )


def _read(result: Segmentation, layer: str) -> read_rates.Rates:
    """A layer's rates over the steps that the segmentation is read out of."""
    return views.of(result, f"read/{layer}", lambda: read_rates.of(result, layer))


def overview(result: Segmentation) -> None:
    """Rates of all layers."""
    settings = result.settings
    found = [_read(result, layer.name) for layer in result.layers]
    figure = rates.overview(
        [one.name for one in found],
        [one.mean_rate_hz for one in found],
        [one.percentile_hz(settings.percentile) for one in found],
        [one.percentile_hz(100) for one in found],
        settings.percentile,
        *conversion.bounds_hz(settings),
    )
    _draw(figure, "overview", "Mean, percentile and largest rate of each layer")
    st.caption(
        "Blue: on the way down; orange: on the way up; darker: coarser resolution. The same colours"
        f" everywhere. {words.rates_counted(result)}"
    )


def histogram(result: Segmentation, layer: str) -> None:
    """Histogram of one layer's rates."""
    found, settings = _read(result, layer), result.settings
    at = found.percentile_hz(settings.percentile)
    figure = rates.histogram(
        layer,
        np.arange(len(found.histogram)) * found.apart_hz,
        found.histogram,
        settings.percentile,
        at,
        *conversion.bounds_hz(settings),
        _rates_here(result, layer),
    )
    chosen = places.on_select(places.bar_chosen, result, "histogram", layer)
    _draw(figure, "histogram", f"Histogram of the firing rates of {layer}", chosen)
    st.caption(
        f"{'All' if result.whole else 'The'} {found.neurons:,} neurons of {layer}"
        f"{'' if result.whole else ' in the middle of the image'}, counted over the same"
        f" {many(found.timesteps, 'step')}: a bar for each number of spikes. Diamond: the"
        f" {settings.percentile:g}th percentile, {at:.0f} Hz. Mean: {found.mean_rate_hz:.1f} Hz."
    )


def _rates_here(result: Segmentation, layer: str) -> np.ndarray:
    """Rates of the neurons that cover the chosen place; of none without one."""
    chosen = places.neurons(result).get(layer, np.zeros(0, int))
    if not len(chosen):
        return np.zeros(0)
    return read_rates.counts(result, layer)[chosen] * _read(result, layer).apart_hz


def ann_against_snn(result: Segmentation, layer: str) -> None:
    """Scatter of activations and rates."""
    if layer not in result.sampled:
        st.info(
            f"{layer} is no layer of the ANN: the method puts these neurons between its layers.",
            icon=":material/compare_arrows:",
        )
        return
    ann, snn = views.of(result, f"pairs/{layer}", lambda: layer_agreement.rate_pairs(result, layer))
    chosen = places.on_select(places.pair_chosen, result, "scatter", layer)
    _draw(rates.ann_against_snn(layer, ann, snn), "scatter", f"ANN against SNN in {layer}", chosen)
    st.caption(f"{len(ann):,} neurons of {layer}, drawn at random; both axes in the ANN's units.")


def agreement(result: Segmentation) -> None:
    """How far every layer's spikes are from the ANN, all at once."""
    found = views.of(result, "agreement", lambda: layer_agreement.layers(result))
    figure = agreement_figure.layers([one.name for one in found], [one.error for one in found])
    _draw(figure, "agreement", "Difference of SNN and ANN in every layer")
    st.caption(
        "Of up to 3,000 neurons a layer, drawn at random: the mean absolute difference of what"
        " spikes say and ANN, over the mean ANN activation. A layer that says nothing has 100 %."
    )


def multiples(result: Segmentation) -> None:
    """Every layer's ANN against its SNN, small and side by side."""
    found = views.few_pairs(result)
    figure = agreement_figure.multiples({name: (a, s) for name, (a, s, _) in found.items()})
    neurons = {name: chosen for name, (_, _, chosen) in found.items()}
    chosen = places.on_select(places.small_pair_chosen, result, "multiples", neurons)
    _draw(figure, "multiples", "ANN against SNN in every layer", chosen)
    st.caption(
        "Up to 300 neurons a layer, drawn at random among those that either network drives. Axes"
        " differ from layer to layer; in each, both directions have the same one, from 0 to the"
        " largest value. Click or tap a dot: its layer is drawn large below, and its place"
        " lights up."
    )


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
