"""The image, both segmentations, their difference over time, scores and counts."""

import streamlit as st

from snnlab.ui import bench, blocks, scrubber, views, words

result = bench.shown()

words.look_for(
    "**Watch the third picture form.** With few timesteps a neuron's rate is coarse, and the SNN is"
    " blotchy; as spikes arrive it should settle on the ANN, and the fourth picture go blank. What"
    " stays coloured is where the conversion loses."
)
scrubber.show(views.pictures(result))

left, right = st.columns((3, 2), gap="large")
with left:
    blocks.scores(result)
with right:
    blocks.counts(result)
blocks.downloads(result)
