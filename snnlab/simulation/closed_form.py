"""What a network of integrate-and-fire neurons would count if all input came evenly.

No time passes here: from the sums of the spikes of the layers before follows a
layer's mean current, and from that its count, rounded and clipped. Two uses:
the formula of SpKeras (`closed_form`; as a simulator, `run`), and the mean current
that each neuron really had in a run (`mean_drive`), which tells what its spikes
should have been.

References
----------
Wu, Yi, Huang (2021), arXiv:2103.00944; SpKeras (``spike`` and ``current_bias`` of
its layers; ``evaluate``, which gives the net ``floor(x T)`` of the pixels).
"""

import time

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.simulation.event.layout import GATE, INTEGRATE, POISSON
from snnlab.simulation.event.plan import Plan, Stage
from snnlab.simulation.event.reading import read
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording, SpikeTrains

DT = 0.001


def run(
    network: SpikingNetwork, timesteps: int, seed: int = 0, progress=None, cancel=None
) -> Recording:
    """Spike counts as SpKeras evaluates them: pixels are rounded down to whole counts.

    Parameters
    ----------
    network : SpikingNetwork
        Of integrate-and-fire neurons that reset by subtraction, and max-pooling gates.
    timesteps : int
        At least 1.
    seed : int
        Not used: nothing is random.
    progress, cancel : callable, optional
        As of `snnlab.simulation.nengo_reference.run`.

    Returns
    -------
    Recording
        Not timed: it counts.

    Raises
    ------
    LabError
        If the formula is not true of the network's neurons.
    Cancelled
    """
    if timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")
    begun = time.perf_counter()
    counts = closed_form(network, timesteps, True, progress, cancel)
    trains = tuple(
        SpikeTrains.counted(
            population.name, population.shape, counts[population.name], timesteps, DT
        )
        for population in network.populations
    )
    return Recording(trains, "closed-form", timesteps, time.perf_counter() - begun, DT)


def closed_form(
    network: SpikingNetwork, timesteps: int, floored: bool = False, progress=None, cancel=None
) -> dict[str, np.ndarray]:
    """Spike counts by the formula, layer after layer.

    ``n = clip(floor(max(x T, 0) + v0), 0, T)`` with ``x`` the mean current of a
    step in thresholds and ``v0`` the initial potential; of a max-pooling gate the
    largest count among its inputs.

    Parameters
    ----------
    network : SpikingNetwork
        Of integrate-and-fire neurons that reset by subtraction.
    timesteps : int
    floored : bool
        Whether a pixel ``p`` comes in as ``floor(p T)`` spikes; if not, as ``p T``.
    progress, cancel : callable, optional

    Returns
    -------
    dict of str to numpy.ndarray
        float64 ``(height, width, channels)`` by population.

    Raises
    ------
    LabError
        If the formula is not true of the network's neurons.
    Cancelled
    """
    pixels = np.asarray(network.image.output, float)
    given = {network.image: np.floor(pixels * timesteps) / timesteps} if floored else None
    plan = read(network.network, DT, given)
    sums: dict[int, np.ndarray] = {}
    for number, stage in enumerate(plan.stages):
        if cancel and cancel():
            raise Cancelled
        _check(stage)
        if stage.behaviour.kind == GATE:
            sums[number] = _pooled(plan, stage, sums)
        else:
            total = _drive(plan, stage, sums, timesteps) * timesteps
            counted = np.floor(np.maximum(total, 0) + stage.behaviour.voltage)
            sums[number] = np.clip(counted, 0, timesteps)
        if progress:
            progress((number + 1) / len(plan.stages), "closed form")
    by_target = {stage.target: number for number, stage in enumerate(plan.stages)}
    return {
        population.name: sums[by_target[population.ensemble]].reshape(population.shape)
        for population in network.populations
    }


def _check(stage) -> None:
    """Refuse neurons of which the formula is not true.

    Raises
    ------
    LabError
    """
    kind = stage.behaviour.kind if isinstance(stage, Stage) else -1
    if kind == GATE:
        return
    rule = stage.behaviour if kind == INTEGRATE else None
    if rule is None or rule.to_zero or rule.graded or rule.several:
        raise LabError(
            "the closed form is of integrate-and-fire neurons that reset by subtraction; choose the"
            " method ecc, reset by subtraction, or another simulator."
        )
    if stage.steady or any(link.filter for link in stage.links):
        raise LabError(
            "the closed form has no time, so no synapse; set the synapse to 0 ms, or choose another"
            " simulator."
        )


def _pooled(plan: Plan, stage: Stage, sums: dict[int, np.ndarray]) -> np.ndarray:
    """Of each gate the largest count among the neurons that it covers."""
    (link,) = stage.links
    height, width, channels = stage.shape
    tall = plan.stages[link.source].shape[0] // height
    parts = sums[link.source].reshape(height, tall, width, tall, channels)
    return parts.max((1, 3)).ravel()


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
