"""Rates of all layers and of one, and against the ANN: fetches what a figure needs, draws it."""

import numpy as np
import streamlit as st

from snnlab import conversion
from snnlab.figures import agreement as agreement_figure
from snnlab.figures import rates
from snnlab.figures.numbers import many
from snnlab.results import agreement as layer_agreement
from snnlab.results import read_rates
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import blocks, glossary, places, views, words
from snnlab.ui.shared.plots import draw


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
    draw(figure, "overview", "Mean, percentile and largest rate of each layer")
    glossary.caption(
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
    draw(figure, "histogram", f"Histogram of the firing rates of {layer}", chosen)
    glossary.caption(
        f"{'All' if result.whole else 'The'} {found.neurons:,} neurons of {words.plain(layer)}"
        f"{'' if result.whole else f' of {words.where(result)}'}, counted over"
        f" {_counted(result, found.timesteps)}: a bar for each number of spikes. Diamond: the"
        f" {settings.percentile:g}th percentile, {at:.0f} Hz. Mean: {found.mean_rate_hz:.1f} Hz."
    )


def _counted(result: Segmentation, steps: int) -> str:
    if steps == result.timesteps:
        return f"all {many(steps, 'step')}"
    return f"the {steps} of {many(result.timesteps, 'step')} that are read out"


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
            f"{layer} is not a layer of the ANN: the method puts these neurons between its layers.",
            icon=":material/compare_arrows:",
        )
        return
    ann, snn = views.of(result, f"pairs/{layer}", lambda: layer_agreement.rate_pairs(result, layer))
    chosen = places.on_select(places.pair_chosen, result, "scatter", layer)
    draw(rates.ann_against_snn(layer, ann, snn), "scatter", f"ANN against SNN in {layer}", chosen)
    glossary.caption(
        f"{len(ann):,} neurons of {words.plain(layer)}, drawn at random; both axes in the ANN's"
        " units."
    )


def agreement(result: Segmentation) -> None:
    """How far every layer's spikes are from the ANN, all at once."""
    found = views.of(result, "agreement", lambda: layer_agreement.layers(result))
    figure = agreement_figure.layers([one.name for one in found], [one.error for one in found])
    draw(figure, "agreement", "Difference between SNN and ANN in every layer")
    st.caption(
        "Of up to 3,000 neurons per layer, drawn at random: the mean absolute difference between"
        " what the spikes say and the ANN, divided by the mean ANN activation. A layer that says"
        " nothing has 100 %."
    )


def multiples(result: Segmentation) -> None:
    """Every layer's ANN against its SNN, small and side by side."""
    found = views.few_pairs(result)
    figure = agreement_figure.multiples({name: (a, s) for name, (a, s, _) in found.items()})
    neurons = {name: chosen for name, (_, _, chosen) in found.items()}
    chosen = places.on_select(places.small_pair_chosen, result, "multiples", neurons)
    draw(figure, "multiples", "ANN against SNN in every layer", chosen)
    st.caption(
        "Up to 300 neurons per layer, drawn at random from those that either network drives. Axes"
        " differ from layer to layer; within a layer, both run from 0 to the largest value. Click"
        " or tap a dot, and its layer is drawn large below and its place lights up."
    )


def error(result: Segmentation) -> None:
    """Error over time."""
    if blocks.blank(result):
        return
    curve = views.error_curve(result)
    figure = rates.error(curve["step"], curve["error"], curve["agreement"], curve["pixel_accuracy"])
    draw(figure, "error", "Difference and agreement of SNN and ANN against timesteps")
    st.caption(
        "Above: mean absolute difference of the two cell probabilities, on a logarithmic scale."
        f" Below: pixels on the same side of the threshold {result.settings.threshold:g}"
        + (
            ", and pixels that agree with the labels."
            if curve["pixel_accuracy"] is not None
            else "."
        )
    )
