"""An event-driven simulator for Nengo: work in proportion to spikes, not to neurons.

    import nengo
    from snnlab_event import Simulator

    with Simulator(network) as sim:
        sim.run_steps(64)

`Simulator` has the interface of ``nengo.Simulator``; what it cannot run it refuses with an
`Unsupported`, whose message names the part.
"""

from snnlab import __version__
from snnlab.simulation.event import Simulator, Unsupported
from snnlab.simulation.leaky import LeakyIntegrateAndFire
from snnlab.simulation.neurons import IntegrateAndFire

__all__ = [
    "IntegrateAndFire",
    "LeakyIntegrateAndFire",
    "Simulator",
    "Unsupported",
    "__version__",
]
