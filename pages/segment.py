"""The image, both segmentations, their difference over time, scores and counts."""

import streamlit as st

from snnlab.ui.segment import baseline, by_class, painted, travelling, verdict, viewer
from snnlab.ui.shared import bench, blocks, looked, pixel_sizes, words

result = looked.shown(with_ann=True)

blocks.silence(bench.summed().silence)
viewer.show(result, paint=True, over=painted.over(result))
if result.recording.timed:
    words.look_for(
        "**Press play and watch the SNN form.** After a few timesteps its rates are coarse and the"
        " picture is blotchy. As spikes arrive, it should settle on the ANN's picture, and the"
        " difference should fade. Where colour remains, the conversion loses something. Click or"
        " tap a place to see why."
    )
else:
    words.look_for(
        "**This is the closed form, not a simulation.** Each layer's spikes are worked out from"
        " those of the layer before, as if they had all come evenly, so nothing forms over time."
        " Compare it with the simulator *event*: the difference is what the timing of spikes"
        " costs."
    )
painted.draw(result)

left, right = st.columns((3, 2), gap="large")
with left:
    verdict.draw(result)
    blocks.scores(result)
    pixel_sizes.both_ways(result)
with right:
    blocks.counts(result)
by_class.draw(result)
baseline.draw(result)
blocks.downloads(result, travelling.offer)
