"""What to train on own sections: a recipe's stages from random weights, with a budget.

A model that starts from another one in `snnlab.training.recipes` goes through that one's
stages first.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from snnlab.errors import LabError, many
from snnlab.nets.model import BOUNDS
from snnlab.settings import Settings
from snnlab.training import recipes
from snnlab.training.recipe import Recipe
from snnlab.training.regulariser import RateRange


def kinds() -> tuple[str, ...]:
    """What can be trained from scratch."""
    return tuple(name for name, plan in recipes.PLANS.items() if plan.data == "isbi")


@dataclass(frozen=True)
class Order:
    """What is to be trained.

    Attributes
    ----------
    kind : str
        Whose recipe: one of `kinds`.
    name : str
        Of the model: small letters, digits and hyphens.
    steps, minutes : int, float
        Budget of all stages together; neither: about the shipped models' steps.
    percentile, lower_hz, upper_hz : float or None
        Rate bounds other than the recipe's.
    seed : int
        Of weights and batches.

    Raises
    ------
    LabError
    """

    kind: str = "relu"
    name: str = "own"
    steps: int | None = None
    minutes: float | None = None
    percentile: float | None = None
    lower_hz: float | None = None
    upper_hz: float | None = None
    seed: int = 0

    def __post_init__(self):
        if self.kind not in kinds():
            raise LabError(
                f"there is no recipe for {self.kind!r}; choose one of {', '.join(kinds())}."
            )
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", self.name):
            raise LabError(
                "a model's name has small letters, digits and hyphens, at most 40 in all."
            )
        least = len(chain(self.kind))
        if self.steps is not None and self.steps < least:
            raise LabError(
                f"{self.kind} has {least} stages; give it {many(least, 'step')} or more."
            )
        if self.minutes is not None and not 0 < self.minutes <= 100_000:
            raise LabError("the training budget must be above 0; give --minutes or --steps.")
        if self.bounds() and any(part.trained_thresholds for part in chain(self.kind)):
            raise LabError(
                f"{self.kind} trains its rates itself; leave --percentile and --range out."
            )

    def bounds(self) -> Settings | None:
        """The rate bounds asked for, checked; None if they are the recipe's."""
        asked = {key: getattr(self, key) for key in BOUNDS if getattr(self, key) is not None}
        last = chain(self.kind)[-1].rates or RateRange()
        return Settings(**(last.on_card() | asked)) if asked else None


def chain(kind: str) -> tuple[Recipe, ...]:
    """All stages from random weights."""
    plan = recipes.PLANS[kind]
    return (chain(plan.start) if plan.start else ()) + plan.stages


def stages(order: Order, side: int) -> tuple[Recipe, ...]:
    """The recipes, one after the other, with what was ordered.

    Parameters
    ----------
    side : int
        Largest crop that the sections allow, pixels.
    """
    parts = chain(order.kind)
    ends = np.cumsum([recipe.minutes for recipe in parts])
    ends = np.r_[0, ends / ends[-1]]
    bounds = order.bounds()
    found = []
    for index, recipe in enumerate(parts):
        share = ends[index + 1] - ends[index]
        if order.minutes is not None:
            budget = {"minutes": order.minutes * share, "steps": None}
        elif order.steps is not None:
            # in whole steps, of which each stage has one, and together they are what was asked
            spare = order.steps - len(parts)
            budget = {"steps": 1 + round(spare * ends[index + 1]) - round(spare * ends[index])}
        else:
            budget = {}
        recipe = replace(
            recipe, **budget, side=min(recipe.side, side), seed=recipe.seed + 1000 * order.seed
        )
        if bounds is not None:
            asked = {key: getattr(bounds, key) for key in BOUNDS}
            rates = replace(recipe.rates or RateRange(), **asked)
            recipe = replace(recipe, rates=rates, rate_hz=bounds.upper_hz)
        found.append(recipe)
    return tuple(found)
