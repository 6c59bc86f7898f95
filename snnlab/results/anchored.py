"""The neurons of an anchor, from the backbone through the pyramid to both subnets.

An anchor sits at a place of one level. What its score and its box are read from are the neurons of
that place; above it, in the coarser levels whose values are added to its own, are those of the
place that covers it. Spikes are kept for the places of boxes alone: a whole run takes far more.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.nets.detector.anchors import PLACES
from snnlab.nets.detector.plan import LEVELS, Plan


def chain(plan: Plan, level: int) -> tuple[tuple[str, int], ...]:
    """Populations that lead to an anchor of a level, each with the level of its places.

    From the coarsest level down, the backbone's and the pyramid's; then the two subnets'.
    """
    steps = {step.name: step for step in plan.steps()}
    found = []
    for at in sorted((at for at in LEVELS if at >= level), reverse=True):
        found += [(steps[f"level{at}"].source, at), (f"level{at}", at)]
    for subnet in ("score", "box"):
        found += [(f"{subnet}{n}-level{level}", level) for n in range(1, plan.deep + 1)]
    return tuple(found)


def populations(plan: Plan) -> frozenset[str]:
    """All that any anchor's neurons are in."""
    return frozenset(name for level in LEVELS for name, _ in chain(plan, level))


def located(place: int, height: int, width: int) -> tuple[int, int, int]:
    """Level, row and column of an anchor, by its place in the net's answer.

    Parameters
    ----------
    height, width : int
        Of the image that the net was given.
    """
    begin = 0
    for level in LEVELS:
        many = (height >> level) * (width >> level) * PLACES
        if place < begin + many:
            return level, *map(int, divmod((place - begin) // PLACES, width >> level))
        begin += many
    raise ValueError(f"there is no anchor {place}")


@dataclass(frozen=True)
class Layer:
    """The neurons of one population at a place.

    Attributes
    ----------
    name : str
    row, column, level : int
        Of the place, in pixels of ``2**level``.
    raster : numpy.ndarray
        uint8 ``(timesteps, channels)``: spikes.
    snn, ann : numpy.ndarray
        float ``(channels,)``: activations that the rates stand for, and those of the ANN.
    hz : float
        Firing rate that stands for an activation of 1.
    """

    name: str
    level: int
    row: int
    column: int
    raster: np.ndarray
    snn: np.ndarray
    ann: np.ndarray
    hz: float

    @property
    def rates_hz(self) -> np.ndarray:
        """Of the spikes, ``(channels,)``."""
        return self.snn * self.hz

    @property
    def ann_hz(self) -> np.ndarray:
        """Rates that the ANN's activations stand for, ``(channels,)``."""
        return self.ann * self.hz

    @property
    def error(self) -> float:
        """Mean absolute difference over the ANN's mean; NaN where the ANN is silent."""
        of = float(np.abs(self.ann).sum())
        return float(np.abs(self.snn - self.ann).sum()) / of if of else float("nan")


@dataclass(frozen=True)
class Neurons:
    """What is kept of a run: the neurons at the places of some anchors.

    Attributes
    ----------
    plan : Plan
    shape : tuple of int
        ``(height, width)`` of the image that the net was given.
    read : tuple of int
        First and last step that rates are read of.
    dt : float
        Seconds a step.
    rate_of : dict of str to float
        Hz for an activation of 1.
    pixels : dict of str to numpy.ndarray
        By population: which places are kept, int, ascending.
    spikes : dict of str to numpy.ndarray
        Whether there were any in a step, packed to bits: ``(bytes, places, channels)``.
    sent : dict of str to numpy.ndarray
        How many there were in the steps that are read, int ``(places, channels)``.
    ann : dict of str to numpy.ndarray
        float32 ``(places, channels)``.
    """

    plan: Plan
    shape: tuple[int, int]
    read: tuple[int, int]
    dt: float
    rate_of: dict[str, float]
    pixels: dict[str, np.ndarray]
    spikes: dict[str, np.ndarray]
    sent: dict[str, np.ndarray]
    ann: dict[str, np.ndarray]

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        parts = self.pixels, self.spikes, self.sent, self.ann
        return sum(a.nbytes for part in parts for a in part.values())

    def of(self, place: int) -> tuple[Layer, ...]:
        """The neurons of an anchor, layer by layer.

        Raises
        ------
        KeyError
            If its place was not kept.
        """
        level, row, column = located(place, *self.shape)
        start, stop = self.read
        found = []
        for name, at in chain(self.plan, level):
            here = row >> (at - level), column >> (at - level)
            pixel = here[0] * (self.shape[1] >> at) + here[1]
            number = int(np.searchsorted(self.pixels[name], pixel))
            if number >= len(self.pixels[name]) or self.pixels[name][number] != pixel:
                raise KeyError(place)
            raster = np.unpackbits(self.spikes[name][:, number], axis=0, count=stop)
            rates_hz = self.sent[name][number] / ((stop - start) * self.dt)
            hz, ann = self.rate_of[name], self.ann[name][number]
            found.append(Layer(name, at, *here, raster, rates_hz / hz, ann, hz))
        return tuple(found)
