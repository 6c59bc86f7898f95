"""How good a model is on labelled sections: its ANN, and the spiking network made of it."""

from collections.abc import Callable

import numpy as np

from snnlab import conversion, simulation
from snnlab.nets import inference
from snnlab.nets.model import SCORES, Model
from snnlab.results import counted, metrics
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
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised, 1 = cell, below 0 does not count; sides multiples
        of 16.
    settings : Settings
        How the spiking network is made and run.
    cancel : callable, optional
        Returns True to stop.
    tell : callable, optional
        Told the share that is done, before each section.

    Returns
    -------
    ann, snn : dict of str to float
        `SCORES`.

    Raises
    ------
    Cancelled
    """
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    ann, snn = [], []
    for index, (image, truth) in enumerate(zip(images, labels, strict=True)):
        tell(index / len(images))
        cells, uncounted = counted.split(truth)
        probability = inference.segment(model, image, cancel=cancel).probability
        ann.append(metrics.marks(probability, cells, ignore=uncounted, cancel=cancel))
        network = convert(model, image, settings)
        recording = simulator.run(network, settings.timesteps, settings.seed, cancel=cancel)
        start = window_start(settings.timesteps, settings)
        probability = network.probability(recording, start)
        snn.append(metrics.marks(probability, cells, ignore=uncounted, cancel=cancel))
    return told(ann), told(snn)


def told(sections: list[metrics.Marks]) -> dict[str, float]:
    """What cards and answers say of the scores of sections together: `SCORES`."""
    scores = metrics.together(sections)
    return {key: getattr(scores, key) for key in SCORES}
