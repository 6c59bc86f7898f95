"""Models on several labelled sections at once, as a challenge scores them: one threshold for all.

What is scored is what the lab shows: the same runs, tiles of large images included, and a model's
own thresholds where no others are named (`snnlab.training.choosing` says how those were chosen).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.nets.model import Model
from snnlab.results import approach, judging
from snnlab.results.metrics import Marks
from snnlab.settings import Settings

Report = Callable[[float], None] | None


@dataclass(frozen=True)
class Spiking:
    """The SNN on several sections.

    Attributes
    ----------
    marks : dict of int to list of Marks
        By number of steps; one a section.
    mean_rate_hz : float
        Over all neurons and sections, of the longest run.
    """

    marks: dict[int, list[Marks]]
    mean_rate_hz: float


def ann(
    model: Model, pictures: Sequence[Picture], threshold: float, kernels: dict | None = None
) -> list[Marks]:
    """The ANN on each section.

    Parameters
    ----------
    kernels : dict, optional
        In place of the 8-bit ones.
    """
    return [
        judging.marks(
            picture,
            inference.segment(model, picture.normalised, kernels=kernels).probability,
            threshold,
        )
        for picture in pictures
    ]


def snn(
    pictures: Sequence[Picture],
    settings: Settings,
    timesteps: Sequence[int],
    report: Report = None,
) -> Spiking:
    """The SNN on each section, run once and read out after several numbers of steps.

    Parameters
    ----------
    settings : Settings
        Of the longest run; its thresholds are the ones in use.
    """
    found: dict[int, list[Marks]] = {steps: [] for steps in timesteps}
    longest, rates = settings.replace(timesteps=max(timesteps)), []
    for place, picture in enumerate(pictures):
        # without labels: it is scored here, at every threshold, and not there too
        bare = replace(picture, labels=None, ignored=None)
        result = lab.segment(bare, longest)
        result = replace(result, picture=picture)
        for steps in timesteps:
            found[steps].append(approach.marks_at(result, steps))
        rates.append(result.mean_rate_hz)
        if report:
            report((place + 1) / len(pictures))
    return Spiking(found, float(np.mean(rates)))
