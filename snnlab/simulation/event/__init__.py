"""An event-driven Nengo backend: work in proportion to spikes, not to neurons.

`run` simulates a converted network; `Simulator` has Nengo's own interface. Read `plan`
first, what a network is to the engine, then `engine`.
"""

from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.running import run, streams, warm_up
from snnlab.simulation.event.simulator import Simulator

__all__ = ["Simulator", "Unsupported", "run", "streams", "warm_up"]
