"""The EPFL slices in, a detector with its card out."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from snnlab.data import epfl, instances
from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.nets.detector.model import Detector
from snnlab.training.detector import scoring
from snnlab.training.detector.crops import Sections
from snnlab.training.detector.fitting import DetectorTrainer, with_activations
from snnlab.training.detector.recipe import Recipe
from snnlab.training.tissues import slices

NAME = "mitochondria"
SUMMARY = "Boxes around mitochondria: a small RetinaNet of three levels."
LIMITS = (
    "Trained on one volume of mouse hippocampus at 5 nm; mitochondria that touch are one box to it."
)


def sections(volume: epfl.Epfl, block: range) -> Sections:
    """The slices of a block, with their mitochondria as things."""
    numbers = volume.of(block)
    if not numbers:
        raise LabError(f"the folder has none of the {epfl.named(block)}; name the whole volume.")
    return Sections(
        [normalise(volume.image(number).pixels) for number in numbers],
        [instances.components(volume.mitochondria(number)) for number in numbers],
        numbers,
        epfl.named(block),
    )


def make(
    recipe: Recipe,
    folder: str | None,
    data: str | None,
    out: Path | None = None,
    command: str = "",
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Detector:
    """Train a detector and score it.

    Parameters
    ----------
    recipe : Recipe
    folder, data : str, optional
        Of EPFL, and of ISBI beside which it may be; see `snnlab.data.epfl.find`.
    out : Path, optional
        For checkpoints.
    command : str
        For the card.

    Raises
    ------
    LabError, Cancelled
    """
    volume = slices(folder, data)
    training, choice = sections(volume, epfl.TRAINING), sections(volume, epfl.CHOICE)
    report = sections(volume, epfl.REPORT)
    trainer = DetectorTrainer(recipe, training, choice, out)
    found = replace(trainer.run(progress, cancel), name=NAME)
    found = with_activations(found, training.images)
    return carded(found, trainer, choice, report, command)


def carded(
    found: Detector,
    trainer: DetectorTrainer,
    choice: Sections,
    report: Sections,
    command: str,
) -> Detector:
    """The same with its card: where it comes from, and how good it is on what it never saw."""
    recipe = trainer.recipe
    at = scoring.best_score(found, choice, recipe.drawing)
    inside = None
    if recipe.rates is not None:
        inside = scoring.in_range(found, report, recipe.rates, recipe.rate_hz)
    card = {
        "name": NAME,
        "kind": "detector",
        "summary": SUMMARY,
        "not": LIMITS,
        "weights": found.weights,
        "bits": 8,
        "nm": epfl.NM,
        "things": "mitochondria",
        "data": trainer.training.name,
        "chosen_on": choice.name,
        "validation": report.name,
        "licence_of_the_data": epfl.LICENCE,
        "citation": epfl.CITATION,
        "command": command,
        "minutes": round(trainer.spent / 60, 1),
        "steps": trainer.done_steps,
        "settings": scoring.SETTINGS | {"threshold": at},
        "range": recipe.rates and recipe.rates.on_card(),
        "recipe": asdict(recipe),
        "history": trainer.history,
        "in_range": inside,
        "scores": {"sections": report.name} | scoring.scores(found, report, at),
    }
    return replace(found, card=card)
