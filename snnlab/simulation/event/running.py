"""Run a converted network and keep its spikes."""

import time
from collections.abc import Callable, Collection

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.errors import LabError
from snnlab.simulation.event.bands import in_one_piece
from snnlab.simulation.event.driven import Drivers
from snnlab.simulation.event.engine import Engine
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.plan import Driven, Plan, Stage
from snnlab.simulation.event.reading import read
from snnlab.simulation.event.synapses import synapses
from snnlab.simulation.network import Population, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
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
    keep: Collection[str] | None = None,
    passing: Callable[[Population, int, SpikeTrains], None] | None = None,
) -> Recording:
    """Simulate a converted network.

    Parameters
    ----------
    network : SpikingNetwork
    timesteps : int
        Of 1 ms.
    seed : int
        For what is random in nodes; a converted network has nothing random.
    progress : callable, optional
        Called with the fraction done (0..1) and the name of the layer.
    cancel : callable, optional
        Asked some fifty times a second; True stops the run.
    dtype : {"float32", "float64"}
        Of currents and potentials.
    threads : int, optional
        All cores that the process may use, if not given.
    keep : collection of str, optional
        Names of the populations whose spikes are wanted. The spikes of others
        are dropped once they have reached their last target, which bounds the
        memory that large images take. All are kept if not given.
    passing : callable, optional
        ``passing(population, top, trains)``: spikes of whole rows of a population, from row ``top``
        on, as soon as they are there, also of those that are not kept. Each row comes once.

    Returns
    -------
    Recording
        Its seconds are those of the simulation, reading the network not
        counted.

    Raises
    ------
    LabError
        If ``timesteps`` is below 1.
    Unsupported
        If the network has a part that this simulator cannot run.
    snnlab.errors.Cancelled
        If ``cancel`` said so.
    """
    if timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")
    plan = read(network.network, DT, by_rows=True)
    engine = Engine(plan, DT, dtype, threads)
    wanted = _wanted(plan, network, keep)
    nodes = [stage.target for stage in plan.stages if isinstance(stage, Driven)]
    everybody = _wanted(plan, network, None) if passing else {}

    def part(number, population, output, *rows):
        behaviour = plan.stages[number].behaviour
        return output.trains(
            population.name,
            population.shape,
            timesteps,
            DT,
            behaviour.sizes,
            *rows,
            first=population.first,
            cycle=population.cycle,
            together=behaviour.together,
        )

    def passed(number, first, last, output):
        if number in everybody:
            passing(everybody[number], first, part(number, everybody[number], output, first, last))

    start = time.perf_counter()
    outputs = engine.run(
        timesteps,
        progress,
        cancel,
        drive=Drivers(nodes, DT, seed),
        keep={population.ensemble for population in wanted.values()},
        passing=passed if passing else None,
    )
    seconds = time.perf_counter() - start
    populations = tuple(
        part(number, population, outputs[number]) for number, population in wanted.items()
    )
    names = {number: population.name for number, population in wanted.items()}
    return Recording(populations, NAME, timesteps, seconds, DT, synapses(plan, names))


def streams(network: SpikingNetwork) -> bool:
    """Whether a network of this kind, if it is large, is run in bands of rows.

    Raises
    ------
    Unsupported
    """
    return not in_one_piece(Engine(read(network.network, DT), DT, threads=1).prepared)


def _wanted(plan: Plan, network: SpikingNetwork, keep) -> dict[int, Population]:
    """The stages whose spikes are wanted."""
    place = {
        stage.target: number
        for number, stage in enumerate(plan.stages)
        if isinstance(stage, Stage) and not stage.behaviour.graded
    }
    wanted = {}
    for population in network.populations:
        if keep is not None and population.name not in keep:
            continue
        if population.ensemble not in place:
            raise Unsupported(
                f"the neurons of {population.name} do not spike; run a network of rate neurons "
                "with event.Simulator and probes."
            )
        wanted[place[population.ensemble]] = population
    return wanted


def warm_up(dtype: str = "float32") -> None:
    """Compile the kernels, or fetch them from the cache, by running two neurons for one step."""
    with nengo.Network() as network:
        nengo.Ensemble(2, 1, neuron_type=IntegrateAndFire(), gain=Choice([1]), bias=np.zeros(2))
    engine = Engine(read(network, DT), DT, dtype, threads=1)
    engine.run(1)
    engine.run(1, memory={})  # potentials are wanted: in floating point
