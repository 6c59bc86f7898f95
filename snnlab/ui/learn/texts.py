"""The lessons' words, for a student who has met neither tissue nor spiking nets."""

from dataclasses import dataclass

from snnlab.errors import many


@dataclass(frozen=True)
class Part:
    """A sentence or a few, and the figure that stands beside them.

    Attributes
    ----------
    text : str
    figure : str
        Name of one of `snnlab.ui.learn.drawn.DRAWN`.
    """

    text: str
    figure: str


@dataclass(frozen=True)
class Lesson:
    """One lesson; its number is its place in `LESSONS`, from 0.

    Attributes
    ----------
    key, title : str
    parts : tuple of Part
        What it is about.
    task, look_for : str
        What to do, and what to look at.
    figure : str
        What the answers are read from; as in `Part`.
    pages : tuple of str
        Pages of the lab that show more of it, without folder and ending.
    moral : str
        What to take away once the answer is right.
    ponder, reply : str
        An open question for the worksheet, and what a good answer says.
    idea : str
        What is said just before the task, about the same figure.
    drawing : tuple of str
        If the open question asks for drawings: what each of them is of.
    """

    key: str
    title: str
    parts: tuple[Part, ...]
    task: str
    look_for: str
    figure: str
    pages: tuple[str, ...]
    moral: str
    ponder: str
    reply: str
    idea: str = ""
    drawing: tuple[str, ...] = ()


LESSONS = (
    Lesson(
        "picture",
        "What the picture shows",
        (
            Part(
                "This is a **section**: a slice of brain tissue, some 50 nm thin, seen through an"
                " electron microscope. Two things matter here: the cells, and what lies between"
                " them.",
                "image",
            ),
            Part(
                "The grey patches are **cells**, cut through. The dark lines are **membranes**, the"
                " skins of cells: where there is a membrane, one cell ends and the next begins. On"
                " the right is the same piece with its membranes in orange.",
                "membrane",
            ),
            Part(
                "To learn how a brain is wired, you follow each cell through thousands of sections."
                " The first step is to **segment** each one: to say of every pixel whether it is"
                " cell or membrane. Then each patch that membranes close in is one cell, here in a"
                " colour of its own. A **single gap** in a membrane is enough, and two cells are"
                " taken for one.",
                "cells",
            ),
            Part(
                "By hand this takes years. A **U-Net** learned it from pictures in which people had"
                " marked the membranes. On the way down it makes the picture smaller again and"
                " again, so that it sees more of the surroundings at once. On the way up it makes"
                " it larger again, and the dotted **skips** bring back the fine lines. At the end"
                " it says of each pixel how likely it is to be cell.",
                "net",
            ),
        ),
        "How wide is the picture in micrometres? (1 µm is 1,000 nm; the size is written under the"
        " first figure.) And in the drawing of the net, how many times is the picture halved on"
        " the way down?",
        "**The lab runs the net twice**: once as it is, the *ANN*, and once with neurons that send"
        " spikes, the *SNN*. White is cell. All other lessons are about how the second picture"
        " comes about.",
        "both",
        ("segment",),
        "A segmentation is only as good as its thinnest lines.",
        "Someone says: 99 of 100 pixels are right, so the segmentation is good. What do you "
        "answer?",
        "The one in a hundred may lie in the membranes, which are thin. A gap of a few pixels "
        "joins two cells, and whoever follows one of them through the sections goes astray. "
        "So count cells that were merged or split, not only pixels.",
    ),
    Lesson(
        "spike",
        "What a spike is here",
        (),
        "The figure shows one neuron of the run on your screen. The top row has a mark for every"
        " spike that it sent. Count them, and work out its **firing rate**: spikes per second, in"
        " Hz.",
        "**The potential climbs over the dashed threshold and drops: that is where a spike is"
        " sent.** Large currents fill it quickly, so spikes come often; with a negative current it"
        " never gets there.",
        "neuron",
        ("spikes",),
        "A spike here carries no number: a neuron speaks by how often it sends one. (A few ways of"
        " making a net spike, which the page *Methods* compares with this one, have spikes of"
        " several sizes.)",
        "In your own words: why does the potential not simply stay at the threshold?",
        "Because the spike resets it: the threshold is taken off, or it goes back to zero. "
        "Only input can fill it again, so the time between two spikes says how strong the "
        "input was.",
        "An ordinary network passes **numbers** from neuron to neuron. A spiking one passes only"
        " **events**: at each step of 1 ms, a neuron sends a spike or nothing. It has one number"
        " inside, the *membrane potential*. Input current adds to it, or takes away from it; when"
        " it reaches the threshold, the neuron sends a spike and {spiked}. Then it fills again."
        " {begins}",
    ),
    Lesson(
        "rates",
        "Why rates stand for numbers",
        (
            Part(
                "The U-Net's neurons put out a number, their *activation*. If a spiking neuron gets"
                " the same input as a current, it fires in proportion to it: twice the current"
                " fills the potential twice as fast. So its **rate** can stand for the activation."
                " Each dot is a neuron of the last layer; on the dashed line, its rate says just"
                " what the activation says.",
                "dots",
            ),
            Part(
                "But a rate is counted over some time, and in a short time only a few counts are"
                " possible: rates come in **rungs**, as on a ladder. There is one bar for each"
                " number of spikes; between two bars there is nothing. The run's first steps are"
                " left out, because the first spikes are still on their way through the layers:"
                " **only the last part of the run is read out and counted**. How many steps that"
                " is, is written below the figure.",
                "histogram",
            ),
        ),
        "How far apart are two bars of the histogram, in Hz? Then run the same settings with at"
        " least twice as many timesteps, or at most half as many, and compare the error of the"
        " last layer in the table.",
        "**More timesteps give more rungs, and the dots move closer to the line.** The bars show"
        " how far each layer's spikes are from what the U-Net says.",
        "errors",
        ("rates",),
        "A rate becomes exact only with time. That is the price of spikes.",
        "How many timesteps would you need to tell 100 Hz from 101 Hz? Why?",
        "The distance of two rungs is 1 divided by the time that is counted, and these two rates "
        "are 1 Hz apart: so 1 s must be counted, which is 1,000 steps of 1 ms.{whole}",
    ),
    Lesson(
        "few",
        "Too few steps",
        (
            Part(
                "A neuron must fill before it sends anything, and the next layer hears nothing but"
                " what it sends. At first that is coarse and often wrong: a spike too many here,"
                " one too few there. So layers far from the image tend to need longer than the"
                " first ones until their spikes say what the ANN says. Not each is later than the"
                " one before: a neuron that adds up many others evens their errors out, and on the"
                " way up the skips help. If you read out too early, the last layer has sent nothing"
                " yet, or only its strongest signals.",
                "wave",
            ),
        ),
        "Press ▶ and watch the SNN form. Then read off the dots below the pictures: from which step"
        " on do SNN and ANN agree on at least **95 %** of the pixels, to the end? Then run far"
        " fewer steps, and look again: it fails.",
        "**What comes first, and what is missing?** Large cells often appear before thin"
        " membranes, since a membrane needs many neurons to agree. If the picture is grey all"
        " over, no spike has arrived yet.",
        "viewer",
        ("segment",),
        "Timesteps buy agreement, and each one costs energy: the art is to need only a few.",
        "Draw a small part of the picture after very few steps, and after many. What is "
        "missing at first?",
        "At first thin membranes are broken or missing and cells are blotchy: each neuron has "
        "sent no spike or one, so its rate is far off. With time the errors average out and "
        "the membranes close.",
        drawing=("After very few steps", "After many steps"),
    ),
    Lesson(
        "reset",
        "Reset: what is lost with a spike",
        (
            Part(
                "When a neuron spikes, its potential is usually a little *above* the threshold."
                " **Reset by subtraction** takes off just the threshold and keeps the rest for the"
                " next spike. **Reset to zero**, which is what the Loihi 1 chip does, throws the"
                " rest away. Here a busy neuron of your run gets the same current twice, once with"
                " each reset.",
                "resets",
            ),
        ),
        "Run the same settings with both resets: the button pins the run on screen, and then runs"
        " the other. Which of the two sends more spikes? And in the first layer, which neurons"
        " lose more of their signal, busy ones or quiet ones? The table has both runs.",
        "**With reset to zero, dots bend below the line where activations are large**: a busy"
        " neuron overshoots by more, and does so more often. With reset by subtraction they stay"
        " near it. A net that was trained for reset to zero can make up for the loss.",
        "lost",
        ("compare", "rates"),
        "On hardware the neuron is what it is: train for it, or pay with wrong rates.",
        "A neuron gets a current of 0.6 thresholds in every step and begins at 0. After how "
        "many steps does it spike, with each reset? What are the two rates?",
        "Potential 0.6, 1.2: a spike in step 2. By subtraction 0.2 is left: 0.8, 1.4 (spike "
        "in step 4), 0.4, 1.0 (spike in step 5); 3 spikes in 5 steps, 600 Hz, which is what "
        "the current says. To zero: a spike in every second step, 500 Hz.",
    ),
    Lesson(
        "bounds",
        "Bounds for the rates",
        (
            Part(
                "How many Hz should stand for an activation of 1? You are free to choose. High"
                " rates tell a number quickly but take many spikes; low rates save spikes but are"
                " slow. The **bounds** hold each layer's busiest neurons between two rates, the"
                " grey band, so that no layer shouts or whispers. A diamond is a high percentile of"
                " its layer: the rate that all but the few busiest neurons stay below. The diamonds"
                " should lie in the band, or one spike outside it.",
                "bands",
            ),
        ),
        "Run the same settings with bounds at most two thirds as high: the button pins the run on"
        " screen, and then halves its bounds. How many times fewer spikes are sent, and what"
        " happens to the agreement with the ANN? The table has both runs.",
        "**Spikes fall about as much as the bounds do; agreement falls once rates are too low for"
        " the time there is.**",
        "spent",
        ("compare", "rates"),
        "Rate times timesteps is what you pay; agreement is what you get for it.",
        "You may spend half as many spikes. Would you halve the rates or the timesteps? What "
        "would you try first?",
        "Both halve the counts that a neuron can tell, so both make the rungs coarser. Fewer "
        "steps also save neuron updates; lower rates leave the later layers as much time as "
        "before to settle. Try both and compare the agreement.",
    ),
    Lesson(
        "chips",
        "What crosses between chips",
        (
            Part(
                "A chip such as Loihi holds its neurons on *cores*, 128 to a chip, with at most"
                " 1,024 neurons each. A large network needs several chips, and a spike to another"
                " chip travels further, takes longer and costs more than one to a core next door. A"
                " **partitioner** decides which neuron goes where. Each colour is a chip, drawn"
                " over the piece of the image that its neurons look at: by the best partitioner on"
                " the left, and with *round-robin*, which deals out cores like cards, on the"
                " right. One spike may have to go to many places, so **deliveries** are counted: a"
                " spike counts once for each other chip that it goes to (*between chips*), and on"
                " its own chip once for each other core (*within chips*).",
                "patches",
            ),
        ),
        "How many times fewer deliveries go **between chips** with the best partitioner than with"
        " *round-robin*? And what share of the best one's deliveries leave their chip? In its row,"
        " that is *between chips* divided by the sum of *between chips* and *within chips*.",
        "**Good partitions cut the image, not the network**: all layers that see one part of the"
        " image are on one chip, since convolutions look only at nearby places.",
        "partitions",
        ("chips",),
        "Where the neurons sit affects only the cost, not the result. So it is worth searching for"
        " a good placement.",
        "Why is dealing out cores like cards a bad idea for a network of convolutions?",
        "A convolution looks only at nearby places. If neighbours lie on different chips, "
        "nearly every spike has to cross. If all layers of one part of the image lie on one "
        "chip, only spikes at its rim cross.",
    ),
    Lesson(
        "energy",
        "When spikes win",
        (
            Part(
                "An ANN multiplies by all its weights, whatever the image: a MAC for each. A"
                " spiking net adds a weight only **when a spike arrives**, a synaptic event:"
                " silence is nearly free. So spikes win where rates are low and timesteps are few."
                " But each step also updates every neuron once, spikes or not. These are the"
                " counts of your run.",
                "counts",
            ),
        ),
        "How many times as much energy as **Loihi 1** (Davies 2018) does the **GPU** need, one"
        " image at a time? And on the same kind of hardware, 8-bit arithmetic in 45 nm, which"
        " network needs less?",
        "**Compare like with like.** A chip against a processor compares two machines; arithmetic"
        " against arithmetic compares two networks. Each step on the axis is a factor of ten; the"
        " lines are the ranges that the sources leave open.",
        "joules",
        ("energy",),
        "Spikes do not win because they are spikes, but because they are few.",
        "A newspaper writes: spiking networks need 100 times less energy. Which two questions "
        "do you ask?",
        "Compared with what (a processor, or an ANN on the same kind of hardware, with as many "
        "bits)? And at what rates and how many timesteps, with what loss of quality? Idle "
        "power and memory are often left out, too.",
    ),
)


def about_rungs(reply: str, read: int, timesteps: int) -> str:
    """What a good answer to the open question on rungs says, where part of a run is counted.

    Parameters
    ----------
    reply : str
    read, timesteps : int
        Steps that are read out and counted, and all of the run.
    """
    whole = ""
    if read < timesteps:
        whole = (
            f" The lab reads out, and counts, only the last {read} of a run's"
            f" {many(timesteps, 'step')}: so the run takes {1000 * timesteps / read:,.0f}."
        )
    return reply.format(whole=whole)


_SPIKED = {
    "subtraction": "the threshold is taken off again",
    "zero": "the potential goes back to zero, whatever it had reached",
}


def about_spikes(idea: str, reset: str, initial: float) -> str:
    """The idea of the lesson on spikes, as it is in a run.

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
