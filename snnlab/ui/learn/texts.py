"""The lessons' words, for a student who has not met spiking nets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes
    ----------
    key, title : str
    idea, task, look_for : str
        What it is about, what to do in the lab, and what to look at.
    pages : tuple of str
        Pages of the lab that the task needs, without folder and ending.
    moral : str
        What to take away once the answer is right.
    """

    key: str
    title: str
    idea: str
    task: str
    look_for: str
    pages: tuple[str, ...]
    moral: str


LESSONS = (
    Lesson(
        "spike",
        "What a spike is here",
        "An ordinary network passes **numbers** from neuron to neuron. A spiking one passes only"
        " **events**: at each step of 1 ms, a neuron sends a spike or nothing. It has one number"
        " inside, the *membrane potential*. Input current adds to it, or takes away; when it"
        " reaches the threshold, the neuron sends a spike and {spiked}. Then it fills anew."
        " {begins}",
        "Below is one neuron of the run on your screen. The top row has a mark for every spike that"
        " it sent. Count them, and work out its **firing rate**: spikes per second, in Hz.",
        "**The potential climbs over the dashed threshold, and drops: there a spike is sent.**"
        " Large currents fill it quickly, so spikes come often; with a negative current it never"
        " gets there.",
        (),
        "A spike here carries no number: what a neuron says is how often it sends one. (Only the"
        " methods *multi-threshold*, *spiking-unet* and *bistable* send spikes of several sizes.)",
    ),
    Lesson(
        "rates",
        "Why rates stand for numbers",
        "The U-Net's neurons put out a number, their *activation*. If a spiking neuron gets the"
        " same input as a current, it fires in proportion to it: twice the current fills the"
        " potential twice as fast. So its **rate** can stand for the activation. But a rate is"
        " counted over a time, and in a short one only few counts are possible: rates come in"
        " **rungs**.",
        "On the page Rates, look under *One layer*: the histogram has a bar for each number of"
        " spikes, and in the scatter beside it these numbers are the rungs. How far apart are two"
        " bars, in Hz? Then run the same settings with at least twice as many timesteps, or"
        " half as many, and look at the last bar under *All layers against the ANN*: the error.",
        "**Dots on rungs, and the rungs on the dashed line.** More timesteps, more rungs: the dots"
        " move closer to the line.",
        ("rates",),
        "A rate is a number that becomes exact only with time. That is the price of spikes.",
    ),
    Lesson(
        "few",
        "Too few steps",
        "The first layer's neurons must fill before they send anything, those behind them wait for"
        " these spikes, and so on through the whole depth. Read out too early, and the last layer"
        " has heard nothing yet, or only the loudest.",
        "On the page Segment, play the run and watch the curve: from which step on do SNN and ANN"
        " agree on **95 %** of the pixels, and stay there? Then run far fewer steps, and look at"
        " Segment again: it fails.",
        "**What comes first, and what is missing?** Often large cells are there before thin"
        " membranes are, since a membrane needs many neurons to agree. A picture that is grey all"
        " over means that no spike has arrived yet.",
        ("segment",),
        "Timesteps buy agreement, and each costs energy: the art is to need few.",
    ),
    Lesson(
        "reset",
        "Reset: what is lost with a spike",
        "When a neuron spikes its potential is usually a little *above* the threshold. **Reset by"
        " subtraction** takes off just the threshold and keeps the rest for the next spike. **Reset"
        " to zero**, which is what the Loihi 1 chip does, throws the rest away.",
        "Run the same settings with both resets: the button pins the run on screen, and then runs"
        " the other. On the page Compare: which of the two sends more spikes? And on Rates, in the"
        " first layer: who loses more of what it has to say, neurons that are busy, or quiet ones?",
        "**On Rates, under One layer, dots bend below the line where activations are large**: a"
        " busy neuron overshoots by more and does so more often. A net trained for it can make up.",
        ("compare", "rates"),
        "On hardware the neuron is what it is: train for it, or pay with wrong rates.",
    ),
    Lesson(
        "bounds",
        "Bounds for the rates",
        "How many Hz should stand for an activation of 1? It is free to choose. High rates say a"
        " number quickly but send many spikes; low ones are thrifty and slow. The **bounds** hold"
        " each layer's busiest neurons between two rates, so that no layer shouts or whispers.",
        "Run the same settings with bounds at most two thirds as high: the button pins the run on"
        " screen, and then halves its bounds. On the page Compare: how many times fewer spikes are"
        " sent, and what becomes of the agreement with the ANN?",
        "**Spikes fall about as the bounds do; agreement falls once rates are too low for the"
        " time.** On Rates, the diamonds follow the band.",
        ("compare", "rates"),
        "Rate times timesteps is what you pay; agreement is what you get for it.",
    ),
    Lesson(
        "chips",
        "What crosses between chips",
        "A chip such as Loihi holds its neurons on *cores*, 128 to a chip, with at most 1024"
        " neurons each. A large network needs several chips, and a spike to another chip travels"
        " further, takes longer and costs more than one to a core next door. Who lies where is"
        " decided by a **partitioner**.",
        "Open the page Chips, where a tile of the image is laid out on chips. The table under"
        " *Spikes between chips* has the best partitioner in its first row. How many times fewer"
        " spikes go **between chips** with it than with *round-robin*, which deals cores out like"
        " cards? And what share of its spikes leaves their chip: in the first row, *between chips*"
        " divided by the sum of *between chips* and *within chips*?",
        "**Good partitions cut the image, not the network**: all layers that see one part of the"
        " image lie on one chip, since convolutions look at near places only.",
        ("chips",),
        "Where neurons lie changes no result, only what it costs. So it is worth a search.",
    ),
    Lesson(
        "energy",
        "When spikes win",
        "An ANN multiplies all weights, whatever the image. A spiking net adds a weight only"
        " **when a spike arrives**: silence is nearly free. So spikes win where rates are low and"
        " timesteps few. Each step also updates every neuron once, spikes or not. And whether it"
        " wins depends on *against what*.",
        "Open the page Energy with your run. How many times the energy of **Loihi 1** (Davies 2018)"
        " does the **GPU** need, one image at a time? And on like hardware, 8-bit arithmetic in"
        " 45 nm: who needs less?",
        "**Compare like with like.** A chip against a processor compares two machines; arithmetic"
        " against arithmetic compares two networks.",
        ("energy",),
        "Spikes do not win by being spikes, but by being few.",
    ),
)

_SPIKED = {
    "subtraction": "the threshold is taken off again",
    "zero": "the potential goes back to zero, whatever it had reached",
}


def about_spikes(idea: str, reset: str, initial: float) -> str:
    """The first lesson's idea, as it is in a run.

    Parameters
    ----------
    idea : str
    reset : {"subtraction", "zero"}
    initial : float
        Potential to begin with, in thresholds.
    """
    begins = "At the very beginning it is empty."
    if initial > 0:
        full = "half" if initial == 0.5 else f"{100 * initial:.3g} %"
        begins = f"At the very beginning it is {full} full, so that the first spike is not late."
    return idea.format(spiked=_SPIKED[reset], begins=begins)
