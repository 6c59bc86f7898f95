"""Loihi, exactly and fast: the spikes of NengoLoihi's emulator, at the cost of its events.

NengoLoihi builds the network: cuts it into cores and rounds weights,
thresholds and biases to what a core holds. What runs here is that built
model, read back core by core, in the same integer arithmetic.
"""

from snnlab.simulation.loihi.emulator import Emulator
from snnlab.simulation.loihi.running import built, run
from snnlab.simulation.loihi.warm import warm_up

__all__ = ["Emulator", "built", "run", "warm_up"]
