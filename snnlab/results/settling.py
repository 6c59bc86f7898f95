"""From which step on the spikes that a layer has sent so far say what the ANN says."""

import numpy as np

from snnlab.results.segmentation import Segmentation

NEAR = 0.3  # of the mean activation: a mean difference below it counts as saying the same
NEVER = 0


def errors(activation: np.ndarray, sent: np.ndarray, steps_per_one: float) -> np.ndarray:
    """Mean absolute difference after each step, as a share of the mean activation.

    Parameters
    ----------
    activation : numpy.ndarray
        ``(n,)``: of the ANN.
    sent : numpy.ndarray
        ``(timesteps, n)``: what the same neurons' spikes add up to in each step.
    steps_per_one : float
        Steps per spike of a neuron whose activation is 1.

    Returns
    -------
    numpy.ndarray
        ``(timesteps,)``; NaN of a layer that the ANN does not drive.
    """
    steps = np.arange(1, len(sent) + 1)[:, None]
    said = np.cumsum(sent, axis=0, dtype=float) * steps_per_one / steps
    total = float(np.abs(activation).sum())
    return np.abs(said - activation).sum(1) / total if total > 0 else np.full(len(sent), np.nan)


def layers(result: Segmentation) -> dict[str, int]:
    """By layer, the step from which the error stays below `NEAR`; `NEVER` if it does not.

    Of the neurons that were sampled, all spikes from the first step on counted. Layers that the
    ANN has not are left out.

    Raises
    ------
    LabError
        If the spikes have no times.
    """
    found = {}
    for layer in result.layers:
        sampled = result.sampled.get(layer.name)
        if sampled is None:
            continue
        sent = result.recording[layer.name].values(sampled.neurons)
        error = errors(sampled.activation, sent, 1 / (result.recording.dt * layer.rate_hz))
        found[layer.name] = settled(error)
    return found


def settled(error: np.ndarray) -> int:
    """The step, from 1, from which an error stays below `NEAR`; `NEVER` if it does not."""
    above = np.flatnonzero(~(error < NEAR))
    if not len(above):
        return 1
    return int(above[-1]) + 2 if above[-1] + 1 < len(error) else NEVER
