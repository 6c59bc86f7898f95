"""Inside a few neurons: the figure of what went on in them, and what is said of it."""

from collections.abc import Sequence

from plotly.graph_objects import Figure

from snnlab.figures import spikes
from snnlab.simulation.recording import SpikeTrains
from snnlab.simulation.traces import Traces

ONE = (
    "**Input current charges the membrane; at the threshold it spikes.** With reset by subtraction"
    " the potential keeps what was above 1; with reset to zero it starts again at 0. A steady"
    " current gives a steady beat; a current that flickers comes from a few input spikes. A"
    " potential that stays above 1 belongs to a neuron that ought to fire more than once per step,"
    " and cannot."
)
SEVERAL = (
    "**Input current charges the membrane; of the thresholds that it reaches, the highest sends a"
    " spike of its size**, which is taken off the potential. So most spikes are small, and a tall"
    " mark says as much as several short ones. A potential that stays above the highest threshold"
    " belongs to a neuron that cannot say enough in a step."
)
CYCLES = (
    "**A neuron listens for a cycle of {cycle} steps, then says what it heard**: its potential"
    " jumps as the cycle ends, and in each step of the next one it sends that step's size if the"
    " potential reaches it, the largest first. A spike's size is taken off the potential. It"
    " takes no notice of its input until all of its sources speak."
)


def look_for(trains: SpikeTrains) -> str:
    """What to look at in the figure of a layer's neurons."""
    if not trains.sizes:
        return ONE
    return CYCLES.format(cycle=trains.cycle) if trains.cycle > 1 else SEVERAL


def figure(labels: Sequence[str], found: Traces, dt: float) -> Figure:
    """What went on in a few neurons."""
    return spikes.traces(
        labels,
        found.current,
        found.potential,
        found.sent if found.sizes else found.spikes,
        found.reached,
        found.initial,
        found.sizes,
        dt,
    )


def drawn(trains: SpikeTrains) -> str:
    """What the lines of the figure are."""
    thresholds, unit = "The threshold is 1 (dashed)", "thresholds per step"
    steady = "spikes every 10 steps"
    if trains.sizes:
        sizes = ", ".join(f"{size:.3g}" for size in trains.sizes)
        thresholds = f"The thresholds are {sizes} (dashed), and so are the spikes' sizes"
        unit = "the same unit per step"
        steady = "gives spikes whose sizes add up to 1 in 10 steps"
    return (
        f"{thresholds}. At a spike the potential goes up to what it reached and straight down to"
        f" what the reset leaves. The current is in {unit}, drawn over the step that it lasts; a"
        f" steady 0.1 {steady}."
    )
