"""The chosen box: by a click in the picture, a row of the table, or the address; one for all."""

import streamlit as st

from snnlab.ui.objects.place import KEPT
from snnlab.ui.objects.running import Shown

KEY = KEPT["box"].key
OF = "objects-of"  # session: whose boxes the table lists
_DRAWN = "objects-table-drawn"  # session: counts tables; a new one stands at the chosen row
_RUN = "objects-box-of"  # session: the search that the box is of


def chosen(shown: Shown) -> tuple[str, int] | None:
    """The network and which of its boxes; None if there is none of that number."""
    state, box = st.session_state, st.session_state.get(KEY)
    if box is None or shown.found is None:
        return None
    # a box that an address names is of the first search that there is
    if state.setdefault(_RUN, shown.name) != shown.name or box[1] >= len(shown.found.of(box[0])):
        choose(shown, None)
        return None
    return box


def choose(shown: Shown, box: tuple[str, int] | None, anew: bool = True) -> None:
    """Choose a box, or none.

    Parameters
    ----------
    anew : bool
        Whether the table has to hear of it.
    """
    state = st.session_state
    state[KEY] = box
    if box is None:
        state.pop(_RUN, None)
    else:
        state[_RUN] = shown.name
        state[OF] = box[0]
    if anew:
        state[_DRAWN] = state.get(_DRAWN, 0) + 1


def table_key(shown: Shown, network: str) -> str:
    """Of the table: of another search, or with another choice from elsewhere, it is another one."""
    return f"objects-table-{network}-{shown.name}-{st.session_state.get(_DRAWN, 0)}"


def row_chosen(shown: Shown, network: str) -> None:
    """For the table: take its row, or that none is chosen any more."""
    picked = st.session_state.get(table_key(shown, network))
    rows = picked["selection"]["rows"] if picked else []
    if rows:
        choose(shown, (network, rows[0]), anew=False)
    elif (st.session_state.get(KEY) or ("",))[0] == network:
        choose(shown, None, anew=False)
