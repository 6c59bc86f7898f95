"""Where a spiking layer goes wrong: clipping, quantisation, timing, wrong spikes.

A neuron that has been given the mean current ``x`` (thresholds a step) in a
window of ``T`` steps should have told ``max(x, 0)``. What it did tell, ``y``,
differs by

    clipping        min(x, m) - x           above the largest rate ``m`` it has,
    quantisation    q(min(x, m)) - min(x, m)   ``q``: to the nearest that ``T`` steps tell,
    timing          y - q(min(x, m))        the rest: its input did not come evenly,

all of it for ``x > 0``; a neuron of ``x <= 0`` should have been silent, and what
it sent nevertheless is counted as wrong spikes. The four add up to the layer's
own error; what its sources told wrongly is inherited, and is the difference
between ``max(x, 0)`` and the ANN's activation. So

    SNN - ANN = inherited + clipping + quantisation + timing + wrong.

The split of a layer's error follows Bu et al. (2022), "Optimal ANN-SNN
conversion", ICLR, and Hao et al. (2023), "Reducing ANN-SNN conversion error
through residual membrane potential", AAAI, arXiv:2302.02091 (unevenness).
"""

from dataclasses import dataclass

import numpy as np

from snnlab.simulation.network import Population, SpikingNetwork
from snnlab.simulation.recording import Recording

PARTS = ("inherited", "clipping", "quantisation", "timing", "wrong")


@dataclass(frozen=True)
class LayerError:
    """A layer's error in units of the ANN's activation, root mean square over neurons.

    Attributes
    ----------
    name : str
    inherited, clipping, quantisation, timing, wrong : float
        Root mean square of each part.
    total : float
        Of the difference between SNN and ANN.
    """

    name: str
    inherited: float
    clipping: float
    quantisation: float
    timing: float
    wrong: float
    total: float


@dataclass(frozen=True)
class WrongSpikes:
    """Spikes of inactivated neurons of one layer.

    Attributes
    ----------
    name : str
    neurons : int
        That spiked although their ANN activation is 0.
    inactive : int
        Whose ANN activation is 0.
    spikes : int
        Of those neurons.
    """

    name: str
    neurons: int
    inactive: int
    spikes: int


def split(
    population: Population, drive: np.ndarray, told: np.ndarray, ann: np.ndarray, steps: int
) -> dict[str, np.ndarray]:
    """The parts of every neuron's error, in units of activation.

    Parameters
    ----------
    population : Population
    drive : numpy.ndarray
        Mean current (thresholds a step).
    told : numpy.ndarray
        Activation that the spikes tell; same shape.
    ann : numpy.ndarray
        The ANN's.
    steps : int
        Of the window.

    Returns
    -------
    dict of str to numpy.ndarray
        By `PARTS`; they add up to ``told - ann``.
    """
    unit = population.rate_hz * 0.001  # thresholds a step for an activation of 1
    most, step = finest(population)
    positive = np.maximum(drive, 0)
    clipped = np.minimum(positive, most)
    # sums of spikes are multiples of the finest size over the window
    counted = np.clip(np.floor(clipped * steps / step + 0.5) * step / steps, 0, most)
    active, sent = drive > 0, told * unit
    return {
        "inherited": positive / unit - ann,
        "clipping": (clipped - positive) / unit,
        "quantisation": np.where(active, counted - clipped, 0) / unit,
        "timing": np.where(active, sent - counted, 0) / unit,
        "wrong": np.where(active, 0, sent) / unit,
    }


def finest(population: Population) -> tuple[float, float]:
    """Largest mean rate (thresholds a step) and finest size of a population's spikes."""
    neuron = population.ensemble.neuron_type
    sizes = getattr(neuron, "sizes", (1.0,))
    if getattr(neuron, "together", False):
        return sum(sizes), min(sizes)
    if population.cycle > 1 or hasattr(neuron, "cycle"):
        return sum(sizes) / len(sizes), min(sizes)
    return max(sizes), min(sizes)


def layer_errors(
    network: SpikingNetwork,
    recording: Recording,
    activations: dict[str, np.ndarray],
    start: int = 0,
    stop: int | None = None,
) -> tuple[LayerError, ...]:
    """Split the error of every layer of a run.

    Parameters
    ----------
    network : SpikingNetwork
    recording : Recording
        Of it.
    activations : dict of str to numpy.ndarray
        The ANN's, by layer (`unet.inference.activations`).
    start, stop : int
        Window over which rates are taken, the same for all layers.

    Returns
    -------
    tuple of LayerError
        Of those populations that are layers of the ANN.
    """
    from snnlab.simulation.closed_form import mean_drive  # compiled code: not before it is run

    found = []
    drives: dict[tuple, dict[str, np.ndarray]] = {}
    for population in network.populations:
        if population.name not in activations:
            continue
        trains = recording[population.name]
        first, last = trains.window(start, stop)
        if last <= first:
            continue
        # a bistable layer tells what it was given a cycle earlier
        delay = population.cycle if population.first else 0
        heard = max(first - delay, 0), max(last - delay, 1)
        # layers that listen first have windows of their own, all others the same
        only = population.name if delay else None
        if (heard, only) not in drives:
            drives[heard, only] = mean_drive(network, recording, *heard, only=only)
        drive = drives[heard, only][population.name]
        told = trains.rates_hz(first, last) / population.rate_hz
        ann = activations[population.name]
        parts = split(population, drive, told, ann, last - first)
        found.append(
            LayerError(
                population.name,
                *(_root(parts[name]) for name in PARTS),
                _root(told - ann),
            )
        )
    return tuple(found)


def _root(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def wrong_spikes(
    recording: Recording, activations: dict[str, np.ndarray]
) -> tuple[WrongSpikes, ...]:
    """Count the spikes of inactivated neurons, layer by layer.

    Parameters
    ----------
    recording : Recording
    activations : dict of str to numpy.ndarray
        The ANN's, by layer.

    References
    ----------
    Li, Zhao, Zeng (2022), 10.3389/fnins.2022.991851, "SIN".
    """
    found = []
    for trains in recording.populations:
        if trains.name not in activations:
            continue
        inactive = activations[trains.name] <= 0
        counts = trains.counts()[inactive]
        found.append(
            WrongSpikes(
                trains.name,
                int((counts > 0).sum()),
                int(inactive.sum()),
                int(counts.sum(dtype=np.int64)),
            )
        )
    return tuple(found)
