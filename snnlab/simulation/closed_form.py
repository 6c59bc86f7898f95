"""What a network of integrate-and-fire neurons would count if all input came evenly.

No time passes here: from the sums of the spikes of the layers before follows a
layer's mean current, and from that its count, rounded and clipped. Two uses:
the formula of SpKeras (`closed_form`), and the mean current that each neuron
really had in a run (`mean_drive`), which tells what its spikes should have been.

References
----------
Wu, Yi, Huang (2021), arXiv:2103.00944; SpKeras.
"""

import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.event.layout import GATE, INTEGRATE, POISSON
from snnlab.simulation.event.plan import Plan, Stage
from snnlab.simulation.event.reading import read
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording

DT = 0.001


def closed_form(network: SpikingNetwork, timesteps: int) -> dict[str, np.ndarray]:
    """Spike counts by the formula, layer after layer.

    ``n = clip(floor(max(x T, 0) + v0), 0, T)`` with ``x`` the mean current of a
    step in thresholds and ``v0`` the initial potential.

    Parameters
    ----------
    network : SpikingNetwork
        Of integrate-and-fire neurons that reset by subtraction.
    timesteps : int

    Returns
    -------
    dict of str to numpy.ndarray
        float64 ``(height, width, channels)`` by population.

    Raises
    ------
    LabError
        If the formula is not true of the network's neurons.
    """
    plan = read(network.network, DT)
    sums: dict[int, np.ndarray] = {}
    for number, stage in enumerate(plan.stages):
        kind = stage.behaviour.kind if isinstance(stage, Stage) else -1
        if kind != INTEGRATE or stage.behaviour.to_zero or stage.behaviour.graded:
            raise LabError(
                "the closed form is of integrate-and-fire neurons that reset by subtraction."
            )
        total = _drive(plan, stage, sums, timesteps) * timesteps
        counted = np.floor(np.maximum(total, 0) + stage.behaviour.voltage)
        sums[number] = np.clip(counted, 0, timesteps)
    by_target = {stage.target: number for number, stage in enumerate(plan.stages)}
    return {
        population.name: sums[by_target[population.ensemble]].reshape(population.shape)
        for population in network.populations
    }


def mean_drive(
    network: SpikingNetwork,
    recording: Recording,
    start: int = 0,
    stop: int | None = None,
    only: str | None = None,
) -> dict[str, np.ndarray]:
    """Mean current of every neuron, from the spikes that its sources sent.

    Parameters
    ----------
    network : SpikingNetwork
    recording : Recording
        Of it.
    start, stop : int
        Steps over which it is taken. A filter is counted as if it had none:
        it delays what it passes on.
    only : str, optional
        One population, if not all are wanted.

    Returns
    -------
    dict of str to numpy.ndarray
        Thresholds a step, float64 ``(height, width, channels)`` by population;
        gates and coins, which have no such current, are left out.
    """
    stop = recording.timesteps if stop is None else min(stop, recording.timesteps)
    plan = read(network.network, DT)
    by_target = {stage.target: number for number, stage in enumerate(plan.stages)}
    names = {by_target[p.ensemble]: p for p in network.populations}
    wanted = {
        number: population
        for number, population in names.items()
        if only in (None, population.name)
        and plan.stages[number].behaviour.kind not in (GATE, POISSON)
    }
    needed = {link.source for number in wanted for link in plan.stages[number].links}
    sums = {
        number: recording[names[number].name].sums(start, stop).ravel().astype(float)
        for number in needed
    }
    return {
        population.name: _drive(plan, plan.stages[number], sums, stop - start).reshape(
            population.shape
        )
        for number, population in wanted.items()
    }


def _drive(plan: Plan, stage: Stage, sums: dict[int, np.ndarray], steps: int) -> np.ndarray:
    """Mean current of a stage in thresholds a step, from its sources' sums of spikes."""
    total = np.zeros(stage.neurons)
    for link in stage.links:
        amplitude = plan.stages[link.source].behaviour.amplitude
        total += link.operator.apply(sums[link.source] * (amplitude / DT / steps))
    for item in stage.steady:
        total += item.values
    # gain and bias are kept once a channel, which is the innermost axis
    gain, bias = np.ravel(stage.gain), np.ravel(stage.bias)
    current = (total.reshape(-1, len(gain)) * gain).reshape(-1, len(bias)) + bias
    return current.ravel() * DT
