"""What happens to a student, as the class is told of it.

A lesson is named by its key (see `snnlab.ui.learn.texts`). Whoever tells need not know whether
there is a class at all: see `snnlab.ui.shared.classroom.note`.
"""

import math
from dataclasses import dataclass

from snnlab.results.summary import Summary


@dataclass(frozen=True)
class At:
    """A page was turned to; by its title."""

    page: str


@dataclass(frozen=True)
class Opened:
    """A lesson was opened."""

    lesson: str


@dataclass(frozen=True)
class Answered:
    """An answer was given.

    Attributes
    ----------
    lesson : str
    answers : tuple of str
        One for each question, as people read it.
    right : bool
    told : str
        The hint that was given, or what was said of the right answer.
    """

    lesson: str
    answers: tuple[str, ...]
    right: bool
    told: str


@dataclass(frozen=True)
class Done:
    """A lesson was completed."""

    lesson: str


@dataclass(frozen=True)
class Ran:
    """A run ended. No name of a file or a model: a student may have put a name of theirs there.

    Attributes
    ----------
    rate_hz : float
        Spikes per second and neuron, over the whole net.
    accuracy : float or None
        Pixel accuracy of the SNN, 0..1; None without labels.
    agreement : float
        Share of pixels on which SNN and ANN agree, 0..1.
    timesteps : int
    image : str
        Tells images (and their labels) apart, and says nothing of them.
    spikes_per_neuron : float
        Mean over the whole net, in the whole run: what the run costs.
    """

    rate_hz: float
    accuracy: float | None
    agreement: float
    timesteps: int
    image: str
    spikes_per_neuron: float


def ran(made: Summary) -> Ran:
    """What a class is told of a run."""
    scores = made.snn_scores
    accuracy = None if scores is None else float(scores.pixel_accuracy)
    return Ran(
        float(made.mean_rate_hz),
        accuracy if accuracy is not None and math.isfinite(accuracy) else None,
        float(made.agreement),
        made.settings.timesteps,
        made.image[:16],
        made.spikes / max(made.neurons, 1),
    )


Event = At | Opened | Answered | Done | Ran
