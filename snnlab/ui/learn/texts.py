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
        " inside, the *membrane potential*. Input current adds to it, or takes away from it; when"
        " it reaches the threshold, the neuron sends a spike and {spiked}. Then it fills again."
        " {begins}",
        "Below is one neuron of the run on your screen. The top row has a mark for every spike that"
        " it sent. Count them, and work out its **firing rate**: spikes per second, in Hz.",
        "**The potential climbs over the dashed threshold and drops: that is where a spike is"
        " sent.** Large currents fill it quickly, so spikes come often; with a negative current it"
        " never gets there.",
        (),
        "A spike here carries no number: a neuron speaks by how often it sends one. (Only the"
        " methods *multi-threshold*, *spiking-unet* and *bistable* send spikes of several sizes.)",
    ),
    Lesson(
        "rates",
        "Why rates stand for numbers",
        "The U-Net's neurons put out a number, their *activation*. If a spiking neuron gets the"
        " same input as a current, it fires in proportion to it: twice the current fills the"
        " potential twice as fast. So its **rate** can stand for the activation. But a rate is"
        " counted over some time, and in a short time only a few counts are possible: rates come"
        " in **rungs**.",
        "On the page Rates, look under *One layer*: the histogram has a bar for each number of"
        " spikes, and in the scatter plot next to it these numbers are the rungs. How far apart"
        " are two bars, in Hz? Then run the same settings with at least twice as many timesteps,"
        " or at most half as many, and look at the last bar under *All layers against the ANN*:"
        " the error.",
        "**Dots on rungs, and rungs on the dashed line.** More timesteps give more rungs, and the"
        " dots move closer to the line.",
        ("rates",),
        "A rate becomes exact only with time. That is the price of spikes.",
    ),
    Lesson(
        "few",
        "Too few steps",
        "The first layer's neurons must fill before they send anything; the next layer waits for"
        " their spikes, and so on through the whole depth. If you read out too early, the last"
        " layer has heard nothing yet, or only the loudest neurons.",
        "On the page Segment, play the run and watch the curve: from which step on do SNN and ANN"
        " agree on **95 %** of the pixels, and stay there? Then run far fewer steps, and look at"
        " Segment again: it fails.",
        "**What comes first, and what is missing?** Large cells often appear before thin"
        " membranes, since a membrane needs many neurons to agree. If the picture is grey all"
        " over, no spike has arrived yet.",
        ("segment",),
        "Timesteps buy agreement, and each one costs energy: the art is to need only a few.",
    ),
    Lesson(
        "reset",
        "Reset: what is lost with a spike",
        "When a neuron spikes, its potential is usually a little *above* the threshold. **Reset by"
        " subtraction** takes off just the threshold and keeps the rest for the next spike."
        " **Reset to zero**, which is what the Loihi 1 chip does, throws the rest away.",
        "Run the same settings with both resets: the button pins the run on screen, and then runs"
        " the other. On the page Compare, which of the two sends more spikes? And on Rates, in the"
        " first layer, which neurons lose more of what they have to say, busy ones or quiet ones?",
        "**On Rates, under One layer, dots bend below the line where activations are large**: a"
        " busy neuron overshoots by more, and does so more often. A net that was trained for it"
        " can make up for that.",
        ("compare", "rates"),
        "On hardware the neuron is what it is: train for it, or pay with wrong rates.",
    ),
    Lesson(
        "bounds",
        "Bounds for the rates",
        "How many Hz should stand for an activation of 1? You are free to choose. High rates tell"
        " a number quickly but take many spikes; low rates save spikes but are slow. The"
        " **bounds** hold each layer's busiest neurons between two rates, so that no layer shouts"
        " or whispers.",
        "Run the same settings with bounds at most two thirds as high: the button pins the run on"
        " screen, and then halves its bounds. On the page Compare, how many times fewer spikes are"
        " sent, and what happens to the agreement with the ANN?",
        "**Spikes fall about as much as the bounds do; agreement falls once rates are too low for"
        " the time there is.** On Rates, the diamonds follow the band.",
        ("compare", "rates"),
        "Rate times timesteps is what you pay; agreement is what you get for it.",
    ),
    Lesson(
        "chips",
        "What crosses between chips",
        "A chip such as Loihi holds its neurons on *cores*, 128 to a chip, with at most 1024"
        " neurons each. A large network needs several chips, and a spike to another chip travels"
        " further, takes longer and costs more than one to a core next door. A **partitioner**"
        " decides which neuron goes where.",
        "Open the page Chips, where a tile of the image is laid out on chips. The table under"
        " *Spikes between chips* has the best partitioner in its first row. How many times fewer"
        " spikes go **between chips** with it than with *round-robin*, which deals out cores like"
        " cards? And what share of its spikes leave their chip? In the first row, that is *between"
        " chips* divided by the sum of *between chips* and *within chips*.",
        "**Good partitions cut the image, not the network**: all layers that see one part of the"
        " image are on one chip, since convolutions look only at nearby places.",
        ("chips",),
        "Where neurons are changes only the cost, not the result. So it is worth searching for a"
        " good place.",
    ),
    Lesson(
        "energy",
        "When spikes win",
        "An ANN multiplies by all its weights, whatever the image. A spiking net adds a weight"
        " only **when a spike arrives**: silence is nearly free. So spikes win where rates are low"
        " and timesteps are few. But each step also updates every neuron once, spikes or not. And"
        " whether spikes win depends on *what you compare them with*.",
        "Open the page Energy with your run. How many times the energy of **Loihi 1** (Davies"
        " 2018) does the **GPU** need, one image at a time? And on like hardware, 8-bit arithmetic"
        " in 45 nm, which network needs less?",
        "**Compare like with like.** A chip against a processor compares two machines; arithmetic"
        " against arithmetic compares two networks.",
        ("energy",),
        "Spikes do not win because they are spikes, but because they are few.",
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
