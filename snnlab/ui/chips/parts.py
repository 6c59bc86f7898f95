"""Parts of the page Chips: what words mean, the board, comparisons, tables to download."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from snnlab.chips.cost import CONSTANTS, Constant, StepCost, step_cost
from snnlab.export import partitions as chips_tables
from snnlab.export import tables
from snnlab.figures import chips as figures
from snnlab.figures.numbers import digits, many, short
from snnlab.lab import chips as lab_chips
from snnlab.simulation.loihi.core import LIMITS
from snnlab.ui.chips import board
from snnlab.ui.chips.mapped import Shown, label
from snnlab.ui.segment import viewer
from snnlab.ui.shared import bench, glossary, plots, words
from snnlab.ui.shared import downloads as take

_MEANINGS = {
    "Core": "holds up to 1,024 neurons of one layer, a block of some rows, columns and channels,"
    " with their weights; each small square is one.",
    "Chip": "has 128 cores (Loihi 1). A network that needs more is spread over several chips on a"
    " board.",
    "Inter-chip spike": "has to leave its chip, which is slower and costs more than staying. Good"
    " partitions have few of these.",
    "Multicast": "means that a spike is sent once to each core or chip that needs it, however many"
    " neurons wait for it there; it is counted so here.",
}
# small, and side by side where there is room
_MEANINGS_CSS = """<style>
.meanings {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 0.3rem 1.6rem;
  margin: 0 !important; padding: 0 !important; font-size: 0.92rem; line-height: 1.4;
}
.meanings dt, .meanings dd { display: inline; margin: 0; }
.meanings dt { font-weight: 600; }
</style>"""
_LIMITS = {
    "compartments": ("Compartments", ""),
    "in_axons": ("Input axons", ""),
    "out_axons": ("Output axons", ""),
    "synapse_bits": ("Synaptic memory", "bits"),
}


@st.cache_data(max_entries=24, show_spinner=False)
def _kept(key: str, _work: Callable[[], Any]) -> Any:
    return _work()


def meanings() -> None:
    """One sentence on each word that a newcomer needs, for whoever wants it."""
    entries = "".join(
        f"<div><dt>{name}</dt> <dd>{text}</dd></div>" for name, text in _MEANINGS.items()
    )
    called = ", ".join(_MEANINGS)
    with st.expander(f"What is what: {called.lower()}", icon=":material/help:"):
        st.html(f"{_MEANINGS_CSS}<dl class='meanings'>{entries}</dl>")


def board_of(here: Shown) -> None:
    """The board, or two beside each other; below, of which network and how much of the image."""
    run, (_, _, tall, wide) = bench.shown(), here.mapping.tile
    pixels = here.of.picture.pixels.size
    counts = sorted({here.mapping.partitions[name].chips for name in here.partitions})
    used = " or ".join(map(str, counts))
    here_, there = (chips_tables.network(one.settings) for one in (here.of, run))
    limits = {key: (name, LIMITS[key], unit) for key, (name, unit) in _LIMITS.items()}
    blob = _kept(
        f"{here.of.key}/board/{here.partitions}",
        lambda: board.pack(here.mapping, here.partitions, limits, bench.named(here.of.picture)),
    )
    board.show(blob)
    text, door = st.columns((7, 2), vertical_alignment="center")
    with text:
        st.caption(
            f"**On the board: one tile of {tall} × {wide} pixels**, on {used} chips; the whole"
            f" image is {short(pixels / (tall * wide))} of them. Network: {here_}."
            + (f"  \nThe run on screen is of another network: {there}." if here_ != there else "")
        )
    with door:
        st.page_link("pages/energy.py", label="The whole image: Energy", icon=":material/bolt:")


def image_of(here: Shown) -> None:
    """The image that the tile was cut from, linked with the board."""
    result, picture = bench.shown(), here.of.picture
    left, right = st.columns((2, 3), gap="large")
    with left:
        if bench.named(result.picture) == bench.named(picture):
            top, left_, height, width = here.mapping.tile
            tile = viewer.Box(top, left_, height, width)
            viewer.show(result, compact=True, boxes=[tile])
            run = result.settings
            st.caption(
                f"The time is that of the run on screen (model {run.model},"
                f" {many(run.timesteps, 'step')}), not the board's."
            )
        else:
            st.info(
                f"The board is of {words.plain(picture.called)}, and the image on screen is"
                f" {words.plain(result.picture.called)}: map that one to see where its cores lie.",
                icon=":material/image_search:",
            )
    with right:
        words.look_for(
            "**Choose a core on the board: its patch lights up here.** Cores of fine layers have"
            " small patches, cores of coarse layers large ones. Click or tap in the square, which"
            " is the tile on the chips, to choose the core of the same layer at that place."
        )
        st.caption(_assumptions(here))


def _assumptions(here: Shown) -> str:
    mapping = here.mapping
    top, left, height, width = mapping.tile
    text = (
        f"{words.plain(here.of.picture.title)}, rows {top} to {top + height - 1}, columns {left}"
        f" to {left + width - 1}; spikes of a run of {many(mapping.timesteps, 'step')}, counted,"
        " not estimated. Where a core lies within its chip is not modelled: cores stand there"
        " layer by layer. The host turns the image into spikes and reads out the last layer;"
        " neither happens on a chip."
    )
    run = bench.shown().settings
    if run.reset == "subtraction" and here.of.settings == run.replace(reset="zero"):
        text += (
            " **Reset to zero:** Loihi 1 cannot do the sidebar's reset by subtraction, so the"
            " spikes here are from a run with reset to zero."
        )
    return text


def comparison(here: Shown) -> None:
    """All partitioners, by spikes between chips."""
    mapping = here.mapping
    rows = chips_tables.partitions(mapping)
    names = [label(mapping, name) for name, _ in rows]
    costs = [_cost(here, name) for name, _ in rows]
    figure = figures.partitioners(
        names,
        [one.interchip for _, one in rows],
        [label(mapping, name) for name in here.partitions],
        max(one.interchip for _, one in rows),
    )
    plots.draw(figure, key="partitioners", alt="Spikes between chips by partitioner")
    st.dataframe(
        {
            "partitioner": names,
            "cores": [len(one.chip_of) for _, one in rows],
            "chips": [one.chips for _, one in rows],
            "between chips": [one.interchip for _, one in rows],
            "against greedy-interchip": [
                _percent(chips_tables.against(one, mapping)) for _, one in rows
            ],
            "once a core": [one.interchip_per_core for _, one in rows],
            "within chips": [one.intrachip for _, one in rows],
            "times hops": [one.hops for _, one in rows],
            "µs per step": [_band(one.seconds, 1e6) for one in costs],
            "µJ per step": [_band(one.joules, 1e6) for one in costs],
            "seconds": [round(one.seconds, 2) for _, one in rows],
        },
        hide_index=True,
        alt="Partitioners compared",
        column_config=_columns(),
    )
    st.caption(
        "Most rows share the blocks that were searched for and differ only in the chip that each"
        " core is on. *(own)* means blocks chosen together with the chips, *(default)* those of"
        " NengoLoihi's own splitting. *Against greedy-interchip* means against NengoLoihi's own"
        " choice, on the same blocks as most rows. What a spike between chips costs on Loihi 1, in"
        " time and in energy, is not published; so counts are compared, and time and energy are"
        " ranges."
    )
    for name, why in mapping.messages.items():
        st.info(f"**{name}**: {words.plain(why)}", icon=":material/info:")


def _cost(here: Shown, name: str) -> StepCost:
    mapping = here.mapping
    return _kept(
        f"{here.of.key}/cost/{name}",
        lambda: step_cost(mapping.layout(name), mapping.partitions[name]),
    )


def _band(values: tuple[float, float], scale: float) -> str:
    low, high = (digits(scale * value) for value in values)
    return low if low == high else f"{low} – {high}"


def step(here: Shown) -> None:
    """How long a timestep takes on the chips."""
    names = [label(here.mapping, name) for name in here.partitions]
    costs = [_cost(here, name) for name in here.partitions]
    parts = {
        part: [1e6 * cost.parts[part][0] for cost in costs]
        for part in costs[0].parts
        if any(cost.parts[part][0] for cost in costs)
    }
    band = [1e6 * (cost.seconds[1] - cost.seconds[0]) for cost in costs]
    plots.draw(figures.steps(names, parts, band), key="steps", alt="Time per step")
    of = here.mapping.timesteps
    runs = "; ".join(
        f"{name}: {_band(cost.seconds, 1e3 * of)} ms and {_band(cost.joules, 1e3 * of)} mJ"
        for name, cost in zip(names, costs, strict=True)
    )
    st.caption(
        f"The mean over {many(of, 'step')}; a run of this tile takes {runs}, idle power not"
        " counted. The busiest core's updates, synaptic events and messages, then the barrier at"
        " which all cores wait for each other. A model from published constants, not a"
        " measurement."
    )
    with st.expander("Constants, and where they come from", icon=":material/menu_book:"):
        st.table(
            {
                "": [one.name for one in CONSTANTS.values()],
                "value": [_value(one) for one in CONSTANTS.values()],
                "source": [one.source for one in CONSTANTS.values()],
            },
            hide_index=True,
            border="horizontal",
        )


def _value(constant: Constant) -> str:
    scale, prefix = {"J": (1e12, "p"), "W": (1e3, "m"), "s": (1e9, "n")}[constant.unit]
    return f"{_band((constant.low, constant.high), scale)} {prefix}{constant.unit}"


def _columns() -> dict:
    number = st.column_config.NumberColumn
    return {
        "partitioner": st.column_config.TextColumn(width=190),
        "between chips": number(
            format="localized", help="Spikes, once for each other chip that they reach (multicast)."
        ),
        "once a core": number(
            format="localized",
            help="The same spikes, counted once for each core on another chip, as NengoLoihi's"
            " estimate does.",
        ),
        "within chips": number(
            format="localized", help="Once for each other core on the same chip."
        ),
        "times hops": number(
            format="localized",
            help="Spikes between chips times the steps from chip to chip on the board's grid.",
        ),
        "µs per step": st.column_config.TextColumn(
            help="Time of a step: least, and most with what is not published."
        ),
        "µJ per step": st.column_config.TextColumn(
            help="Energy of a step without idle power: least, and most with what is not published."
        ),
        "seconds": number(
            help="The time that the partitioner took here, including the placing of chips."
        ),
    }


def _percent(share: float | None) -> str:
    if share is None:
        return ""
    return f"{100 * share:+.0f} %".replace("-", "−") if share else "the same"


def between(here: Shown) -> None:
    """From which chip to which."""
    mapping = here.mapping
    figure = figures.between(
        [label(mapping, name) for name in here.partitions],
        [mapping.partitions[name].chip_to_chip for name in here.partitions],
    )
    plots.draw(figure, key="between", alt="Spikes from chip to chip")


def limits(here: Shown) -> None:
    """How full the cores are, layer by layer."""
    layout = here.mapping.layout(here.partitions[0])
    layers, mean, fullest = chips_tables.used(layout, {key: LIMITS[key] for key in _LIMITS})
    titles = [name for name, _ in _LIMITS.values()]
    figure = figures.limits(layers, titles, mean, fullest)
    plots.draw(figure, key="limits", alt="Use of each limit by layer")
    shapes = ", ".join(
        f"{name} {'×'.join(map(str, shape))}" for name, shape in layout.block_shapes.items()
    )
    glossary.caption(
        "A core is full when its compartments, its axons or its synaptic memory are. Of"
        f" {label(here.mapping, here.partitions[0])}: {many(len(layout.blocks), 'core')}."
        f" Neurons per core (rows × columns × channels): {words.plain(shapes)}."
    )


def generations(here: Shown) -> None:
    """The same network on Loihi 2, by what is published of it."""
    words.look_for(
        "**Fewer cores for the same network.** On Loihi 1 neurons fill the cores; on Loihi 2 a core"
        " has room for eight times as many, and it is the synapses that fill it."
    )
    height, width = here.mapping.tile[2:]
    found = _kept(
        f"{here.of.key}/generations",
        lambda: lab_chips.generations(here.of.settings, height, width),
    )
    st.table(
        [
            {
                "chip": one.core.name,
                "cores, at least": f"{one.cores:,}",
                "chips": f"{one.chips:,}",
                "neurons per core": f"{one.core.compartments:,}",
                "full of neurons": f"{100 * one.neurons:.0f} %",
                "full of synapses": f"{100 * one.memory:.0f} %",
            }
            for one in found
        ],
        hide_index=True,
        border="horizontal",
        alt="Cores and chips on Loihi 1 and Loihi 2",
    )
    st.caption(
        "Each layer by itself, cut as it takes the fewest cores. Loihi 1 may need a few more,"
        " because output axons run out. For Loihi 2, limits on axons are not published, and none is"
        " counted; weights are stored as on Loihi 1, which has the same"
        f" {found[-1].core.synapse_bits // 8192} KB for them. Intel's own programs share memory"
        " between neurons and synapses, so 8,192 neurons per core is a ceiling. Loihi 2's neurons"
        " are programs, so reset by subtraction and spikes with sizes are possible there; what is"
        " mapped here is the network with reset to zero."
    )


def downloads(here: Shown) -> None:
    """The tables, to download."""
    mapping, of = here.mapping, here.of
    names = ("tile_top", "tile_left", "tile_height", "tile_width")
    about = tables.run(of.picture, of.settings) | dict(zip(names, mapping.tile, strict=True))
    files = [("Partitioners", "partitions", lambda: chips_tables.partitions_csv(mapping, about))]
    for name in here.partitions:
        stem, own = name.replace("@", "-"), about | {"partition": name}
        files.append(
            (
                f"Cores, {label(mapping, name)}",
                f"cores-{stem}",
                lambda name=name, own=own: chips_tables.cores_csv(mapping, name, own),
            )
        )
        files.append(
            (
                f"Chip to chip, {label(mapping, name)}",
                f"chips-{stem}",
                lambda name=name, own=own: chips_tables.chips_csv(mapping.partitions[name], own),
            )
        )
    with st.container(horizontal=True):
        for title, stem, make in files:
            st.download_button(
                f"{title} (CSV)",
                make,
                f"{take.named(of.picture, of.settings, f'tile-{of.tile}', stem)}.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
                key=f"download-{stem}",
            )
