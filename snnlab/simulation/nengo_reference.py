"""The reference: ``nengo.Simulator``, in double precision, one step at a time."""

import time
from contextlib import closing

import nengo
import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.network import SpikingNetwork
from snnlab.simulation.recording import GradedPacker, Packer, Recording, SpikeTrains


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
        # spikes leave the neurons as impulses of amplitude / dt
        unit = {p.name: dt / p.ensemble.neuron_type.amplitude for p in network.populations}
        signals = {
            p.name: simulator.model.sig[p.ensemble.neurons]["out"] for p in network.populations
        }
        packers = {p.name: _packer(p.ensemble, timesteps) for p in network.populations}
        begun = time.perf_counter()
        for step in range(timesteps):
            if cancel and cancel():
                raise Cancelled
            simulator.step()
            for name, packer in packers.items():
                sent = simulator.signals[signals[name]] * unit[name]
                packer.add(sent if isinstance(packer, GradedPacker) else np.rint(sent).astype(int))
            if progress:
                progress((step + 1) / timesteps, f"nengo: step {step + 1} of {timesteps}")
        seconds = time.perf_counter() - begun
    return Recording(
        tuple(_trains(p, packers[p.name], timesteps, dt) for p in network.populations),
        "nengo",
        timesteps,
        seconds,
        dt,
    )


def _packer(ensemble, timesteps) -> Packer | GradedPacker:
    sizes = getattr(ensemble.neuron_type, "sizes", ())
    if sizes:
        return GradedPacker(ensemble.n_neurons, timesteps, sizes)
    return Packer(ensemble.n_neurons, timesteps)


def _trains(p, packer, timesteps, dt) -> SpikeTrains:
    if isinstance(packer, GradedPacker):
        return SpikeTrains.graded(
            p.name,
            p.shape,
            packer.planes,
            timesteps,
            dt,
            packer.sizes,
            first=p.first,
            cycle=p.cycle,
        )
    return SpikeTrains(p.name, p.shape, packer.words, timesteps, dt, packer.extra)
