"""How good a model is on labelled sections: its ANN, and the spiking network made of it."""

from dataclasses import asdict

import numpy as np

from snnlab import conversion, simulation
from snnlab.nets import inference
from snnlab.nets.model import Model
from snnlab.results import metrics
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings

SCORES = ("pixel_accuracy", "dice", "iou", "v_rand", "v_info")


def both(
    model: Model, images: np.ndarray, labels: np.ndarray, settings: Settings
) -> tuple[dict[str, float], dict[str, float]]:
    """Mean scores over sections.

    Parameters
    ----------
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised, 1 = cell; sides multiples of 16.
    settings : Settings
        How the spiking network is made and run.

    Returns
    -------
    ann, snn : dict of str to float
        `SCORES`.
    """
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    ann, snn = [], []
    for image, truth in zip(images, labels, strict=True):
        ann.append(metrics.score(inference.segment(model, image).probability, truth))
        network = convert(model, image, settings)
        recording = simulator.run(network, settings.timesteps, settings.seed)
        start = window_start(settings.timesteps, settings)
        snn.append(metrics.score(network.probability(recording, start), truth))
    return _means(ann), _means(snn)


def _means(scored: list) -> dict[str, float]:
    return {key: float(np.mean([asdict(one)[key] for one in scored])) for key in SCORES}
