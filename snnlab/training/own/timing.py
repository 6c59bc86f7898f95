"""How long a training would take, measured on the data and machine at hand."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from snnlab.data.own import OwnData
from snnlab.errors import Cancelled
from snnlab.training import recipes
from snnlab.training.own.order import Order, stages


@dataclass(frozen=True)
class StageTime:
    """Time of one stage, measured on this data and machine.

    Attributes
    ----------
    steps : int
        That it will take; with a budget of minutes, that these allow.
    seconds_a_step, seconds_a_validation : float
    validations : int
    """

    steps: int
    seconds_a_step: float
    validations: int
    seconds_a_validation: float

    @property
    def seconds(self) -> float:
        """Of the whole stage."""
        return self.steps * self.seconds_a_step + self.validations * self.seconds_a_validation


def estimate(
    order: Order,
    own: OwnData,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    probe: int = 4,
) -> tuple[StageTime, ...]:
    """Time a few steps of each stage, and a validation; takes a fraction of a minute.

    Parameters
    ----------
    probe : int
        Steps that are timed, after one that builds the graph.

    Raises
    ------
    Cancelled
    """
    progress = progress or (lambda fraction, stage: None)
    data, started, found = own.for_training(), None, []
    recipes_ = stages(order, own.side)
    for index, recipe in enumerate(recipes_):
        progress(index / len(recipes_), f"timing stage {index + 1} of {len(recipes_)}")
        if cancel and cancel():
            raise Cancelled
        trainer = recipes.trainer(replace(recipe, steps=10**9), data, None, started)
        step = _timed(trainer, probe)
        begun = time.perf_counter()
        trainer.validate()
        validation = time.perf_counter() - begun
        steps = recipe.steps or max(1, round(60 * recipe.minutes / step))
        every = max(1.0, steps * recipe.validate_every)
        found.append(StageTime(steps, step, int(np.ceil(steps / every)), validation))
        started = trainer.model()
    progress(1.0, "timed")
    return tuple(found)


def _timed(trainer, probe: int) -> float:
    """Median seconds of so many steps: the trainer asks before each whether to go on."""
    asked: list[float] = []

    def enough() -> bool:
        asked.append(time.perf_counter())
        return len(asked) > probe + 1

    with contextlib.suppress(Cancelled):
        trainer.run(cancel=enough)
    return float(np.median(np.diff(asked)[1:]))
