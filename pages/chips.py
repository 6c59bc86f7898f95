"""The network on Loihi's cores and chips: who lies where, and which spikes must travel."""

import streamlit as st

from snnlab.ui.chips import mapped as chips
from snnlab.ui.chips import parts
from snnlab.ui.shared import words

here = chips.shown()

words.look_for(
    "**A good partition keeps the layers of one part of the image on one chip:** most chips show"
    " many colours (the few cores of the coarsest layers may share one), and arcs are thin and"
    " join neighbours. Press ▶: spikes should run from the first layers down and up again, on all"
    " chips alike; a chip that stays dark is waiting for the others."
)
parts.board_of(here)
parts.meanings()

st.subheader("In the image", anchor=False)
parts.image_of(here)

st.subheader("Spikes between chips", anchor=False)
words.look_for(
    "**Shorter is better.** The network and the spikes are the same. Only the places of the cores"
    " differ, and, in rows with *(own)* or *(default)*, how layers are cut into cores. Good is"
    " well below *greedy-interchip*, which is what NengoLoihi does by default."
)
parts.comparison(here)

st.subheader("Time per step", anchor=False)
words.look_for(
    "**A step is as long as its busiest core takes**, so fewer spikes between chips help only if"
    " the core is waiting for them. Good is below 1 ms, the time that a step stands for in the"
    " network: then the chips keep up with real time."
)
parts.step(here)

st.subheader("From chip to chip", anchor=False)
words.look_for(
    "**A few dark cells near the diagonal and many empty ones** mean that chips talk to a few"
    " neighbours. A matrix that is full all over means a network scattered at random."
)
parts.between(here)

st.subheader("What fills the cores", anchor=False)
words.look_for(
    "**The limit near 100 % is the one that costs cores.** A layer whose fullest core is far below"
    " all four limits could do with fewer cores; that is rare where blocks were searched for."
)
parts.limits(here)

st.subheader("On Loihi 2", anchor=False)
parts.generations(here)

st.subheader("Download", anchor=False)
parts.downloads(here)
