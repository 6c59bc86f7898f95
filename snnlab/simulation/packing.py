"""From spikes, or what the neurons of a population put out, step by step, to words of bits.

Shared by the simulators that step through time.
"""

import numpy as np

from snnlab.simulation.network import Population
from snnlab.simulation.recording import NO_EXTRA, WORD, SpikeTrains


class Collector:
    """Collects the output of one population.

    Parameters
    ----------
    population : Population
    timesteps : int
    dt : float
        Seconds a step.
    """

    def __init__(self, population: Population, timesteps: int, dt: float):
        self.population, self.timesteps, self.dt = population, timesteps, dt
        neuron = population.ensemble.neuron_type
        # spikes leave the neurons as impulses of amplitude / dt
        self.unit = dt / neuron.amplitude
        count, self.sizes = population.ensemble.n_neurons, getattr(neuron, "sizes", ())
        self.together = getattr(neuron, "together", False)
        self.packer = (
            GradedPacker(count, timesteps, self.sizes, self.together)
            if self.sizes
            else Packer(count, timesteps)
        )

    def add(self, output: np.ndarray) -> None:
        """Take one step's output, float ``(neurons,)``."""
        sent = output * self.unit
        self.packer.add(sent if self.sizes else np.rint(sent).astype(np.int64))

    def trains(self) -> SpikeTrains:
        """All that was collected."""
        p, packer = self.population, self.packer
        if self.sizes:
            return SpikeTrains.graded(
                p.name,
                p.shape,
                packer.planes,
                self.timesteps,
                self.dt,
                self.sizes,
                first=p.first,
                cycle=p.cycle,
                together=self.together,
            )
        return SpikeTrains(p.name, p.shape, packer.words, self.timesteps, self.dt, packer.extra)


def pack(spikes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pack spikes given step by step.

    Parameters
    ----------
    spikes : numpy.ndarray
        Integer ``(timesteps, neurons)``: number of spikes in each step.

    Returns
    -------
    words, extra : numpy.ndarray
        As in `SpikeTrains`.
    """
    packer = Packer(spikes.shape[1], spikes.shape[0])
    for step in spikes:
        packer.add(step)
    return packer.words, packer.extra


class Packer:
    """Pack spikes as a simulator makes them, one step at a time."""

    def __init__(self, neurons: int, timesteps: int):
        self.words = np.zeros((-(-timesteps // WORD), neurons), np.uint64)
        self._more: list[np.ndarray] = []
        self._step = 0

    def add(self, spikes: np.ndarray) -> None:
        """Take one step: integer ``(neurons,)``, spikes of each."""
        bit = np.uint64(1 << (self._step % WORD))
        self.words[self._step // WORD, spikes > 0] |= bit
        many = np.flatnonzero(spikes > 1)
        if len(many):
            step = np.full(len(many), self._step)
            self._more.append(np.stack([many, step, spikes[many].astype(np.int64) - 1], axis=1))
        self._step += 1

    @property
    def extra(self) -> np.ndarray:
        """Spikes beyond the first in a step, as in `SpikeTrains`."""
        return np.concatenate(self._more) if self._more else NO_EXTRA


class GradedPacker:
    """Pack graded spikes, one step at a time, each size by itself.

    ``together`` says whether a neuron may send several sizes in a step, from the largest down.
    """

    def __init__(
        self, neurons: int, timesteps: int, sizes: tuple[float, ...], together: bool = False
    ):
        self.sizes, self.together = sizes, together
        self._packers = [Packer(neurons, timesteps) for _ in sizes]

    def add(self, values: np.ndarray) -> None:
        """Take one step: float ``(neurons,)``, the sizes of each neuron's spikes in sum, or 0."""
        for size, packer in zip(self.sizes, self._packers, strict=True):
            if self.together:
                sent = values >= size * (1 - 1e-5)
                values = np.where(sent, values - size, values)
            else:
                sent = np.isclose(values, size, rtol=1e-5, atol=0)
            packer.add(sent.astype(np.int64))

    @property
    def planes(self) -> np.ndarray:
        """As in `SpikeTrains`."""
        return np.stack([packer.words for packer in self._packers])
