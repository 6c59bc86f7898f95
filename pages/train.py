"""Train a net from scratch on a visitor's own labelled sections."""

import streamlit as st

from snnlab.ui.shared import words
from snnlab.ui.train import controls as training
from snnlab.ui.train import running
from snnlab.ui.train import views as training_views

words.look_for(
    "**A net that knows your tissue.** Label some sections, cell against membrane, and train a"
    " U-Net and its spiking form on them from scratch. One block of them is held out and never"
    " trained on: its score tells you what the net is worth."
)
st.subheader("Train on your own images", anchor=False)
running.arrive()
given = training.sections()
training.instead(given)
asked = training.order(given) if given is not None else None
st.divider()
training_views.draw(asked, given)
