"""How each shipped model was trained: recipe, data, and the model it starts from."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from snnlab import isbi
from snnlab.contrast import normalise
from snnlab.datasets import synthetic
from snnlab.errors import LabError
from snnlab.unet.regulariser import RateRange
from snnlab.unet.training import Data, Recipe

SECTIONS = 160  # synthetic sections that are drawn from
SIDE = 400  # of each, pixels
FIRST_SEED = 1000
HELD_OUT = range(900, 904)  # seeds of synthetic sections to validate on
MIXED = 0.3  # share of synthetic crops where real ones are trained on too


@dataclass(frozen=True)
class Plan:
    """A model in the making.

    Attributes
    ----------
    recipe : Recipe
    data : {"synthetic", "mixed"}
        Synthetic sections alone, or ISBI sections 0..17 and synthetic ones.
    start : str or None
        Shipped model to start from; None: random weights.
    settings : dict
        `snnlab.settings.Settings` that suit the model, where not the defaults.
    summary, limits : str
        What it is, and is not.
    """

    recipe: Recipe
    data: str
    start: str | None
    settings: dict = field(default_factory=dict)
    summary: str = ""
    limits: str = ""


_SPIKES = Recipe(
    spiking="event", rates=RateRange(), side=192, batch=2, rate=7e-4, average=0.99,
    synapse_ms=4.0, timesteps=160, membrane_weight=1.2, validate_every=0.1,
)

PLANS = {
    "phantom": Plan(
        Recipe(minutes=20), "synthetic", None,
        summary="Trained on synthetic sections alone, without rate bounds.",
        limits="It has never seen a real section.",
    ),
    "relu": Plan(
        Recipe(minutes=16, rate=2e-3, membrane_weight=1.2, validate_every=0.05, seed=1),
        "mixed", "phantom",
        summary="Rate-based, ReLU, without rate bounds: the plain conversion.",
        limits="Not trained for spikes: at 75..150 Hz it needs far more than 200 steps.",
    ),
    "regularised": Plan(
        replace(_SPIKES, minutes=36), "mixed", "relu",
        summary="Spike-based, reset by subtraction, each neuron's 99.9th percentile in 75..150 Hz.",
        limits="Reset by subtraction is not what Loihi 1 does.",
    ),
    "loihi": Plan(
        replace(
            _SPIKES, minutes=30, neuron="loihi", reset="zero", synapse_ms=4.0, timesteps=160,
            initial=0.0, anneal=1.0,
        ),
        "mixed", "relu",
        {"reset": "zero", "synapse_ms": 4.0, "timesteps": 200, "initial": 0.0},
        summary="Spike-based for Loihi 1: its stepped rate curve, reset to zero, 75..150 Hz.",
        limits="It needs its 4 ms synapse and some 150 steps to settle through 18 layers.",
    ),
}


def data(kind: str, folder: str | None, progress: Callable | None = None) -> Data:
    """Sections to train on and to validate on.

    Parameters
    ----------
    kind : {"synthetic", "mixed"}
    folder : str or None
        ISBI folder, for ``"mixed"``; else `snnlab.isbi.find` looks.

    Raises
    ------
    LabError
        If real sections are wanted and there is no folder.
    """
    pool = []
    for index in range(SECTIONS if kind == "synthetic" else SECTIONS // 2):
        section = synthetic(SIDE, FIRST_SEED + index)
        pool.append((normalise(section.image), section.labels))
        if progress:
            progress((index + 1) / SECTIONS, "synthetic sections")
    if kind == "synthetic":
        return Data(
            lambda random: pool[random.integers(len(pool))],
            *held_out(),
            f"{SECTIONS} synthetic sections, seeds {FIRST_SEED}..{FIRST_SEED + SECTIONS - 1}",
        )
    images, labels = real(folder, isbi.TRAINING)

    def draw(random):
        if random.random() < MIXED:
            return pool[random.integers(len(pool))]
        index = random.integers(len(images))
        return images[index], labels[index]

    return Data(
        draw, *real(folder, isbi.VALIDATION),
        f"ISBI 2012 sections 0..17 and, for {MIXED:.0%} of the crops, synthetic ones",
    )


def held_out() -> tuple[np.ndarray, np.ndarray]:
    """Synthetic sections that are not trained on, and labels, ``(4, 512, 512)`` each."""
    sections = [synthetic(512, seed) for seed in HELD_OUT]
    return (
        np.stack([normalise(section.image) for section in sections]),
        np.stack([section.labels for section in sections]),
    )


def finishing_data(kind: str, folder: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Training data on which the readout's bias and the quantiles are set."""
    if kind == "synthetic":
        sections = [synthetic(512, FIRST_SEED + index) for index in range(12)]
        return (
            np.stack([normalise(section.image) for section in sections]),
            np.stack([section.labels for section in sections]),
        )
    return real(folder, isbi.TRAINING)


def real(folder: str | None, sections) -> tuple[np.ndarray, np.ndarray]:
    """Normalised ISBI sections and labels, ``(n, 512, 512)`` each."""
    found = isbi.find(folder)
    if found is None:
        raise LabError("no ISBI folder is named; give it with --data or in SNNLAB_DATA.")
    volume = isbi.Isbi(found)
    return (
        np.stack([volume.image(section).normalised() for section in sections]),
        np.stack([volume.labels(section) for section in sections]),
    )
