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
from snnlab.training.detector.crops import Sections
from snnlab.training.detector.fitting import boxes
from snnlab.training.regulariser import RateRange

SETTINGS = {"method": "data-normalisation", "timesteps": 64}  # that suit a detector


def spiking(detector: Detector, image: np.ndarray, settings: Settings) -> Detections:
    """Boxes that the SNN finds in a section ``(height, width)``, normalised."""
    shown = padded(image)
    network = convert(detector, shown, settings)
    recording = running.run(network, settings.timesteps)
    values = network.answer(recording, first(network, settings.timesteps))
    return read(values, all_anchors(*shown.shape), *image.shape)


def best_score(detector: Detector, choice: Sections) -> float:
    """The score from which on a box is counted: where precision and recall are both high."""
    truth = [boxes(things) for things in choice.things]
    found = [detect(detector, image) for image in choice.images]
    return detection.curve(found, truth, 0.5).best_score


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
