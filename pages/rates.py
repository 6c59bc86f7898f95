"""Firing rates: of all layers, against the ANN, and over time."""

import streamlit as st

from snnlab.ui.rates import charts
from snnlab.ui.segment import pointing
from snnlab.ui.shared import looked, untimed, words
from snnlab.ui.shared.charts import layer_chosen

result = looked.shown(with_ann=True)

st.subheader(words.fitting(words.RATES_TITLE, result.settings), anchor=False)
words.look_for(words.rates_rule(result))
charts.overview(result)

st.subheader("All layers against the ANN", anchor=False)
words.look_for(
    "**A low arch: short in the first layer, which gets the image itself; longer after it, where"
    " input comes as spikes; shorter again in the last layers**, which count most, since the"
    " picture is made from them. A bar that stands out from both its neighbours marks a layer"
    " where the conversion loses something: look into that layer below."
)
charts.agreement(result)
words.look_for(
    "**Dots along every dashed line.** A layer whose dots spread has too few timesteps for its"
    " rates; one whose dots bend below its line loses spikes; dots far above it are neurons that"
    " spike although the ANN says nothing."
)
charts.multiples(result)

st.subheader("One layer", anchor=False)
layer = layer_chosen(result)
image, left, right = st.columns((2, 3, 3), gap="medium")
with image:
    pointing.picture(
        result,
        "Click or tap a bar, and up to 200 of its neurons are marked here. Choose a dot of ANN"
        " against SNN, and its neuron's place lights up. Choose a place here, and triangles mark"
        " its neurons' rates.",
    )
with left:
    words.look_for(words.fitting(words.HISTOGRAM, result.settings))
    charts.histogram(result, layer)
with right:
    words.look_for(
        "**Dots on the dashed line: the rate says what the ANN says.** Rungs are the few numbers"
        " of spikes that a short run allows. Dots that bend below the line at the top have lost"
        " spikes, as happens with reset to zero."
    )
    charts.ann_against_snn(result, layer)

st.subheader("Error against timesteps", anchor=False)
if not untimed.told(result, "an error over time needs spikes with times"):
    words.look_for(
        "**Steep at first, then flat.** Where it flattens, more timesteps cost energy and gain"
        " nothing. A difference that stays is not due to lack of time: it is what the conversion"
        " loses."
    )
    charts.error(result)
