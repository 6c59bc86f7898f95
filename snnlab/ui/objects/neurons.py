"""The neurons behind a box, from the backbone through the pyramid to both subnets."""

import streamlit as st

from snnlab.figures import objects
from snnlab.figures.numbers import many
from snnlab.results.anchored import Layer
from snnlab.ui.objects.running import Shown
from snnlab.ui.shared import words
from snnlab.ui.shared.plots import draw

NAMES = {"ann": "ANN", "snn": "SNN"}
MOST = 8  # neurons of a layer that are drawn


def show(shown: Shown, box: tuple[str, int] | None) -> None:
    """Raster, rates and a table of the layers; or what to do to see them."""
    st.subheader("The neurons behind a box", anchor=False)
    layers = () if box is None else shown.found.layers(*box)
    if not layers:
        st.caption(
            ":material/ads_click: Click a box in the picture, or choose a row below: here are the"
            " neurons that its score and its outline are read from, layer by layer."
        )
        return
    level = layers[-1].level
    words.look_for(
        f"**This box of the {NAMES[box[0]]} comes from a place of {2**level} × {2**level} pixels on"
        f" level {level}.** Each dot is a spike; green is the SNN's rate, and the purple stroke the"
        " rate that the ANN's activation stands for. The last two parts are the subnets, one for"
        " the score and one for the outline."
    )
    titles = [_title(one) for one in layers]
    draw(
        objects.neurons(layers, titles, MOST), "objects-neurons",
        "Spikes and rates of the neurons behind the chosen box, layer by layer",
    )  # fmt: skip
    st.caption(f"The {MOST} busiest neurons of each layer at this place.")
    with st.expander("All layers in numbers", icon=":material/table_rows:"):
        st.table(
            {
                "Layer": titles,
                "Neurons here": [str(len(one.snn)) for one in layers],
                "Spiking": [str(int((one.snn > 0).sum())) for one in layers],
                "Mean rate": [f"{one.rates_hz.mean():.0f} Hz" for one in layers],
                "ANN, as a rate": [f"{one.ann_hz.mean():.0f} Hz" for one in layers],
                "Off by": [_off(one) for one in layers],
            },
            hide_index=True, border="horizontal", alt="The layers behind the chosen box",
        )  # fmt: skip
        steps = many(layers[0].raster.shape[0], "step")
        st.caption(
            f"Off by: mean absolute difference between ANN and SNN over the ANN's mean, of {steps}."
        )


def _title(layer: Layer) -> str:
    """What a population is for."""
    name = layer.name.split("-")[0]
    if name.startswith("level"):
        return f"pyramid {layer.level}"
    for subnet, called in (("score", "score"), ("box", "outline")):
        if name.startswith(subnet):
            return f"{called} {name.removeprefix(subnet)}"
    return f"backbone {layer.level}"


def _off(layer: Layer) -> str:
    return "ANN silent" if layer.error != layer.error else f"{100 * layer.error:.0f} %"
