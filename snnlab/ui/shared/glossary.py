"""Words of the field, explained where they are met: by hovering, by Tab, or by a tap.

`write` draws a text of the lab's own in which the first mention of each word is underlined with
dots. The meaning is in the page beside the word, and takes no room there until a style shows it:
below the word, or above it where there is none below, and at the foot of a phone's screen. A small
script closes it with Escape, and keeps it inside the page.

Only for texts that stand in the code: names that a visitor gave are drawn by `st.markdown`.
"""

import html
import re
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Term:
    """A word and what it means.

    Attributes
    ----------
    name : str
    form : str
        Regular expression of its spellings, plural included.
    meaning : str
        A sentence or two, plain.
    basic : bool
        Whether it is explained in lessons alone: on other pages every other line has it.
    """

    name: str
    form: str
    meaning: str
    basic: bool = False


LAYER_NAME = r"encoder|(?:down|stride|up)\d"  # of the lab's own nets
TERMS = (
    Term("ANN", "ANN",
         "Artificial neural network: here the U-Net as it was trained. It computes with numbers,"
         " not with spikes.", True),
    Term("SNN", "SNN",
         "Spiking neural network: the same net with neurons that send spikes.", True),
    Term("45 nm", "45 nm",
         "A generation of chips, called by the size of its finest parts. For it, the energies of"
         " single sums and products were published (Horowitz 2014)."),
    Term("nm", r"(?<=\d )nm", "Nanometre: a millionth of a millimetre.", True),
    Term("µm", "µm", "Micrometre: a thousandth of a millimetre, or 1,000 nm.", True),
    Term("Hz", "Hz", "Hertz: times per second.", True),
    Term("pixel", "pixels?", "One point of the picture; it has a single shade of grey.", True),
    Term("layer name", LAYER_NAME,
         "A layer of the net: encoder turns the image into spikes, down and stride are on the way"
         " down, up is on the way up. The number says how often the picture has been halved"
         " there."),
    Term("layer", "layers?",
         "Neurons that are computed together: they look at the layer before and pass on to the"
         " next.", True),
    Term("channel", "channels?",
         "One of the pictures that a layer makes side by side. Each looks for something of its"
         " own, such as edges in one direction."),
    Term("skip", "skips?",
         "A shortcut from the way down to the way up, past all coarser layers."),
    Term("convolution", "convolutions?",
         "The same small pattern of weights, moved over the whole picture."),
    Term("weight", "weights?",
         "How strongly one neuron acts on another; what training finds.", True),
    Term("activation", "activations?",
         "The number that a neuron of an ordinary network passes on; 0 if it has nothing to say."),
    Term("membrane potential", "membrane potential",
         "The one number that a spiking neuron has inside: how far it has been charged.", True),
    Term("threshold", "thresholds?",
         "The potential at which a neuron sends a spike. Of a picture: the probability above which"
         " a pixel counts as cell."),
    Term("timestep", "timesteps?", "The clock of the spiking net: 1 ms each.", True),
    Term("firing rate", "firing rates?", "Spikes that a neuron sends, per second.", True),
    Term("percentile", "percentiles?",
         "The 99.9th percentile of the rates is the rate that 99.9 % of the neurons stay below:"
         " nearly the fastest, but no single outlier."),
    Term("bounds", "bounds",
         "The lowest and the highest rate that the busiest neurons of a layer should have.", True),
    Term("agreement", "agreement", "Share of pixels on which both networks say the same.", True),
    Term("V_Rand", "V_Rand",
         "A score from 0 to 1: do pixels of one cell stay together, and pixels of two cells apart?"
         " One gap in a membrane costs a lot."),
    Term("V_Info", "V_Info",
         "A score from 0 to 1: how much the segmentation tells of the labels, in bits shared."),
    Term("labels", "labels?", "The right answer, drawn by people or by the program.", True),
    Term("MAC", "MACs?",
         "Multiply-accumulate: one product, added to a sum. An ordinary network is made of them."),
    Term("synaptic event", "synaptic events?",
         "A spike that arrives at one synapse: its weight is added to a neuron's potential."),
    Term("neuron update", "neuron updates?",
         "The sum that each neuron does in each step, whether spikes came or not."),
    Term("Loihi", "Loihi 1|Loihi",
         "A research chip of Intel's (2018) with 128 cores, made for spiking nets."),
    Term("GPU", "GPU", "A graphics processor, on which ordinary networks are usually computed."),
    Term("core", "cores?",
         "A small processor on the chip, with its own memory, for at most 1,024 neurons.", True),
    Term("compartment", "compartments?",
         "The place for one neuron on a chip's core; a core of Loihi 1 has 1,024."),
    Term("axon", "axons?",
         "On a chip: a numbered line by which spikes enter a core, or leave it. Each core has 4,096"
         " of either kind."),
    Term("partitioner", "partitioners?",
         "A program that decides on which chip each part of the net lies."),
    Term("annealing", "anneal(?:ing|ed)",
         "A search that at first also takes steps for the worse, so that it does not get stuck,"
         " and then fewer and fewer of them; named after metal that cools slowly."),
    Term("hypergraph", "hypergraphs?",
         "A network in which one line may join many points: as one spike goes to many cores."),
    Term("tile", "tiles?",
         "A square piece of the image, as large as fits the chips."),
    Term("multicast", "multicast",
         "One message that goes to several places, and is sent only once."),
    Term("8 bits", "8[- ]bits?",
         "Whole numbers from −127 to 127 in place of decimal fractions: smaller, and cheaper to"
         " compute with."),
    Term("closed form", "closed form",
         "A formula that gives the number of spikes at once, without running the net in time."),
    Term("logarithmic", "logarithmic",
         "An axis on which each mark is ten times the one before."),
    Term("synapse", "synapses?",
         "The place where one neuron acts on another."),
    Term("readout", "read out|readout",
         "The last step: from the spikes of the last layer to a probability for each pixel.", True),
)  # fmt: skip

# what is no text: icons, code, links, tags, equations
_PROTECTED = re.compile(r":[a-z]+/\w+:|`[^`]*`|\[[^\]]*\]\([^)]*\)|<[^>]*>|\$[^$]*\$")
_ALL = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(
        # abbreviations have capitals, other words may stand at the beginning of a sentence
        f"(?P<t{place}>{f'(?i:{term.form})' if term.name.islower() else term.form})"
        for place, term in enumerate(TERMS)
    )
    + r")(?![\w-])",
)
_CSS = """<style>
.snn-term { position: relative; cursor: help; border-radius: 2px; text-decoration: underline dotted
  1.5px; text-underline-offset: 0.22em; }
.snn-term:focus-visible { outline: 2px solid #0b6e5f; outline-offset: 2px; }
.snn-tip { position: absolute; left: var(--snn-shift, 0px); top: calc(100% + 0.35rem);
  z-index: 1200; width: max-content; max-width: min(20rem, 80vw);
  padding: 0.55rem 0.75rem; border-radius: 0.4rem;
  background: #17302b; color: #ffffff; font-size: 0.875rem; font-weight: 400; font-style: normal;
  line-height: 1.4; text-align: left; display: none;
  box-shadow: 0 4px 16px rgba(0, 0, 0, 0.35); }
.snn-above > .snn-tip { top: auto; bottom: calc(100% + 0.35rem); }
.snn-term:focus > .snn-tip, .snn-term:hover > .snn-tip { display: block; }
.snn-term.snn-closed > .snn-tip { display: none; }
[data-testid="stElementContainer"]:has(.snn-term:focus, .snn-term:hover) {
  position: relative; z-index: 100; }
@media (max-width: 640px) {
  .snn-term > .snn-tip { position: fixed; inset: auto 1rem 1rem 1rem; width: auto;
    max-width: none; font-size: 1rem; }
}
@media print { .snn-term > .snn-tip { display: none !important; } }
</style>"""
_SCRIPT = """<script>
if (!window.snnlabTerms) {
  window.snnlabTerms = true
  const term = event => event.target.closest?.(".snn-term")
  const place = event => {
    const word = term(event)
    if (!word) return
    word.classList.remove("snn-closed")
    word.classList.remove("snn-above")
    word.style.removeProperty("--snn-shift")
    const tip = word.querySelector(".snn-tip")
    if (getComputedStyle(tip).position !== "absolute") return
    tip.style.display = "block"  // a finger's touch is told before the style shows it
    const box = tip.getBoundingClientRect()
    tip.style.removeProperty("display")
    // the page's own edges: beside it are the sidebar, and a bar to scroll by
    const main = word.closest("[data-testid=stMain]") ?? document.documentElement
    const left = main.getBoundingClientRect().left
    const over = Math.min(box.right - (left + main.clientWidth - 12), box.left - left - 4)
    if (over > 0) word.style.setProperty("--snn-shift", `${-over}px`)
    const above = word.getBoundingClientRect().top - box.height - 12
    if (box.bottom > innerHeight - 4 && above > 0) word.classList.add("snn-above")
  }
  document.addEventListener("pointerover", place)
  document.addEventListener("focusin", place)
  document.addEventListener("keydown", event => {
    if (event.key !== "Escape") return
    for (const word of document.querySelectorAll(".snn-term:hover, .snn-term:focus"))
      word.classList.add("snn-closed")
  })
}
</script>"""


def mount() -> None:
    """The style and the script, once a page."""
    st.html(_CSS)
    with st.container(key="script-terms"):
        st.html("<style>.st-key-script-terms { display: none; }</style>" + _SCRIPT,
                unsafe_allow_javascript=True)  # fmt: skip


def write(text: str, met: set[str] | None = None, basic: bool = False) -> None:
    """Draw a text of the lab's own, in Markdown, with its words explained; see `explained`."""
    st.markdown(explained(text, met, basic), unsafe_allow_html=True)


def caption(text: str, met: set[str] | None = None, basic: bool = False) -> None:
    """The same as small print."""
    st.caption(explained(text, met, basic), unsafe_allow_html=True)


def explained(text: str, met: set[str] | None = None, basic: bool = False) -> str:
    """Markdown in which the first mention of each word carries its meaning.

    Parameters
    ----------
    text : str
        Markdown of the lab's own.
    met : set of str, optional
        Names of words that were explained before on this page; those found here are added.
    basic : bool
        Whether everyday words of the lab are explained too.
    """
    met = set() if met is None else met

    def marked(found: re.Match) -> str:
        term = TERMS[int(found.lastgroup[1:])]
        if term.name in met or (term.basic and not basic):
            return found[0]
        met.add(term.name)
        return (
            f'<span class="snn-term" role="button" tabindex="0">{found[0]}'
            f'<span class="snn-tip" role="tooltip">{html.escape(term.meaning)}</span></span>'
        )

    parts, last = [], 0
    for kept in _PROTECTED.finditer(text):
        parts += [_ALL.sub(marked, text[last : kept.start()]), kept[0]]
        last = kept.end()
    return "".join([*parts, _ALL.sub(marked, text[last:])])
