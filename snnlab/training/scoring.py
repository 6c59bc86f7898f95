"""How good a model is on labelled sections: its ANN, and the spiking network made of it."""

from collections.abc import Callable, Sequence

import numpy as np

from snnlab import conversion, simulation
from snnlab.nets import inference
from snnlab.nets.model import TOLD, Model
from snnlab.results import counted, metrics
from snnlab.results.metrics import Marks
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings


def both(
    model: Model,
    images: np.ndarray,
    labels: np.ndarray,
    settings: Settings,
    cancel: Callable[[], bool] | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> tuple[dict[str, float], dict[str, float]]:
    """Scores of all sections together, at one threshold.

    Parameters
    ----------
    model, images, labels, settings, cancel, tell
        As of `marks`.

    Returns
    -------
    ann, snn : dict of str to float
        `TOLD`.

    Raises
    ------
    Cancelled
    """
    steps = settings.timesteps
    ann, snn = marks(model, images, labels, settings, (steps,), cancel, tell)
    return told(ann), told(snn[steps])


def marks(
    model: Model,
    images: np.ndarray,
    labels: np.ndarray,
    settings: Settings,
    timesteps: Sequence[int],
    cancel: Callable[[], bool] | None = None,
    tell: Callable[[float], None] = lambda share: None,
) -> tuple[list[Marks], dict[int, list[Marks]]]:
    """What each section is scored by, at every threshold.

    Parameters
    ----------
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised, 1 = cell, below 0 does not count; sides multiples
        of 16.
    settings : Settings
        How the spiking network is made and run; its thresholds are the ones in use.
    timesteps : sequence of int
        After which the spiking network is read out; it is run once, for the most of them.
    cancel : callable, optional
        Returns True to stop.
    tell : callable, optional
        Told the share that is done, before each section.

    Returns
    -------
    ann : list of Marks
    snn : dict of int to list of Marks
        By timesteps.

    Raises
    ------
    Cancelled
    """
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    settings = settings.replace(timesteps=max(timesteps))
    ann: list[Marks] = []
    snn: dict[int, list[Marks]] = {steps: [] for steps in timesteps}
    for index, (image, truth) in enumerate(zip(images, labels, strict=True)):
        tell(index / len(images))
        cells, left_out = counted.split(truth)
        said = inference.segment(model, image, cancel=cancel).probability
        ann.append(metrics.marks(said, cells, settings.ann_at, ignore=left_out, cancel=cancel))
        network = convert(model, image, settings)
        recording = simulator.run(network, settings.timesteps, settings.seed, cancel=cancel)
        for steps, found in snn.items():
            read = network.probability(recording, window_start(steps, settings), steps)
            found.append(
                metrics.marks(read, cells, settings.threshold, ignore=left_out, cancel=cancel)
            )
    return ann, snn


def told(sections: list[Marks]) -> dict[str, float]:
    """What cards and answers say of the scores of sections together: `TOLD`."""
    return as_told(metrics.together(sections))


def as_told(scores: metrics.Scores) -> dict[str, float]:
    """`TOLD` of scores."""
    return {key: getattr(scores, key) for key in TOLD}
