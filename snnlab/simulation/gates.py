"""Spiking max-pooling, as a Nengo neuron type.

A neuron in Nengo is given the sum of what arrives, and a gate must know which
of its inputs spiked. So input ``i`` comes through a synapse that makes of one
spike a current of ``2**i / dt``: the sum of a step, in binary, says which
inputs spiked (`gate_weights`).

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682.
"""

import nengo
import numpy as np
from nengo.dists import Choice
from nengo.params import IntParam

from snnlab.simulation.neurons import Rateless

MOST = 4  # inputs of a gate


class MaxPoolGate(Rateless):
    """Gate that passes on the spikes of the input that has spiked most often.

    The spikes of every input are counted, and a spike passes if it puts its
    input ahead of all the others. So the gate has sent, at any time, as many
    spikes as the input with the highest estimated rate, and with inputs of
    steady rates it comes to the argmax of the rates and stays there.

    A gate that lets all spikes of the input in the lead pass, as the paper and
    SNNtoolbox have it, sends more than any of them while the lead changes: of four
    equal regular inputs, which send 19.6 spikes each in 64 steps, about 32. The spike
    that only draws level is left out here for that reason.

    Parameters
    ----------
    inputs : int
        2..4.
    amplitude : float
        A spike is an impulse of area ``amplitude``.
    """

    state = {f"count{i}": Choice([0.0]) for i in range(MOST)}

    inputs = IntParam("inputs", low=2, high=MOST, readonly=True)
    amplitude = nengo.params.NumberParam("amplitude", low=0, low_open=True, readonly=True)

    def __init__(self, inputs=4, amplitude=1, initial_state=None):
        super().__init__(initial_state)
        self.inputs = inputs
        self.amplitude = amplitude

    def step(self, dt, J, output, **counts):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        code = np.rint(J * dt).astype(np.int64)
        tallies = np.stack([counts[f"count{i}"] for i in range(self.inputs)])
        spiked = (code >> np.arange(self.inputs)[:, None]) & 1
        most = tallies.max(axis=0)
        tallies += spiked
        for i in range(self.inputs):
            counts[f"count{i}"][:] = tallies[i]
        passed = tallies.max(axis=0) > most
        output[:] = passed * (self.amplitude / dt)


def gate_weights(inputs: int, amplitude: float) -> np.ndarray:
    """Weights by which a gate tells its inputs apart, ``(inputs,)``.

    Parameters
    ----------
    amplitude : float
        Of the inputs' spikes.
    """
    return 2.0 ** np.arange(inputs) / amplitude
