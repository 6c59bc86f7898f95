"""Train a model on, live, until its firing rates keep to other bounds."""

import streamlit as st

from snnlab.ui.shared import words
from snnlab.ui.tune import controls as finetune
from snnlab.ui.tune import running
from snnlab.ui.tune import views as finetune_views

words.look_for(
    "**Move the bounds, and watch the net being trained to keep to them**: every neuron's rate"
    " moves into the band, and the segmentation should stay as it was. **With labelled tissue of"
    " your own, the net learns that tissue too**: on what is held out, its segmentation should get"
    " better, whatever the bounds."
)
st.subheader("Fine-tune", anchor=False)
running.arrive()
asked = finetune.controls()
st.divider()
finetune_views.draw(asked)
