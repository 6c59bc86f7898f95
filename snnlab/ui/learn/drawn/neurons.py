"""Figures of neurons: one from within, rates of a layer and of all, when layers begin to speak."""

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.figures import lessons as figures
from snnlab.figures.numbers import many
from snnlab.results import resets as both_resets
from snnlab.results import settling
from snnlab.results.segmentation import Segmentation
from snnlab.simulation.traces import Traces
from snnlab.ui.learn import questions as learn_questions
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.rates import charts
from snnlab.ui.shared import glossary, inside, untimed, views, words
from snnlab.ui.shared.plots import draw

STEPS = 40  # of a run that are drawn with both resets: single spikes are to be told apart


def _traced(result: Segmentation, layer: str, neuron: int) -> Traces | None:
    """What went on in a neuron; None, said on the page, if that is not known."""
    try:
        return learn_questions.traced(result, layer, neuron)
    except LabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return None


def one(result: Segmentation) -> None:
    """The neuron whose spikes are to be counted."""
    if untimed.told(result, "the lesson follows spikes in time"):
        return
    layer, neuron = learn_questions.countable(result)
    found = _traced(result, layer, neuron)
    if found is None:
        return
    draw(
        inside.figure(["this neuron"], found, result.recording.dt),
        "learn-neuron",
        "Spikes, membrane potential and input current of one neuron",
    )
    trains = result.recording[layer]
    initial = found.initial[0]
    begins = f" Its potential begins at {initial:.3g}, not empty." if initial > 0 else ""
    steps = many(result.timesteps, "timestep")
    glossary.caption(
        f"A neuron of {words.plain(layer)}: {views.place(trains, neuron)}, over {steps} of"
        f" 1 ms.{begins} {inside.drawn(trains)}"
    )


def dots(result: Segmentation) -> None:
    """Rates against activations in the last layer."""
    charts.ann_against_snn(result, result.layers[-1].name)


def histogram(result: Segmentation) -> None:
    """Rates of the last layer."""
    charts.histogram(result, result.layers[-1].name)


def bands(result: Segmentation) -> None:
    """Rates of all layers against the bounds."""
    charts.overview(result)


def wave(result: Segmentation) -> None:
    """From which step on each layer says what the ANN says."""
    if untimed.told(result, "when a layer has settled needs spikes with times"):
        return
    found = views.of(result, "learn/wave", lambda: settling.layers(result))
    figure = figures.settled(list(found), list(found.values()), result.timesteps)
    draw(figure, "learn-wave", "From which step on each layer says what the ANN says")
    first, *_, last = map(words.plain, found)
    glossary.caption(
        f"Dot: from this step on, a layer's spikes so far are within {100 * settling.NEAR:.0f} % of"
        f" what the ANN says, on average. From {first}, next to the image, down to {last}, from"
        " which the picture is read."
    )


def resets(result: Segmentation) -> None:
    """A busy neuron of the first layer under its current, with either reset."""
    if untimed.told(result, "a potential needs spikes with times"):
        return
    trains = result.recording.populations[0]
    neuron = views.of(result, "learn/busy", lambda: busy(trains))
    found = _traced(result, trains.name, neuron)
    if found is None:
        return
    current, initial = found.current[:STEPS, 0], float(found.initial[0])
    followed = both_resets.followed(current, initial)
    called = {learn_setups.RESETS_IN_FULL[name]: values for name, values in followed.items()}
    draw(
        figures.resets(current, called, initial),
        "learn-resets",
        "Potential of one neuron under the same current with each reset",
    )
    glossary.caption(
        f"A neuron of {words.plain(trains.name)}, {views.place(trains, neuron)}: its current in"
        f" the first {many(len(current), 'step')} of your run. Threshold: 1 (dashed). Dots: what"
        " the potential had reached when it spiked."
    )


def busy(trains) -> int:
    """A neuron that spikes often, and not in each step: the threshold is met at all heights."""
    counts = trains.counts().ravel().astype(int)
    below = np.where(counts <= 0.6 * trains.timesteps, counts, 0)
    return int(below.argmax())
