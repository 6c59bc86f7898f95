"""The reference: ``nengo.Simulator``, in double precision, one step at a time."""

import time
from contextlib import closing

import nengo

from snnlab.errors import Cancelled, LabError
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.packing import Collector
from snnlab.simulation.recording import Recording


def run(
    network: SpikingNetwork, timesteps: int, seed: int = 0, progress=None, cancel=None
) -> Recording:
    """Simulate and keep the spikes of every population.

    Parameters
    ----------
    network : SpikingNetwork
        Of spiking neurons.
    timesteps : int
        At least 1; of 1 ms.
    progress : callable, optional
        ``progress(fraction, stage)``.
    cancel : callable, optional
        Returns True to stop.

    Raises
    ------
    LabError
        If ``timesteps`` is below 1.
    Cancelled
    """
    if timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")
    with closing(nengo.Simulator(network.network, seed=seed, progress_bar=False)) as simulator:
        dt = simulator.dt
        signals = {
            p.name: simulator.model.sig[p.ensemble.neurons]["out"] for p in network.populations
        }
        collectors = {p.name: Collector(p, timesteps, dt) for p in network.populations}
        begun = time.perf_counter()
        for step in range(timesteps):
            if cancel and cancel():
                raise Cancelled
            simulator.step()
            for name, collector in collectors.items():
                collector.add(simulator.signals[signals[name]])
            if progress:
                progress((step + 1) / timesteps, f"nengo: step {step + 1} of {timesteps}")
        seconds = time.perf_counter() - begun
    return Recording(
        tuple(collector.trains() for collector in collectors.values()),
        "nengo",
        timesteps,
        seconds,
        dt,
    )
