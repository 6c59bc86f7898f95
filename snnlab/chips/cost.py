"""Time of a step and energy of its messages over several chips, from published constants.

All cores work at once and wait for each other at a barrier after each step
(Davies et al. 2018), so a step lasts as long as its busiest core: its neuron
updates, its synaptic events, and the spikes that it sends and receives; then
the barrier. What a spike between chips costs, in time and in energy, is not
published: those parts are bands, with the assumption beside them.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.chips.board import Layout, Partition
from snnlab.simulation.loihi.core import MEAN_HOPS

DAVIES = "Davies et al. 2018, IEEE Micro 38(1):82, Table 2 (pre-silicon)"
# the head of that file says SPICE, by Davies et al.; the abstract of its paper says calibrated
SANAFE = "SANA-FE, arch/loihi.yaml (its head: SPICE; its paper: calibrated); times"
DERIVED = "derived: 3.34 W / 32 chips, Frady et al. 2020"


@dataclass(frozen=True)
class Constant:
    """A number and where it is from.

    Attributes
    ----------
    name : str
    low, high : float
        Equal where one value is published.
    unit : str
    source : str
    """

    name: str
    low: float
    high: float
    unit: str
    source: str


CONSTANTS = {
    constant.name: constant
    for constant in (
        Constant("synaptic event", 23.6e-12, 24.0e-12, "J", f"{DAVIES}; 24.0 pJ: SANA-FE"),
        Constant("neuron update", 52e-12, 81e-12, "J", f"{DAVIES}: inactive, active"),
        Constant("spike within a tile", 1.7e-12, 1.7e-12, "J", DAVIES),
        Constant("hop between tiles", 3.0e-12, 4.0e-12, "J", f"{DAVIES}: east-west, north-south"),
        Constant("message out of a core", 0.0, 111e-12, "J", "SANA-FE's model of Loihi; 0: Davies"),
        Constant(
            "spike between chips",
            0.0,
            1e-9,
            "J",
            "not published; assumed from nothing to 1 nJ",
        ),
        Constant("idle power of a chip", 0.0, 104e-3, "W", DERIVED),
        Constant("synaptic event time", 4.0e-9, 4.0e-9, "s", SANAFE),
        Constant("neuron update time", 6.0e-9, 9.7e-9, "s", f"{SANAFE}: inactive, active"),
        Constant("message time", 7.6e-9, 7.6e-9, "s", SANAFE),
        Constant("spiking time", 30.0e-9, 30.0e-9, "s", SANAFE),
        Constant("barrier on a chip", 0.299e-6, 0.299e-6, "s", SANAFE),
        Constant(
            "link between chips",
            0.0,
            100e-9,
            "s",
            "not published; assumed from nothing to 100 ns per spike on a chip's way out or in",
        ),
        Constant(
            "barrier between chips",
            0.0,
            1e-6,
            "s",
            "not published; assumed from nothing to 1 us for each hop across the board",
        ),
    )
}


@dataclass(frozen=True)
class StepCost:
    """A step, on average over a run.

    Attributes
    ----------
    seconds : tuple of float
        Low and high.
    parts : dict of str to tuple of float
        Seconds by part: ``updates``, ``synaptic events``, ``messages``, ``barrier``,
        ``between chips``; they add up to ``seconds``.
    joules : tuple of float
        Of everything but idle power.
    energy : dict of str to tuple of float
        Joules a step by part.
    busiest : int
        Core that most often was the last.
    """

    seconds: tuple[float, float]
    parts: dict[str, tuple[float, float]]
    joules: tuple[float, float]
    energy: dict[str, tuple[float, float]]
    busiest: int


def step_cost(layout: Layout, partition: Partition) -> StepCost:
    """Time and energy of a step.

    Parameters
    ----------
    layout : Layout
    partition : Partition
        Of this layout.
    """
    traffic, steps = layout.traffic, layout.traffic.timesteps
    neurons = np.array([block.compartments for block in layout.blocks])
    messages = traffic.sent + traffic.received + traffic.from_host
    work = {
        "updates": (_times("neuron update time", neurons[:, None] - traffic.spiked, low=True)),
        "synaptic events": _times("synaptic event time", traffic.events),
        "messages": _times("message time", messages),
    }
    # one that spikes takes longer than one that does not
    spiking = CONSTANTS["spiking time"].high
    low, high = work["updates"]
    work["updates"] = (
        low + traffic.spiked * spiking,
        neurons[:, None] * CONSTANTS["neuron update time"].high + traffic.spiked * spiking,
    )
    longest = sum(part[1] for part in work.values()).argmax(axis=0)
    at = longest, np.arange(steps)
    parts = {name: tuple(float(side[at].mean()) for side in part) for name, part in work.items()}
    barrier = CONSTANTS["barrier on a chip"].high
    parts["barrier"] = barrier, barrier + _across(partition) * _high("barrier between chips")
    # the busiest chip's links, both ways
    each = partition.chip_to_chip
    links = (each.sum(axis=0) + each.sum(axis=1)).max(initial=0) / steps
    parts["between chips"] = 0.0, float(links * _high("link between chips"))
    energy = _energy(layout, partition, neurons, steps)
    return StepCost(
        _total(parts),
        parts,
        _total(energy),
        energy,
        int(np.bincount(longest).argmax()),
    )


def _energy(layout, partition, neurons, steps) -> dict[str, tuple[float, float]]:
    traffic = layout.traffic
    delivered = traffic.sent.sum() / steps
    counts = {
        "synaptic event": traffic.events.sum() / steps,
        "neuron update": neurons.sum(),
        "message out of a core": delivered,
        "spike within a tile": delivered,
        "hop between tiles": delivered * sum(MEAN_HOPS),
        "spike between chips": partition.interchip / steps,
    }
    return {
        name: (float(count * CONSTANTS[name].low), float(count * CONSTANTS[name].high))
        for name, count in counts.items()
    }


def _times(name: str, counts: np.ndarray, low: bool = False):
    constant = CONSTANTS[name]
    return counts * constant.low, counts * (constant.low if low else constant.high)


def _high(name: str) -> float:
    return CONSTANTS[name].high


def _across(partition: Partition) -> int:
    """Hops from corner to corner of the board."""
    return sum(partition.grid) - 2


def _total(parts) -> tuple[float, float]:
    return tuple(float(sum(side)) for side in zip(*parts.values(), strict=True))
