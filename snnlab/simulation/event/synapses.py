"""How many synapses a spike of each neuron reaches, from a plan."""

import numpy as np

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.plan import Plan, Stage
from snnlab.simulation.recording import Synapses


def synapses(plan: Plan, names: dict[int, str]) -> tuple[Synapses, ...]:
    """The synapses of every link between named stages.

    Parameters
    ----------
    plan : Plan
    names : dict of int to str
        Of spiking stages.
    """
    found = []
    for number, stage in enumerate(plan.stages):
        for link in stage.links if isinstance(stage, Stage) else ():
            if link.source in names:
                target = names.get(number, str(stage.target.label or stage.target))
                found.append(Synapses(names[link.source], target, *_fan_out(link.operator)))
    return tuple(found)


def _fan_out(operator) -> tuple[np.ndarray, np.ndarray]:
    """Synapses of each source row and of each source column; their products are the numbers."""
    if isinstance(operator, Convolve):
        reached = [np.zeros(size, np.int64) for size in operator.shape_in[:2]]
        for axis in range(2):
            for tap in range(operator.kernel.shape[axis]):
                np.add.at(reached[axis], operator.meet(axis, tap)[1], 1)
        columns = np.repeat(
            reached[1] * (operator.shape_out[2] // operator.groups), operator.shape_in[2]
        )
        return reached[0], columns
    entries = operator.matrix().indices
    return np.ones(1, np.int64), np.bincount(entries, minlength=operator.sizes[1])
