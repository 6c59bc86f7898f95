"""Two runs of one graph, spike by spike."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Compared:
    """How alike a reader's spikes are to the event engine's.

    Attributes
    ----------
    layers : dict of str to float
        By population: of the spikes that one of the two has, the share that both have; 1 where
        neither has any.
    spikes_equal : float
        The same of all populations together.
    step : int or None
        The first that differs, from 0; None if none does.
    layer : str or None
        The first population, in the order of the layers, that differs in it.
    """

    layers: dict[str, float]
    spikes_equal: float
    step: int | None
    layer: str | None


def compared(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> Compared:
    """Compare.

    Parameters
    ----------
    ours, theirs : mapping
        By population: spikes in each step, ``(steps, neurons)``. Where a reader sends several in a
        step they are all counted.
    """
    layers, first = {}, {}
    both = either = 0
    for name, mine in ours.items():
        mine, other = (np.asarray(one).reshape(len(one), -1) for one in (mine, theirs[name]))
        mine, other = mine.astype(np.int32), other.astype(np.int32)
        least, most = np.minimum(mine, other).sum(), np.maximum(mine, other).sum()
        layers[name] = float(least / most) if most else 1.0
        both, either = both + least, either + most
        differ = np.flatnonzero((mine != other).any(1))
        if differ.size:
            first[name] = int(differ[0])
    step = min(first.values(), default=None)
    layer = next((name for name in ours if first.get(name) == step), None) if first else None
    return Compared(layers, float(both / either) if either else 1.0, step, layer)
