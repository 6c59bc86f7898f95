"""Rasters, potentials and the time between spikes: fetches what a figure needs, and draws it."""

import numpy as np
import streamlit as st

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.figures import spikes
from snnlab.figures.numbers import many
from snnlab.lab import parts
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing as lab_viewer
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import chosen, inside, places, views, words
from snnlab.ui.shared.plots import draw


def raster(result: Segmentation, count: int, active: bool, here: bool = False) -> None:
    """The raster of all layers, with the subsample stated; or of the chosen place's neurons."""
    pool = places.neurons(result) if here else {}
    at = chosen.chosen(result)[0] if pool else None
    what = f"raster/{count}/{active}/{at}"
    drawn, silent = views.of(result, what, lambda: views.drawn(result, count, active, pool))
    rows = {name: result.recording[name].raster(chosen) for name, chosen in drawn.items()}
    kind = "neurons that spiked" if active else "neurons"
    recorded = sum(trains.neurons for trains in result.recording.populations)
    part = "" if result.whole else f" of {words.where(result)} of the image"
    draw(
        spikes.raster(rows, result.recording.dt),
        "raster",
        "Spike raster by layer",
        places.on_select(places.dot_chosen, result, "raster", drawn),
    )
    if pool:
        st.caption(
            f"The neurons that cover row {at[0]}, column {at[1]} of the image, up to {count} per"
            f" layer, busiest on top: {sum(values.shape[1] for values in rows.values())} in all."
        )
        return
    st.caption(
        f"{count} {kind} per layer, drawn at random (always the same ones), busiest on top:"
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
        st.error(words.plain(str(error)), icon=":material/error:")
        return
    counted = found.spikes.sum(0)
    labels = [f"{name}: {many(n, 'spike')}" for name, n in zip(named, counted, strict=True)]
    draw(
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
        drawn = np.random.default_rng(0).permutation(trains.neurons)
        neurons = np.sort(drawn[: parts.SAMPLES])
    steps, count = views.of(result, f"intervals/{layer}", lambda: views.intervals(trains, neurons))
    if not count.sum():
        st.info("No neuron in this layer's sample spiked twice.", icon=":material/hourglass_empty:")
        return
    held = conversion.bounds_hz(result.settings)
    figure = spikes.intervals(layer, steps * result.recording.dt * 1000, count, *held)
    draw(figure, "intervals", f"Inter-spike intervals of {layer}")
    told = " The lines are the intervals that the bounds stand for: 1000 divided by the rate in Hz."
    st.caption(
        f"{count.sum():,} intervals of {len(neurons):,} neurons of {layer}, drawn at random."
        + (told if held[0] else "")
    )
