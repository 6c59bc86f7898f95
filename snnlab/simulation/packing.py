"""From what the neurons of a population put out, step by step, to its trains.

Shared by the simulators that step through time.
"""

import numpy as np

from snnlab.simulation.network import Population
from snnlab.simulation.recording import GradedPacker, Packer, SpikeTrains


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
        self.packer = (
            GradedPacker(count, timesteps, self.sizes) if self.sizes else Packer(count, timesteps)
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
            )
        return SpikeTrains(p.name, p.shape, packer.words, self.timesteps, self.dt, packer.extra)
