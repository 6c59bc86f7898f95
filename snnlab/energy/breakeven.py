"""At how many spikes the SNN stops winning.

With the fan-out of a spike, the share of updates with input and the messages
a spike as the run had them, an image's energy on a chip is a plane over
timesteps T and spikes a neuron s:

    E(T, s) / N = T (a e_active + (1 - a) e_inactive) + s (f e_event + e_spike
                  + m e_message + x e_interchip)

with N neurons, a the active share of updates, f events, m messages and x
messages between chips a spike. Setting it equal to the ANN's energy gives the
line s*(T); below it the SNN wins. Beyond T_max neuron updates alone cost what
the ANN costs, and no silence helps. Idle power is not in it.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.energy.constants import Device
from snnlab.energy.estimate import estimate
from snnlab.energy.work import Work


@dataclass(frozen=True)
class Plane:
    """A chip's energy over timesteps and spikes, as one run lets it be seen.

    Attributes
    ----------
    neurons : int
    per_step, per_spike : float
        Joules of a neuron's update, and of a spike with all that it causes.
    """

    neurons: int
    per_step: float
    per_spike: float

    def joules(self, timesteps, spikes):
        """Energy of an image, J, of spikes a neuron."""
        return self.neurons * (timesteps * self.per_step + spikes * self.per_spike)

    def breakeven(self, ann_joules: float, timesteps: np.ndarray) -> np.ndarray:
        """Spikes a neuron at which the SNN stops winning; below 0 where it cannot win."""
        if self.per_spike == 0:
            return np.where(self.joules(timesteps, 0) < ann_joules, np.inf, -np.inf)
        return (ann_joules / self.neurons - timesteps * self.per_step) / self.per_spike

    def most_steps(self, ann_joules: float) -> float:
        """Timesteps beyond which it cannot win even if no neuron spikes."""
        return ann_joules / self.neurons / self.per_step if self.per_step else np.inf


def plane(device: Device, work: Work) -> Plane:
    """The plane through a run's own point.

    Parameters
    ----------
    device : Device
        That runs the SNN.
    work : Work
    """
    parts = estimate(device, work).parts
    steps = parts["neurons"][1] / work.updates
    rest = sum(band[1] for name, band in parts.items() if name != "neurons")
    return Plane(work.neurons, steps, rest / work.spikes if work.spikes else 0.0)
