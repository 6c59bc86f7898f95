"""What the page Networks shows of a net: its layers, one image, the test set, what it costs."""

from functools import partial

import streamlit as st

from snnlab.figures.numbers import digits, joules, many, short
from snnlab.lab import importing, networks
from snnlab.settings import Settings
from snnlab.ui.networks import charts, controls, desk
from snnlab.ui.shared import downloads, long_work, nir_file, words

_LAYERS = {
    "name": "layer",
    "kind": "kind",
    "shape": "output",
    "units": "nonlinear units",
    "neurons": "spiking neurons",
    "weights": "weights",
    "spiking": "spikes",
    "largest": "largest activation",
    "percentile": "percentile",
}
_METHODS = {
    "method": "method",
    "snn_right": "right",
    "as_the_ann": "as the ANN",
    "settled_after": "settled at",
    "spikes": "spikes",
    "synaptic_events": "events",
    "joules": "Loihi 1",
}


def draw() -> None:
    """All of it, drawn again and again while something is under way."""
    long_work.watched(lambda: desk.desk().job is not None, page)


def page() -> None:
    """The job's line, then what is known."""
    if desk.collect():
        st.rerun()
    controls.line()
    shown = desk.now()
    if shown.note:
        st.warning(words.plain(shown.note), icon=":material/info:")
    if shown.known is None:
        return
    _layers(shown)
    if shown.known.refused:
        for sentence in shown.known.refused:
            text = f"It cannot be converted yet: {sentence}"
            st.error(words.plain(text), icon=":material/error:")
    elif shown.known.task != "classification":
        st.info(
            "This net gives an image, not a class, and this page tests classifiers. On the command"
            " line, convert runs it in spikes.",
            icon=":material/image:",
        )
    elif shown.tested is None:
        st.info("Not tested yet: choose images above, and press Test.", icon=":material/science:")
    else:
        _tested(shown)


def _layers(shown: desk.Shown) -> None:
    known, tested = shown.known, shown.tested
    st.subheader("Layers", anchor=False)
    spiking, units = (
        sum(getattr(row, name) for row in known.rows) for name in ("neurons", "units")
    )
    size = " × ".join(map(str, known.graph.image_shape))
    weights = sum(row.weights for row in known.rows)
    st.markdown(
        f"Takes images of {size}. **{spiking:,} of {units:,} nonlinear units spike**; a host"
        f" computes the rest at the end, from the rates of the last neurons. {weights:,} weights."
    )
    if shown.name == networks.DEMO and not shown.handed:
        card = networks.demo_card()
        st.caption(words.plain(f"{card['summary']} {card['not']} Trained on {card['data']}."))
    rows = [
        {name: _digits(value) for name, value in row.items()}
        for row in networks.by_layer(known, tested, None)
    ]
    titles = dict(_LAYERS)
    if tested is None:
        del titles["largest"], titles["percentile"]
    else:
        titles["percentile"] = f"{tested.percentile:g}th percentile"
    st.dataframe(
        {title: [row[name] for row in rows] for name, title in titles.items()},
        hide_index=True,
        key="networks-layers",
        column_config={titles["name"]: st.column_config.Column(pinned=True)}
        | {
            titles[name]: st.column_config.NumberColumn(format="localized")
            for name in ("units", "neurons", "weights")
        },
    )


def _digits(value):
    """An activation in three digits; what is not known is an empty cell."""
    return "" if value is None else digits(value) if isinstance(value, float) else value


def _tested(shown: desk.Shown) -> None:
    tested = shown.tested
    if tested.examples.labels is None:
        st.info(
            "These images have no labels, so *right* means the same answer as the ANN.",
            icon=":material/label_off:",
        )
    for note in tested.examples.notes:
        st.caption(words.plain(note))
    names = [run.method for run in tested.runs]
    method = names[0]
    if len(names) > 1:
        method = st.segmented_control(
            "Method",
            names,
            default=names[0],
            required=True,
            key=f"networks-method-{'-'.join(names)}",
            persist_state="session",
        )
    run = tested.runs[names.index(method)]
    charts.one_image(tested, run)
    charts.test_set(tested, run)
    charts.layers(shown.known, tested, run)
    _costs(tested, run)
    _take_away(shown, run)


def _costs(tested: networks.Tested, run: networks.Run) -> None:
    st.subheader("Spikes and joules per image", anchor=False)
    steps = st.select_slider(
        "After this many timesteps",
        range(1, run.timesteps + 1),
        min(16, run.timesteps),
        key=f"networks-cost-{run.timesteps}",
        persist_state="session",
    )
    rows = networks.by_method(tested, steps)
    now = next(row for row in rows if row["method"] == run.method)
    st.markdown(
        f"**{run.method} after {many(steps, 'step')}**: {short(now['spikes'])} spikes and"
        f" {short(now['synaptic_events'])} synaptic events per image, on average."
    )
    left, right = st.columns((4, 3), gap="large")
    with left:
        st.markdown("**Methods side by side**")
        st.dataframe(
            {
                title: [joules(row[name]) if name == "joules" else row[name] for row in rows]
                for name, title in _METHODS.items()
            },
            hide_index=True,
            key="networks-by-method",
            column_config={
                "right": st.column_config.NumberColumn(format="percent"),
                "as the ANN": st.column_config.NumberColumn(format="percent"),
                "settled at": st.column_config.NumberColumn(format="%.0f"),
                "spikes": st.column_config.NumberColumn(format="compact"),
                "events": st.column_config.NumberColumn(format="compact"),
            },
        )
    every = networks.energy(tested, run, steps)
    with right:
        st.markdown("**Energy by device**")
        st.dataframe(
            {
                "network": [row["network"] for row in every],
                "device": [row["device"] for row in every],
                "per image": [joules(row["joules"]) for row in every],
                "range": [f"{joules(row['low'])} – {joules(row['high'])}" for row in every],
            },
            hide_index=True,
            key="networks-energy",
        )
    st.caption(
        "Counts times published constants, not a measurement. Every neuron is charged for every"
        " step, as if it always had input, and the last layer's sums are charged for every spike."
        " On GPUs and CPUs, one image at a time costs mostly the start of each layer. The page"
        " Energy says more about these constants."
    )


def _take_away(shown: desk.Shown, run: networks.Run) -> None:
    st.subheader("Download", anchor=False)
    tested = shown.tested
    files = {
        "Layers": lambda: networks.by_layer(shown.known, tested, run),
        "Images": lambda: networks.by_image(tested, run),
        "Over time": lambda: networks.over_time(tested),
        "Methods": lambda: networks.by_method(tested, run.timesteps),
    }
    with st.container(horizontal=True):
        for label, rows in files.items():
            name = label.lower().replace(" ", "-")
            st.download_button(
                f"{label} (CSV)",
                lambda rows=rows: networks.csv_of(rows()),
                f"network-{name}.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
                key=f"networks-take-{name}",
            )
        _network(shown, run)


def _network(shown: desk.Shown, run: networks.Run) -> None:
    """The spiking net of the method on show, as a NIR graph."""
    tested = shown.tested
    settings = Settings(method=run.method, timesteps=run.timesteps)

    def of(asked: Settings):
        from snnlab.lab import exchanging  # which loads the compiler

        return exchanging.of_rates(
            tested.graph, tested.examples.images[0], run.rates_hz, asked.initial
        )

    nir_file.menu(
        settings,
        "networks",
        partial(downloads.offered, importing.name_of(shown.name), "networks"),
        of=of,
        size=f"{' × '.join(map(str, tested.graph.image_shape))}, the first test image in it",
    )
