"""How often neurons fire: rates for an activation of 1, from what images make of the net.

Three methods choose them: ``data-normalisation`` (a high percentile of the activations above zero
becomes one spike a step), ``ecc`` (the largest one does), ``rate-scaling`` (a percentile of all
becomes the upper of two bounds). Neurons with a ceiling, as ReLU6, fire once a step there whatever
the method: a neuron cannot do more, which is what cuts them off.

References
----------
Rueckauer et al. (2017), 10.3389/fnins.2017.00682; Wu et al. (2021), arXiv:2103.00944 (ecc).
"""

from collections.abc import Mapping

import numpy as np

from snnlab.errors import LabError
from snnlab.nets.graph.forward import forward
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.pointwise import Neurons

FULL_RATE = 1000.0  # Hz; one spike a step of 1 ms
METHODS = ("data-normalisation", "ecc", "rate-scaling")
MOST = 4_000_000  # activations of a layer that are kept to take percentiles of
TOGETHER = 8  # images


def reached(graph: Graph, images: np.ndarray) -> dict[str, np.ndarray]:
    """Activations of each layer of neurons.

    Parameters
    ----------
    images : numpy.ndarray
        ``(n, height, width, channels)``.

    Returns
    -------
    dict
        By name: float32, in order of size. All of them, or, of very many, so many at even
        distances that percentiles stay what they are; the largest is always among them.
    """
    neurons = [node.name for node in graph.nodes if isinstance(node.layer, Neurons)]
    if not neurons:
        raise LabError("the net has no ReLU, so nothing of it would spike; train one with ReLU.")
    parts: dict[str, list[np.ndarray]] = {name: [] for name in neurons}
    share = max(MOST // max(-(-len(images) // TOGETHER), 1), 1000)
    for first in range(0, len(images), TOGETHER):
        for name, values in forward(graph, images[first : first + TOGETHER]):
            if name in parts:
                parts[name].append(_thinned(np.sort(values, axis=None), share))
    return {name: np.sort(np.concatenate(part)) for name, part in parts.items()}


def _thinned(ordered: np.ndarray, most: int) -> np.ndarray:
    if ordered.size <= most:
        return ordered
    return ordered[np.linspace(0, ordered.size - 1, most).astype(int)]


def rates(
    graph: Graph,
    activations: Mapping[str, np.ndarray],
    method: str = "data-normalisation",
    percentile: float = 99.9,
    bounds_hz: tuple[float, float] = (400.0, 450.0),
) -> dict[str, float]:
    """Firing rate (Hz) that stands for an activation of 1, by layer of neurons.

    Parameters
    ----------
    activations : dict
        As `reached` gives them.
    method : str
        One of `METHODS`.
    percentile : float
        0..100.
    bounds_hz : tuple of float
        Of ``rate-scaling``.

    Raises
    ------
    LabError
        If there is no such method.
    """
    if method not in METHODS:
        raise LabError(f"there is no method {method!r} for such nets; choose {', '.join(METHODS)}.")
    found = {}
    for name, values in activations.items():
        ceiling = graph.by_name[name].layer.ceiling
        above = values[values > 0]
        if ceiling is not None:
            found[name] = FULL_RATE / ceiling
        elif not above.size:
            found[name] = FULL_RATE  # silent, whatever its rate
        elif method == "rate-scaling":
            high = float(np.percentile(values, percentile)) or float(above[-1])
            found[name] = min(bounds_hz[1], FULL_RATE) / high
        else:
            high = above[-1] if method == "ecc" else np.percentile(above, percentile)
            found[name] = FULL_RATE / float(high)
    return found
