"""What a search costs: joules by published constants, and a tile on Loihi's cores."""

import streamlit as st

from snnlab.figures.numbers import joules, many, short
from snnlab.lab import detecting as lab
from snnlab.lab import detecting_chips, detecting_cost
from snnlab.lab.detecting_chips import Laid
from snnlab.ui.objects.running import Shown
from snnlab.ui.shared import bench, errands, visitors
from snnlab.ui.shared.errands import Errand


@visitors.own(Errand.clear)
def errand() -> Errand:
    """The visitor's own mapping of a tile."""
    return Errand()


def show(shown: Shown) -> None:
    """Two tables; the second one is computed when it is asked for."""
    st.subheader("What it costs", anchor=False)
    _joules(shown)
    _chips(shown)


def _joules(shown: Shown) -> None:
    held = st.session_state.get("objects_energy")
    if held is None or held[0] != shown.name:
        net = lab.detector(shown.settings.model)
        work = detecting_cost.work_of(net, shown.found.counts)
        made = work, detecting_cost.energy(work)
        held = st.session_state["objects_energy"] = shown.name, made
    work, rows = held[1]
    st.table(
        {
            "Device": [one["title"] for one in rows],
            "Network": [one["network"] for one in rows],
            "Per image": [joules(one["joules_per_image"]) for one in rows],
            "Range": [f"{joules(one['low'])} – {joules(one['high'])}" for one in rows],
        },
        hide_index=True, border="horizontal", alt="Joules per image by device",
    )  # fmt: skip
    st.caption(
        f"For this image: {short(work.macs)} multiply-accumulates of the ANN,"
        f" {short(work.events)} synaptic events of the SNN in {many(work.timesteps, 'step')}, by"
        " published constants; what these assume is on the page *Energy*. Compare machines with"
        " machines, and bare arithmetic (45 nm) with bare arithmetic. Suppression is not counted."
    )


def _chips(shown: Shown) -> None:
    doing = errand()
    doing.collect()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tile = st.segmented_control(
            "Tile for Loihi's cores", list(detecting_chips.SIDES), default=detecting_chips.SIDES[0],
            required=True, format_func="{0} × {0} px".format, key="objects-tile",
            persist_state="session",
            help="A tile from the middle of the image, laid out over Loihi 1's cores and chips by"
            " the same search as on the page *Chips*.",
        )  # fmt: skip
        key = f"tile-{tile}/{bench.named(shown.picture)}/{shown.picture.nm}/{shown.settings.model}"
        if doing.job is None and doing.made != key:
            errands.offer("Lay it out", doing, _laid, shown, tile, key=key)
    errands.watch(doing, "objects-tile")
    if doing.result is not None and doing.made == key:
        _told(doing.result)


def _laid(shown: Shown, tile: int, progress, cancel) -> Laid:
    """Map, for the worker."""
    return detecting_chips.laid(
        shown.picture, shown.settings.model, tile, progress=progress, cancel=cancel
    )


def _told(found: Laid) -> None:
    st.table(
        {
            "Partitioner": [row["partitioner"] for row in found.rows],
            "Cores": [str(row["cores"]) for row in found.rows],
            "Chips": [str(row["chips"]) for row in found.rows],
            "Spikes between chips": [f"{row['interchip_spikes']:,}" for row in found.rows],
            "Within": [f"{row['intrachip_spikes']:,}" for row in found.rows],
        },
        hide_index=True, border="horizontal", alt="The tile on Loihi's cores, by partitioner",
    )  # fmt: skip
    _, _, height, width = found.tile
    st.caption(
        f"{width} × {height} pixels, {short(found.neurons)} neurons. {detecting_chips.ASSUMES}"
    )
