"""Train on own sections, stage after stage; each has a folder of checkpoints to go on from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from snnlab.data.own import OwnData
from snnlab.errors import Cancelled
from snnlab.nets.model import Model
from snnlab.training import checkpoints, recipes, worth
from snnlab.training.own.card import finished, scored_on
from snnlab.training.own.order import Order, chain, stages

TRAINING = 0.97  # of the progress; finishing and scores are the rest


@dataclass(frozen=True)
class Heard:
    """What a validation during training says.

    Attributes
    ----------
    stage, stages : int
        From 1, and how many there are.
    entry : dict
        Of the trainer's history: step, minutes, losses and scores.
    fraction : float
        Of the whole run.
    steps_before : int
        Of the stages before this one.
    shown : numpy.ndarray or None
        float32 ``(h, w)``: probability of cell of the first held-out window now; None of
        entries that were read from a checkpoint.
    """

    stage: int
    stages: int
    entry: dict
    fraction: float
    steps_before: int
    shown: np.ndarray | None


def train(
    order: Order,
    own: OwnData,
    folder: Path,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    heard: Callable[[Heard], None] | None = None,
) -> Model:
    """Train, finish and score; goes on where the folder says that it stopped.

    Parameters
    ----------
    folder : path
        For checkpoints.
    heard : callable, optional
        Given each validation, those before an interruption too.

    Returns
    -------
    Model
        With its card; not written anywhere.

    Raises
    ------
    Cancelled
        The step that is done is kept.
    LabError
        If the folder is of another run, or the budget too short.
    """
    progress = progress or (lambda fraction, stage: None)
    data, planned = own.for_training(), stages(order, own.side)
    shares = np.cumsum([0.0, *(recipe.minutes for recipe in chain(order.kind))])
    shares = TRAINING * shares / shares[-1]
    trained, trainers = None, []
    for index, recipe in enumerate(planned):
        place = Path(folder) / f"stage-{index + 1}"
        trainer = recipes.trainer(recipe, data, place, trained)
        follow = _Follower(
            trainer, index + 1, shares[index : index + 2], trainers, len(planned), heard
        )
        trained = trainer.run(
            lambda fraction, stage, follow=follow: follow.checked(progress, stage),
            lambda follow=follow: follow.stepped(progress, cancel),
        )
        trainers.append(trainer)
    progress(TRAINING, "finishing")
    model = finished(order, own, replace(trained, name=order.name), trainers)
    progress(0.985, "scores")
    if cancel and cancel():
        raise Cancelled
    return replace(model, card=worth.marked(model.card, scored_on(model, own, cancel)))


class _Follower:
    """Tells how far one stage is, before each step and at each validation."""

    def __init__(self, trainer, stage: int, share, before: list, stages: int, heard):
        self.trainer, self.stage, self.share, self.stages = trainer, stage, share, stages
        self.steps_before = sum(other.done_steps for other in before)
        self.heard = heard or (lambda what: None)
        for entry in trainer.history:
            self._tell(entry, None)

    def _whole(self) -> float:
        low, high = self.share
        return float(low + (high - low) * min(self.trainer.fraction, 1.0))

    def _tell(self, entry: dict, shown) -> None:
        what = Heard(self.stage, self.stages, entry, self._whole(), self.steps_before, shown)
        self.heard(what)

    def stepped(self, progress, cancel) -> bool:
        # before the first validation too, there is something to be said
        progress(self._whole(), f"stage {self.stage}, step {self.trainer.done_steps}")
        return bool(cancel and cancel())

    def checked(self, progress, line: str) -> None:
        trainer = self.trainer
        shown = trainer.forward(trainer.averaged, trainer.data.images[:1])[0]
        self._tell(trainer.history[-1], shown)
        progress(self._whole(), f"stage {self.stage}, {line}")


def done_steps(folder: Path) -> int:
    """Steps that the checkpoints in a run's folder hold; 0 if there are none, or none to read."""
    told = (checkpoints.about(place) for place in Path(folder).glob("stage-*"))
    return sum(int(about.get("steps", 0)) for about in told if about is not None)
