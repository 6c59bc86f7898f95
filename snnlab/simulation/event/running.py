"""Run a converted network and keep its spikes."""

import time

from snnlab.network import SpikingNetwork
from snnlab.simulation.event.engine import Engine
from snnlab.simulation.event.reading import read
from snnlab.simulation.recording import Recording, SpikeTrains

NAME = "event"
DT = 0.001


def run(
    network: SpikingNetwork,
    timesteps: int,
    seed: int = 0,
    progress=None,
    cancel=None,
    dtype: str = "float32",
    threads: int | None = None,
) -> Recording:
    """Simulate a converted network.

    Parameters
    ----------
    network : SpikingNetwork
    timesteps : int
        Of 1 ms.
    seed : int
        Not used: a converted network has nothing random.
    progress : callable, optional
        Called with the fraction done (0..1) and the name of the layer.
    cancel : callable, optional
        Asked some fifty times a second; True stops the run.
    dtype : {"float32", "float64"}
        Of currents and potentials.
    threads : int, optional
        All cores that the process may use, if not given.

    Returns
    -------
    Recording

    Raises
    ------
    Unsupported
        If the network has a part that this simulator cannot run.
    snnlab.errors.Cancelled
        If ``cancel`` said so.
    """
    plan = read(network.network, DT)
    engine = Engine(plan, DT, dtype, threads)
    start = time.perf_counter()
    outputs = engine.run(timesteps, progress, cancel)
    seconds = time.perf_counter() - start
    by_target = {stage.target: output for stage, output in zip(plan.stages, outputs, strict=True)}
    populations = tuple(
        SpikeTrains(
            population.name,
            population.shape,
            by_target[population.ensemble].words,
            timesteps,
            DT,
            by_target[population.ensemble].more,
        )
        for population in network.populations
    )
    return Recording(populations, NAME, timesteps, seconds)
