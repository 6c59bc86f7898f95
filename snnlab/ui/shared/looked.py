"""The part of a large image that a visitor looks into: around the place that was chosen last."""

import streamlit as st

from snnlab.lab import looking
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, chosen

_LOOKED = (
    "part-looked-into"  # session: of which run a part was computed, and the run with that part
)


def shown(with_ann: bool = False) -> Segmentation:
    """The result on the page, with the spikes of the part that holds the chosen place.

    Parameters
    ----------
    with_ann : bool
        Whether the page sets the ANN's activations beside the spikes of the part.
    """
    result = bench.shown()
    name = bench.identity(result.picture, result.settings)
    kept = st.session_state.pop(_LOOKED, None)
    if not result.anywhere:
        return result
    if kept is not None and kept[0] == name:
        result = kept[1]
    if leads_away(result):
        result = looking.at(result, chosen.chosen(result)[0])
    if with_ann:
        result = looking.with_ann(result)
    st.session_state[_LOOKED] = name, result
    return result


def leads_away(result: Segmentation) -> bool:
    """Whether a place was chosen that lies outside the part of a result, and can be looked into."""
    places = chosen.chosen(result)
    return bool(places) and result.anywhere and not looking.holds(result, places[0])
