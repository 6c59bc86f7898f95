"""Trainings that take seconds, for processes that import this by name."""

import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from snnlab.commands import train_several
from snnlab.data.drawn import Data
from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.training import recipes
from snnlab.training.recipe import Recipe
from snnlab.training.recipes import Plan

RECIPE = Recipe(
    minutes=1, side=32, batch=2, widths=(3, 4), encoder=2, rate=3e-2, average=0.9,
    validate_every=0.125,
)  # fmt: skip
PLANS = {
    "relu": Plan((RECIPE,), "synthetic", settings={"timesteps": 8}),
    "phantom": Plan((replace(RECIPE, seed=3),), "synthetic", settings={"timesteps": 8}),
}


@cache
def stack() -> tuple[np.ndarray, np.ndarray]:
    """One section, and its labels."""
    made = synthetic(64, 1)
    return normalise(made.image)[None], made.labels[None]


def data(kind, folder, progress, epfl_folder=None):
    """It is all there is."""
    images, labels = stack()
    return Data(lambda random: (images[0], labels[0]), images, labels, "one section")


def one(arguments, progress, cancel):
    """As `snnlab.commands.train_several.one`, with small recipes; leaves word of each beginning."""
    recipes.PLANS = PLANS
    recipes.data, recipes.held_out = data, lambda seeds=(): stack()
    recipes.finishing_data = lambda *_: stack()
    make = recipes.trainer

    def told(recipe, data, folder=None, start=None):
        trainer = make(recipe, data, folder, start)
        name = f"{Path(folder).name}.{os.getpid()}.{trainer.done_steps}"
        place = Path(arguments.out) / name
        place.parent.mkdir(exist_ok=True)
        place.touch()
        return trainer

    def slowly() -> bool:
        time.sleep(0.1)
        return cancel()

    recipes.trainer = told
    try:
        return train_several.one(arguments, progress, slowly)
    finally:
        recipes.trainer = make
