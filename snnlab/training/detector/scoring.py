"""How good a trained detector is, as ANN and as SNN, and how many of its channels are in range."""

from dataclasses import asdict

import numpy as np

from snnlab.conversion.detector import convert
from snnlab.nets.detector.boxes import Detections
from snnlab.nets.detector.graph import all_anchors, read
from snnlab.nets.detector.inference import detect, padded
from snnlab.nets.detector.model import Detector
from snnlab.nets.graph.forward import forward
from snnlab.results import detection
from snnlab.results.forming import first
from snnlab.settings import Settings
from snnlab.simulation.event import running
from snnlab.training.detector.balancing import groups
from snnlab.training.detector.crops import Drawing, Sections, square
from snnlab.training.detector.fitting import boxes
from snnlab.training.regulariser import RateRange

SETTINGS = {"method": "data-normalisation", "timesteps": 64}  # that suit a detector
SQUARES = 20  # of a slice, on which the score is chosen from which boxes count
TRIED = np.round(np.arange(0.05, 0.995, 0.01), 2)


def spiking(detector: Detector, image: np.ndarray, settings: Settings) -> Detections:
    """Boxes that the SNN finds in a section ``(height, width)``, normalised."""
    shown = padded(image)
    network = convert(detector, shown, settings)
    recording = running.run(network, settings.timesteps)
    values = network.answer(recording, first(network, settings.timesteps))
    return read(values, all_anchors(*shown.shape), *image.shape)


def harder(choice: Sections, drawing: Drawing, many: int = SQUARES, seed: int = 0):
    """Squares of sections, turned, scaled and exposed as the training's are, with all their boxes.

    Yields
    ------
    image : numpy.ndarray
        float32 ``(side, side)``, 0..1.
    truth : numpy.ndarray
        ``(n, 4)``, also of what is hardly shown: in a section's corner it would count, too.
    """
    for which in range(len(choice.images)):
        for number in range(many):
            random = np.random.default_rng((seed, which, number))
            image, boxes_there, unsure = square(choice, which, random, drawing)
            yield image, np.concatenate([boxes_there, unsure])


def best_score(detector: Detector, choice: Sections, drawing: Drawing) -> float:
    """The score from which on a box is counted: where ANN and SNN err least in how many there are.

    The choice slices lie near the training's, and the net is surer there than further away. So it
    is asked about squares of them that are drawn as in training. Of equally good scores the middle
    one is taken.
    """
    settings, errors = Settings(**SETTINGS), np.zeros(len(TRIED))
    for image, truth in harder(choice, drawing):
        for found in (detect(detector, image), spiking(detector, image, settings)):
            counts = (found.scores[None] >= TRIED[:, None]).sum(1)
            errors += np.abs(counts - len(truth))
    best = np.flatnonzero(errors == errors.min())
    return float(TRIED[best[len(best) // 2]])


def scores(detector: Detector, report: Sections, score: float) -> dict[str, dict]:
    """Scores of the ANN in 8 bits and before rounding, and of the SNN, as plain numbers."""
    truth = [boxes(things) for things in report.things]
    settings = Settings(**SETTINGS)
    found = {
        "ann": [detect(detector, image) for image in report.images],
        "ann_fp32": [detect(detector, image, rounded=False) for image in report.images],
        "snn": [spiking(detector, image, settings) for image in report.images],
    }
    told = {name: asdict(detection.scores(one, truth, score)) for name, one in found.items()}
    told["snn"]["timesteps"] = settings.timesteps
    return told


def in_range(detector: Detector, sections: Sections, bounds: RateRange, rate_hz: float) -> float:
    """Share of channels whose percentile rate lies within the bounds that were trained for.

    Levels that share weights are taken together, as in training.
    """
    whose = groups(detector.plan)
    samples: dict[str, list] = {}
    for image in sections.images:
        shown = padded(image)
        for name, values in forward(detector.graph(*shown.shape), shown[None, ..., None]):
            if name in whose:
                samples.setdefault(whose[name], []).append(values.reshape(-1, values.shape[-1]))
    inside = [
        (rates_hz >= bounds.lower_hz) & (rates_hz <= bounds.upper_hz)
        for rates_hz in (
            rate_hz * np.percentile(np.concatenate(parts), bounds.percentile, axis=0)
            for parts in samples.values()
        )
    ]
    return float(np.concatenate(inside).mean())
