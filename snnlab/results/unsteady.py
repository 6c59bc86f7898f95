"""How much the SNN's answer flickers late in a run: its own measure of being unsure.

The viewer computes the same from the moments that it has (``js/unsteady.js``). What it is worth as
a warning of errors is measured by ``benchmarks/uncertainty.py``.
"""

import numpy as np

from snnlab.errors import LabError
from snnlab.results.segmentation import Segmentation


def late(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Of these moments, those in the second half of the run, its middle included."""
    return tuple(step for step in steps if 2 * step >= steps[-1])


def spread(result: Segmentation) -> np.ndarray:
    """Standard deviation of the probability of cell over the second half of the steps.

    Parameters
    ----------
    result : Segmentation

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width)``, 0 (it does not move) to 0.5.

    Raises
    ------
    LabError
        If fewer than two such moments were kept, as of a run without times.
    """
    steps = late(result.steps_shown)
    if len(steps) < 2:
        raise LabError("this run has no second half: its spikes have no times.")
    total = np.zeros(result.image.shape)
    squares = np.zeros(result.image.shape)
    for probability in result.snn_over_time(steps):
        total += probability
        squares += np.square(probability, dtype=np.float64)
    variance = squares / len(steps) - np.square(total / len(steps))
    return np.sqrt(np.maximum(variance, 0)).astype(np.float32)
