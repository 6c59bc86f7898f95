"""A converted network: the Nengo objects, and which of them is what.

Every conversion method makes one of these, and every simulator runs it.
"""

from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.nets.classes import one_logit, shares
from snnlab.simulation.recording import Recording, SpikeTrains

# no population is decoded, so there is nothing to keep in the user's home, and
# no warning when two labs want the lock of that file
nengo.rc.set("decoder_cache", "enabled", "False")


@dataclass(frozen=True)
class Population:
    """The neurons of one layer.

    Attributes
    ----------
    name : str
    ensemble : nengo.Ensemble
        One dimension, gain 1, driven through ``.neurons``.
    shape : tuple of int
        ``(height, width, channels)``.
    rate_hz : float
        Firing rate that stands for an activation of 1.
    on_chip : bool
    first : int
        Step in which it can spike for the first time: its rate is measured
        from there. 0 but for neurons that listen first.
    cycle : int
        Its rate is measured over a multiple of so many steps.
    """

    name: str
    ensemble: nengo.Ensemble
    shape: tuple[int, int, int]
    rate_hz: float
    on_chip: bool
    first: int = 0
    cycle: int = 1


@dataclass(frozen=True)
class Readout:
    """The host's last step: a weighted sum of the last population's activations.

    Attributes
    ----------
    weights : numpy.ndarray
        float32 ``(channels,)``, cell's; or ``(channels, classes)``, membrane first.
    bias : float or numpy.ndarray
        One a class, if there are several.
    shares : bool
        Of a spiking softmax: nothing is weighed, the probability is the share that
        ``weights`` have of all activations, and a half where there is none.
    """

    weights: np.ndarray
    bias: float | np.ndarray
    shares: bool = False

    @property
    def outputs(self) -> int:
        """Classes that are told apart: 2 of cell alone, which is membrane or not."""
        if self.shares:
            return len(self.weights)
        return self.weights.shape[1] if self.weights.ndim > 1 else 2

    def sums(self, activation: np.ndarray) -> np.ndarray:
        """Weighed, ``(height, width)`` or, by class, ``(height, width, classes)``."""
        return activation @ self.weights + np.asarray(self.bias, np.float32)

    def logits(self, activation: np.ndarray) -> np.ndarray:
        """Logit of cell: ``(height, width, channels)`` to ``(height, width)``."""
        found = self.sums(activation)
        return one_logit(found) if self.weights.ndim > 1 else found

    def probability(self, activation: np.ndarray) -> np.ndarray:
        """Probability of cell, float32 ``(height, width)``."""
        if self.shares:
            chosen, total = activation @ self.weights, activation.sum(-1)
            none = np.full_like(total, 0.5, np.float32)
            return np.divide(chosen, total, out=none, where=total > 0)
        from scipy.special import expit  # the engine, which is also a package, does without SciPy

        return expit(self.logits(activation)).astype(np.float32)

    def classes(self, activation: np.ndarray) -> np.ndarray:
        """Probabilities of the classes, float32 ``(height, width, classes)``, membrane first.

        All alike where a spiking softmax has drawn nothing.
        """
        if self.shares:
            total = activation.sum(-1, keepdims=True)
            alike = np.full(activation.shape, 1 / self.outputs, np.float32)
            return np.divide(activation, total, out=alike, where=total > 0)
        if self.weights.ndim == 1:
            cell = self.probability(activation)
            return np.stack([1 - cell, cell], -1)
        return shares(self.sums(activation))


@dataclass(frozen=True)
class SpikingNetwork:
    """A spiking network made from a U-Net.

    Attributes
    ----------
    network : nengo.Network
    image : nengo.Node
        Puts out the image, constant, row by row.
    populations : tuple of Population
        In the order of the layers.
    readout : Readout
    synapse : float or None
        Time constant (s) of the low-pass filter on every connection.
    reset : str
        What the neurons do after a spike.
    """

    network: nengo.Network
    image: nengo.Node
    populations: tuple[Population, ...]
    readout: Readout
    synapse: float | None
    reset: str

    def probability(self, recording: Recording, start: int = 0, stop: int | None = None):
        """Segmentation read from the spikes of steps ``start <= t < stop``.

        Returns
        -------
        numpy.ndarray
            Probability of cell, float32 ``(height, width)``.
        """
        last = self.populations[-1]
        return read_out(recording[last.name], last.rate_hz, self.readout, start, stop)


def read_out(
    trains: SpikeTrains, rate_hz: float, readout: Readout, start: int = 0, stop: int | None = None
) -> np.ndarray:
    """Probability of cell from the last population's spikes.

    Parameters
    ----------
    trains : SpikeTrains
        Of the last population.
    rate_hz : float
        Its rate for an activation of 1.
    start, stop : int
        Window of steps over which the rate is averaged.
    """
    return readout.probability(trains.rates_hz(start, stop) / np.float32(rate_hz))


def read_classes(
    trains: SpikeTrains, rate_hz: float, readout: Readout, start: int = 0, stop: int | None = None
) -> np.ndarray:
    """As `read_out`, but of every class: float32 ``(height, width, classes)``."""
    return readout.classes(trains.rates_hz(start, stop) / np.float32(rate_hz))
