"""The same current into one neuron twice: reset by subtraction, and reset to zero."""

import numpy as np

from snnlab.simulation.neurons import IntegrateAndFire

RESETS = ("subtraction", "zero")


def followed(current: np.ndarray, initial: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Potential of a neuron, step by step, with each reset.

    Parameters
    ----------
    current : numpy.ndarray
        ``(timesteps,)``: thresholds a step.
    initial : float
        The potential to begin with, in thresholds.

    Returns
    -------
    dict of str to tuple of numpy.ndarray
        By reset, ``(timesteps,)`` each: the potential that a step reached, and what the reset
        left of it. Where it reached 1 or more there is a spike.
    """
    return {reset: _one(current, initial, reset) for reset in RESETS}


def _one(current: np.ndarray, initial: float, reset: str) -> tuple[np.ndarray, np.ndarray]:
    neuron = IntegrateAndFire(reset, lower=0 if reset == "zero" else -np.inf)
    voltage, sent = np.array([float(initial)]), np.zeros(1)
    reached, left = np.zeros(len(current)), np.zeros(len(current))
    for step, charge in enumerate(np.asarray(current, float)):
        reached[step] = max(voltage[0] + charge, neuron.lower)
        neuron.step(1.0, np.array([charge]), sent, voltage)
        left[step] = voltage[0]
    return reached, left
