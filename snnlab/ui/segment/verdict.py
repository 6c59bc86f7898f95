"""What is to be thought of the segmentation, before any score: how familiar the image is."""

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab import trying
from snnlab.results import familiar
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, unfamiliar, words

_TRIED = "familiarity-tried"  # session: of which run other ways were tried, and what came of it


def draw(result: Segmentation) -> None:
    """A sentence, with what to try where the image is not familiar."""
    found, name = result.familiarity, result.settings.model
    if found is None:
        if not result.picture.blank and "familiarity" not in lab.cards().get(name, {}):
            st.caption(familiar.NOT_KNOWN)
        return
    if found.word == "familiar":
        text = familiar.told(found, result.picture)
        st.markdown(f":material/verified: {text}", help=familiar.SCALE)
        return
    with st.container(key="familiarity"):
        unfamiliar.warn(result)
        may = _helpful(result)
        if not may:
            return
        identity = bench.identity(result.picture, result.settings)
        st.button(f"Try it {' and '.join(may)}", key="familiarity-try", on_click=_try,
                  args=(result, identity), icon=":material/compare_arrows:",
                  help=familiar.SCALE)  # fmt: skip
        kept = st.session_state.get(_TRIED)
        if kept is not None and kept[0] == identity:
            st.caption(words.plain(kept[1]))


def _helpful(result: Segmentation) -> tuple[str, ...]:
    try:
        return trying.helpful(result.picture, result.settings.model)
    except LabError:  # the model is in the lists no more
        return ()


def _try(result: Segmentation, identity) -> None:
    try:
        said = trying.sentence(trying.ways(result.picture, result.settings.model))
    except LabError as error:
        said = str(error)
    st.session_state[_TRIED] = identity, said
