"""The thresholds that a model is shown with: the best on sections kept for that choice.

One for its ANN, and one for its SNN as it is run by its own settings, each where V_Rand of all
these sections together is largest. Where the SNN is as good at its ANN's, it is shown at that, so
that the two pictures differ by what spikes do and by nothing else. The model's card keeps the
thresholds, among its settings, with what they were chosen on.
"""

from collections.abc import Sequence

import numpy as np

from snnlab.data import isbi
from snnlab.nets.model import Model, with_card
from snnlab.results import metrics
from snnlab.settings import Settings
from snnlab.training import recipes, scoring

ALIKE = 0.002  # V_Rand: third decimals mean little


def kind(model: Model) -> str:
    """What a model's thresholds are chosen on, a key of `snnlab.training.recipes.SETS`.

    Blocks of the sets that it has seen, so that others stay new to it; of one that says nothing,
    synthetic sections.
    """
    starts = {"isbi": "ISBI", "epfl": "EPFL", "synthetic": f"{recipes.SECTIONS} synthetic"}
    parts = str(model.card.get("data", "")).split("; ")
    seen = {one for one, start in starts.items() for part in parts if part.startswith(start)}
    return next((key for key, sets in recipes.SETS.items() if set(sets) == seen), "synthetic")


def sections(
    kind: str, folder: str | None, epfl_folder: str | None = None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Images and labels to choose on, and what they are called.

    Raises
    ------
    LabError
        If real sections are needed and there is no folder.
    """
    blocks = [recipes.choice(one, folder, epfl_folder) for one in recipes.SETS[kind]]
    images, labels = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return images, labels, recipes.blocks(kind)[0]


def chosen(model: Model, images: np.ndarray, labels: np.ndarray, called: str) -> Model:
    """The model with its thresholds in its card.

    Parameters
    ----------
    images, labels : numpy.ndarray
        ``(n, height, width)``, normalised, 1 = cell.
    called : str
        What the sections are.
    """
    own = model.card.get("settings", {})
    settings = Settings(**(own | {"model": "unnamed"}))
    ann, snn = scoring.marks(model, images, labels, settings, (settings.timesteps,))
    found = {"ann": metrics.together(ann), "snn": metrics.together(snn[settings.timesteps])}
    at = {name: scores.best_threshold for name, scores in found.items()}
    v_rand = {name: scores.v_rand for name, scores in found.items()}
    beside = _v_rand(snn[settings.timesteps], at["ann"])
    if v_rand["snn"] - beside <= ALIKE:
        at["snn"], v_rand["snn"] = at["ann"], beside
    return with_card(
        model,
        settings=own | {"threshold": at["snn"], "ann_threshold": at["ann"]},
        thresholds={
            "chosen_on": called,
            "seen_in_training": seen(model.card.get("data", ""), called),
            **{name: {"threshold": at[name], "v_rand": v_rand[name]} for name in found},
        },
    )


def _v_rand(marks: Sequence[metrics.Marks], threshold: float) -> float:
    """Of sections together, at one of the thresholds that were tried."""
    place = marks[0].thresholds.index(threshold)
    return float(np.mean([one.v_rand[place] for one in marks]))


def seen(data: str, called: str) -> bool:
    """Whether a model was trained on sections of the block that its thresholds are chosen on."""
    return isbi.named(isbi.CHOICE) in called.split("; ") and any(
        isbi.trained_on(data, section) for section in isbi.CHOICE
    )
