"""Places in the image, on pages that draw spikes and rates.

A dot of the raster, a bar of a histogram or a row number leads to a place in
the image, and a place chosen there leads back to its neurons. The place itself
is kept by `snnlab.ui.shared.chosen`, and is the same one on every page.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import viewing as lab_viewer
from snnlab.results import read_rates
from snnlab.results.segmentation import Segmentation
from snnlab.simulation.recording import SpikeTrains
from snnlab.ui.shared import bench, chosen, words

SPOTS = 200  # marked at most; more would hide the image
_MARKED = "marked"  # session: whose neurons of which number of spikes
_TRACED = "traced"  # session: the place that the controls were last set to
_EXACT = "exact"  # session: a neuron was chosen, not only a place
AXES = ("Row", "Column")


def neurons(result: Segmentation) -> dict[str, np.ndarray]:
    """The neurons that cover the chosen place, by layer; empty without one."""
    places = chosen.chosen(result)
    found = {}
    for trains in result.recording.populations if places else ():
        try:
            at = lab_viewer.place_in(result, trains.name, *places[0])
        except LabError:
            return {}
        channels = np.arange(trains.shape[2])
        found[trains.name] = np.ravel_multi_index((*at, channels), trains.shape)
    return found


# ---- from a figure to the image -------------------------------------------------


def dot_chosen(result: Segmentation, key: str, drawn: dict[str, np.ndarray]) -> None:
    """Choose the place of the neuron whose dot in a raster was clicked.

    Parameters
    ----------
    result : Segmentation
    key : str
        Of the chart.
    drawn : dict of str to numpy.ndarray
        Its neurons by layer, in the order of the rows.
    """
    point = _point(key)
    if point is None:
        return
    name = list(drawn)[point["curve_number"]]
    above = sum(len(rows) + 2 for rows in list(drawn.values())[: point["curve_number"]])
    choose(result, name, int(drawn[name][round(point["y"]) - above]))


def pair_chosen(result: Segmentation, key: str, layer: str) -> None:
    """Choose the place of the neuron whose dot, ANN against SNN, was clicked."""
    point = _point(key)
    if point is not None and point["curve_number"] == 1:
        choose(result, layer, int(result.sampled[layer].neurons[point["point_index"]]))


def small_pair_chosen(result: Segmentation, key: str, drawn: dict[str, np.ndarray]) -> None:
    """The same in the figure of all layers; lines and dots of a layer are two curves."""
    point = _point(key)
    if point is not None and point["curve_number"] % 2:
        name = list(drawn)[point["curve_number"] // 2]
        choose(result, name, int(drawn[name][point["point_index"]]))


def bar_chosen(result: Segmentation, key: str, layer: str) -> None:
    """Mark the neurons of the bar that was clicked; nothing, if it was let go."""
    point = _point(key)
    marks = None
    if point is not None and point["curve_number"] == 0:
        marks = _whose(result), layer, int(point["point_index"])
    st.session_state[_MARKED] = marks


def on_select(work, *arguments):
    """For a chart's ``on_select``, which passes nothing on."""
    return partial(work, *arguments)


def choose(result: Segmentation, layer: str, neuron: int) -> None:
    """Light up the place of a neuron, and make its layer the one looked at."""
    _place(result, lab_viewer.middle(result, layer, neuron))
    st.session_state["layer"] = layer
    channel = int(np.unravel_index(neuron, result.recording[layer].shape)[2])
    st.session_state[_channel_key(result, layer)] = channel
    st.session_state[_EXACT] = True


def _place(result: Segmentation, place: chosen.Place) -> None:
    chosen.choose(result, place)
    st.session_state["placed"] = True  # the browser may not have heard of the last address yet


def marked(result: Segmentation) -> Sequence[chosen.Place]:
    """Places of the neurons of the chosen bar."""
    kept = st.session_state.get(_MARKED)
    if kept is None or kept[0] != _whose(result):
        return ()
    _, layer, count = kept
    found = np.flatnonzero(read_rates.counts(result, layer) == count)
    if len(found) > SPOTS:
        found = np.sort(np.random.default_rng(0).choice(found, SPOTS, replace=False))
    return [lab_viewer.middle(result, layer, int(neuron)) for neuron in found]


def _point(key: str) -> dict | None:
    points = st.session_state[key].selection["points"]
    return points[0] if points else None


def _whose(result: Segmentation) -> str:
    return f"{bench.identity(result.picture, result.settings)}/{result.region}"


# ---- from the image to a neuron -------------------------------------------------


def is_new(result: Segmentation, layer: str) -> bool:
    """Whether a place was chosen since the controls of a layer were last set."""
    places = chosen.chosen(result)
    return bool(places) and st.session_state.get(_TRACED) != (_whose(result), layer, places[0])


def neuron_controls(result: Segmentation, layer: str) -> int:
    """Row, column and channel of a neuron, which follow the image and are followed by it.

    Returns
    -------
    int
        Index of the neuron in its population.
    """
    trains, state = result.recording[layer], st.session_state
    height, width, channels = trains.shape
    keys = [f"{axis}-{size}" for axis, size in zip(AXES, (height, width), strict=True)]
    places = chosen.chosen(result)
    key = _channel_key(result, layer)
    if is_new(result, layer):
        state[_TRACED] = _whose(result), layer, places[0]
        try:
            row, column = lab_viewer.place_in(result, layer, *places[0])
            state[keys[0]], state[keys[1]] = row, column
            if not state.pop(_EXACT, False):
                state[key] = _speaking(trains, row, column, state.get(key, 0))
        except LabError as error:
            st.info(words.plain(str(error)), icon=":material/info:")
    for name, first in zip((*keys, key), _first(trains), strict=True):
        state.setdefault(name, first)
    with st.container(horizontal=True):
        row, column = (
            st.number_input(
                f"{axis} in the layer",
                0,
                size - 1,
                width=150,
                key=name,
                on_change=_moved,
                args=(result, layer, keys),
            )
            for axis, size, name in zip(AXES, (height, width), keys, strict=True)
        )
        channel = st.number_input("Channel", 0, channels - 1, width=150, key=key)
    return int(np.ravel_multi_index((row, column, channel), trains.shape))


def _speaking(trains: SpikeTrains, row: int, column: int, channel: int) -> int:
    """The same channel if its neuron there sent spikes, or else the busiest."""
    counts = trains.counts()[row, column]
    return int(channel if counts[min(channel, len(counts) - 1)] else counts.argmax())


def _first(trains: SpikeTrains) -> tuple[int, int, int]:
    """A neuron to begin with: of those that sent spikes, the one nearest to the middle."""
    height, width, _ = trains.shape
    counts = trains.counts()
    rows, columns = np.nonzero(counts.any(2))
    if not len(rows):
        return height // 2, width // 2, 0
    nearest = np.hypot(rows - height // 2, columns - width // 2).argmin()
    row, column = int(rows[nearest]), int(columns[nearest])
    return row, column, int(counts[row, column].argmax())


def _moved(result: Segmentation, layer: str, keys: list[str]) -> None:
    row, column = (st.session_state[key] for key in keys)
    shape = result.recording[layer].shape
    if _at(result, layer) == (row, column):
        return  # the place was chosen, and the controls have followed it
    neuron = int(np.ravel_multi_index((row, column, 0), shape))
    place = lab_viewer.middle(result, layer, neuron)
    _place(result, place)
    st.session_state[_TRACED] = _whose(result), layer, place


def _at(result: Segmentation, layer: str) -> tuple[int, int] | None:
    """Where in a layer the chosen place is."""
    places = chosen.chosen(result)
    try:
        return lab_viewer.place_in(result, layer, *places[0]) if places else None
    except LabError:
        return None


def _channel_key(result: Segmentation, layer: str) -> str:
    return f"Channel-{result.recording[layer].shape[2]}"
