"""The model of Loihi held against the one measurement that stands beside CPU and GPU.

The keyword spotter's size is published, and that it takes 10 steps an inference; how often
its neurons fire is not. So it is charged by the same constants as a segmentation, for silent
neurons, for a usual rate, and for as many spikes as a chip can send at all, and each is held
against what the board took: as the table counts it, and above what the board takes with a
network loaded, which by the authors' own account is mostly its x86 processors.

The second check needs no idle power: by how much an inference gets dearer if ten branches of
ten layers are put between the two. What mean rate would the model need to say the same?
"""

from dataclasses import dataclass
from math import inf

from snnlab.energy import spotter
from snnlab.energy.constants import Device
from snnlab.energy.estimate import Band, estimate
from snnlab.energy.work import LayerWork, Work

RATES = {"silent": 0.0, "100 Hz": 0.1, "every neuron and input in every step": 1.0}


@dataclass(frozen=True)
class Check:
    """What the model says of the spotter at one rate, against what was measured.

    Attributes
    ----------
    rate : str
        Of `RATES`.
    predicted : tuple of float
        Low, value, high: J an inference.
    of_table, above_loaded : float
        Measured over predicted: how many times too little the model says.
    """

    rate: str
    predicted: Band
    of_table: float
    above_loaded: float


def work_of(share: float) -> Work:
    """What the spotter does in an inference.

    Parameters
    ----------
    share : float
        Spikes of a neuron, and of an input, in a step.
    """
    sizes, steps = spotter.SIZES, spotter.STEPS
    layers = []
    for number, neurons in enumerate(sizes[1:3], 1):
        into, out = sizes[number - 1], sizes[number + 1]
        spikes = neurons * steps * share
        # the inputs' spikes are events too; the outputs are read by the host
        events = into * steps * share * neurons
        layers.append(
            LayerWork(
                f"layer {number}",
                neurons,
                spotter.MACS[number - 1],
                spikes,
                events,
                neurons * steps * (share > 0),
                messages=spikes,
            )
        )
    return Work(0, steps, tuple(layers), sizes[2] * out, 2, 1, "one message per spike")


def check(device: Device) -> tuple[Check, ...]:
    """Hold a model of Loihi against the table.

    Parameters
    ----------
    device : Device
        One of Loihi's.
    """
    found = []
    for rate, share in RATES.items():
        band = estimate(device, work_of(share)).band
        found.append(
            Check(
                rate,
                band,
                _times(spotter.TABLE["loihi"].joules, band[1]),
                _times(spotter.SPOTTER.joules, band[1]),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Growth:
    """By how much a larger network cost more, and the rate at which the model says so.

    Attributes
    ----------
    joules : float
        An inference, measured.
    silent : float
        J, by the model, if no neuron of the larger network fires.
    hz : float
        Mean rate at which the model gives what was measured.
    """

    joules: float
    silent: float
    hz: float


def growth(device: Device) -> Growth:
    """What ten branches of ten layers add to an inference.

    Parameters
    ----------
    device : Device
        One of Loihi's.
    """
    more = spotter.WIDE
    joules = more.joules - spotter.NARROW.joules
    steps = spotter.STEPS

    def charged(share: float) -> float:
        spikes = more.neurons * steps * share
        layer = LayerWork(
            "", more.neurons, 0, spikes, more.synapses * steps * share,
            more.neurons * steps * (share > 0), messages=spikes,
        )  # fmt: skip
        return estimate(device, Work(0, steps, (layer,), 0, 1, 1, "")).joules

    # a straight line between a whisper, for which every update has input, and one spike a step
    least, most = charged(1e-9), charged(1.0)
    return Growth(joules, charged(0.0), 1000 * _times(joules - least, most - least))


def _times(one: float, other: float) -> float:
    # with constants of the user's own all may cost nothing
    return one / other if other else inf
