"""How each shipped model was trained: recipe, data, and the model it starts from."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from snnlab.data import epfl, isbi
from snnlab.data.drawn import Data
from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.training import tissues, varying
from snnlab.training.augmentation import Jitter
from snnlab.training.by_class import ClassesRecipe, ClassesTrainer
from snnlab.training.few_steps import FEW_STEPS, FewSteps, QcfsRecipe, SurrogateRecipe
from snnlab.training.fitting import Trainer
from snnlab.training.recipe import PooledRecipe, Recipe
from snnlab.training.regulariser import RateRange
from snnlab.training.tissues import Tissue

SECTIONS = 160  # synthetic sections that are drawn from
SIDE = 400  # of each, pixels
FIRST_SEED = 1000
HELD_OUT = range(900, 904)  # seeds of synthetic sections that checkpoints are chosen on
REPORT = range(904, 908)  # and of those that scores are reported on


@dataclass(frozen=True)
class Plan:
    """A model in the making.

    Attributes
    ----------
    stages : tuple of Recipe
        One after the other, each from the result of the one before. Their budget is a number
        of steps, so that a machine that is slow, or busy, makes the same model; ``minutes``
        are what that took on two cores.
    data : str
        A key of `SETS`: what it is trained on.
    start : str or None
        Shipped model to start from; None: random weights.
    settings : dict
        `snnlab.settings.Settings` that suit the model, where not the defaults.
    summary, limits : str
        What it is, and is not.
    """

    stages: tuple[Recipe, ...]
    data: str
    start: str | None = None
    settings: dict = field(default_factory=dict)
    summary: str = ""
    limits: str = ""


SETS = {
    "synthetic": ("synthetic",),
    "isbi": ("isbi",),
    "all": ("isbi", "epfl", "synthetic"),
    "without-epfl": ("isbi", "synthetic"),
    # nor synthetic sections: their generator was matched to ISBI's
    "without-isbi": ("epfl",),
    # with mitochondria, which ISBI's labels leave out
    "classes": ("isbi", "epfl"),
}
CLASSES = "organelles"  # the model of three classes
BY_CLASS = ("classes",)  # of those, the ones whose labels are classes

TRAVELLING = tuple(key for key, sets in SETS.items() if len(sets) > 1 or "epfl" in sets)

_SPIKES = Recipe(
    spiking="event",
    rates=RateRange(weight=2e-3, margin=0.15),
    side=224,
    batch=2,
    rate=7e-4,
    average=0.99,
    synapse_ms=3.0,
    timesteps=160,
    fast=0.6,
    fast_rates=(1.6, 3.0),
    membrane_weight=1.2,
    validate_every=0.08,
)
_LOIHI = replace(_SPIKES, neuron="loihi", reset="zero", initial=0.0, fast=0.0, timesteps=200)
_FEW_STEPS = {"timesteps": 64, "lower_hz": 900.0, "upper_hz": 1000.0}
# a net that was trained for it keeps its segmentation at half the spikes
_FEW_SPIKES = _FEW_STEPS | {"lower_hz": 400.0, "upper_hz": 450.0}

# a net that is to travel: pixel size and look are drawn with each window, so crops need no more
_TRAVELS = Jitter(scale=0.1)
# no stage with rate bounds: one after the second lost 0.8 points on ISBI, 1.5 on the mouse
_TRAVELLER = (
    Recipe(minutes=25, steps=7500, membrane_weight=1.2, jitter=_TRAVELS),
    Recipe(
        minutes=13, steps=2400, membrane_weight=1.2, side=288, batch=4, rate=1e-3,
        validate_every=0.07, seed=4, jitter=_TRAVELS,
    ),
    # half of it at the pixel size that images are resampled to where their own is known
    Recipe(
        minutes=25, steps=4800, membrane_weight=1.2, side=288, batch=4, rate=1e-3,
        validate_every=0.05, seed=6, jitter=_TRAVELS, near=0.5,
    ),
)  # fmt: skip

PLANS = {
    "generalist": Plan(
        _TRAVELLER,
        "all",
        settings=_FEW_STEPS,
        summary="To begin with: trained on fly larva, mouse hippocampus and synthetic sections,"
        " at 2.5 to 8 nm per pixel and in many variations.",
        limits="It was not trained for spikes, so it needs high rates or about 200 steps. Tissue"
        " that resembles neither may need fine-tuning.",
    ),
    "without-epfl": Plan(
        _TRAVELLER,
        "without-epfl",
        settings=_FEW_STEPS,
        summary="Like generalist, but without the mouse's sections: shows how it does on new"
        " tissue.",
        limits="Made to measure transfer, not for use.",
    ),
    "without-isbi": Plan(
        _TRAVELLER,
        "without-isbi",
        settings=_FEW_STEPS,
        summary="Like generalist, but on the mouse's sections only: shows how it does on new"
        " tissue.",
        limits="Made to measure transfer, not for use.",
    ),
    CLASSES: Plan(
        (
            ClassesRecipe(
                minutes=15, steps=1400, membrane_weight=1.2, side=224, batch=4, rate=1.5e-3,
                validate_every=0.1, seed=8, jitter=_TRAVELS, near=0.7,
            ),
        ),
        "classes",
        "generalist",
        # of 99, 99.5 and 99.9, the nearest to its ANN in 64 steps on the slices to choose by
        settings=_FEW_STEPS | {"percentile": 99.0},
        summary="Membrane, cell and mitochondria: generalist with three classes out, trained"
        " further on mouse hippocampus.",
        limits="It has seen mitochondria of one tissue at 5 nm only. It was not trained for spikes,"
        " so it needs high rates or about 200 steps.",
    ),
    "phantom": Plan(
        (Recipe(minutes=14, steps=3100), replace(_SPIKES, minutes=16, steps=1000)),
        "synthetic",
        settings=_FEW_SPIKES,
        summary="Trained on synthetic sections only, otherwise like regularised.",
        limits="It has never seen a real section. But the generator of its sections was matched"
        " to the grey values, texture and cell sizes of real ones, at first including"
        " sections 18, 20 and 22.",
    ),
    "relu": Plan(
        (
            Recipe(minutes=22, steps=5500, membrane_weight=1.2),
            # larger crops: fewer of their neurons feel a border
            Recipe(
                minutes=7, steps=1300, membrane_weight=1.2, side=384, batch=2, rate=5e-4,
                validate_every=0.08, seed=1,
            ),
            Recipe(
                minutes=14, steps=2700, membrane_weight=1.2, side=288, batch=4, rate=1e-3,
                validate_every=0.07, seed=4, taught=0.6,
            ),
        ),
        "isbi",
        settings=_FEW_STEPS,
        summary="A ReLU network without rate bounds: the plain conversion.",
        limits="It was not trained for spikes, so it needs high rates or about 200 steps.",
    ),
    "pooled": Plan(
        (PooledRecipe(minutes=40, steps=3250, membrane_weight=1.2),),
        "isbi",
        settings=_FEW_STEPS | {"method": "data-normalisation"},
        summary="A ReLU network with max-pooling on the way down and two output classes, for the"
        " spiking max-pooling and softmax of data-normalisation.",
        limits="No chip in this lab can run its gates, and it was not trained for spikes.",
    ),
    "regularised": Plan(
        (replace(_SPIKES, minutes=26, steps=1400),),
        "isbi",
        "relu",
        settings=_FEW_SPIKES,
        summary="Trained with spikes and reset by subtraction, with each neuron's 99.9th"
        " percentile at 75 to 150 Hz. With few steps it runs at higher rates, which are"
        " preset here.",
        limits="Reset by subtraction is not what Loihi 1 does.",
    ),
    "loihi": Plan(
        (
            replace(_LOIHI, minutes=26, steps=720),
            replace(
                _LOIHI,
                minutes=22,
                steps=1800,
                rate=5e-4,
                rates=RateRange(weight=4e-3, margin=0.2),
                timesteps=160,
                seed=5,
            ),
        ),
        "isbi",
        "relu",
        {"reset": "zero", "synapse_ms": 3.0, "timesteps": 200, "initial": 0.0},
        summary="Trained with spikes as Loihi 1 computes: its stepped rate curve, reset to zero,"
        " 75 to 150 Hz.",
        limits="It needs a 3 ms synapse and about 200 steps to settle through 14 layers.",
    ),
    "qcfs": Plan(
        (
            QcfsRecipe(
                minutes=14, steps=2200, membrane_weight=1.2, rate=7e-4, validate_every=0.1,
                seed=2,
            ),
        ),
        "isbi",
        "relu",
        {"method": "qcfs", "timesteps": 16},
        summary="Quantisation-clip-floor-shift: trained with 8 levels and one threshold per"
        " layer, to run in 8 to 32 steps.",
        limits="Its levels assume that input comes evenly, and after 14 layers it does not. With"
        " fewer than 16 steps it joins cells that surrogate keeps apart.",
    ),
    "surrogate": Plan(
        (
            SurrogateRecipe(
                minutes=18, steps=1500, membrane_weight=1.2, rate=1e-3, side=192, batch=2,
                average=0.99, validate_every=0.1, seed=3,
            ),
        ),
        "isbi",
        "qcfs",
        {"method": "surrogate", "timesteps": 8, "initial": SurrogateRecipe.initial},
        summary="Trained as a spiking network: backpropagation through 8 steps with surrogate"
        " gradients, and batch norm on the input currents.",
        limits="Made for 8 steps or more: 4 were trained too, but join cells that 8 keep apart."
        " Reset by subtraction is not what Loihi 1 does.",
    ),
}  # fmt: skip


def trainer(recipe: Recipe, data: Data, folder=None, start=None) -> Trainer:
    """What trains a recipe; see `snnlab.training.fitting.Trainer` for the parameters."""
    kind = ClassesTrainer if isinstance(recipe, ClassesRecipe) else Trainer
    if isinstance(recipe, FewSteps):
        kind = FEW_STEPS[recipe.method]
    return kind(recipe, data, folder, start)


def data(
    kind: str,
    folder: str | None,
    progress: Callable | None = None,
    epfl_folder: str | None = None,
) -> Data:
    """Sections to train on, and to choose checkpoints on.

    Parameters
    ----------
    kind : str
        A key of `SETS`.
    folder, epfl_folder : str or None
        Of ISBI and of EPFL; if none, `snnlab.data.isbi.find` and `snnlab.data.epfl.find` look.

    Raises
    ------
    LabError
        If real sections are wanted and there is no folder.
    """
    if kind in TRAVELLING:
        by_class = kind in BY_CLASS
        return tissues.mixed(
            [tissue(one, folder, progress, epfl_folder, by_class) for one in SETS[kind]]
        )
    one = tissue(kind, folder, progress)
    pool = one.pool
    return Data(lambda random: pool[random.integers(len(pool))], one.images, one.labels, one.name)


def tissue(
    kind: str,
    folder: str | None,
    progress: Callable | None = None,
    epfl_folder: str | None = None,
    by_class: bool = False,
) -> Tissue:
    """One of the sets: ``"synthetic"``, ``"isbi"`` or ``"epfl"``; otherwise as `data`.

    The labels of the last two may be classes.
    """
    if kind == "epfl":
        return tissues.hippocampus(epfl_folder, folder, by_class)
    if kind == "isbi":
        return tissues.larva(lambda sections: real(folder, sections), by_class)
    pool = []
    for index in range(SECTIONS):
        section = synthetic(SIDE, FIRST_SEED + index)
        pool.append((normalise(section.image), section.labels))
        if progress:
            progress((index + 1) / SECTIONS, "synthetic sections")
    name = f"{SECTIONS} synthetic sections, seeds {FIRST_SEED}..{FIRST_SEED + SECTIONS - 1}"
    return tissues.drawn(pool, held_out(), name)


def choice(
    kind: str, folder: str | None, epfl_folder: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Of one set, sections to choose by and labels, ``(n, 512, 512)`` each."""
    if kind == "isbi":
        return real(folder, isbi.CHOICE)
    if kind == "epfl":
        return tissues.chosen_by(tissues.slices(epfl_folder, folder))
    return held_out()


def held_out(seeds: range = HELD_OUT) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic sections that are not trained on, and labels, ``(4, 512, 512)`` each."""
    sections = [synthetic(512, seed) for seed in seeds]
    return (
        np.stack([normalise(section.image) for section in sections]),
        np.stack([section.labels for section in sections]),
    )


def blocks(kind: str) -> tuple[str, str]:
    """On which sections checkpoints are chosen, and on which scores are reported."""
    return tuple(
        "; ".join(parts) for parts in zip(*(named(one) for one in SETS[kind]), strict=True)
    )


def named(one: str) -> tuple[str, str]:
    """As `blocks`, of one set."""
    if one == "synthetic":
        return tuple(f"synthetic, seeds {part[0]}..{part[-1]}" for part in (HELD_OUT, REPORT))
    real = {"isbi": isbi, "epfl": epfl}[one]
    return real.named(real.CHOICE), real.named(real.REPORT)


def scales(kind: str) -> dict[str, float]:
    """What a card says of the widths of pixels that a training draws, nm; else nothing.

    Parameters
    ----------
    kind : str
        A key of `SETS`.
    """
    if kind not in TRAVELLING:
        return {}
    drawn = varying.Variation()
    return {"finest_nm": drawn.finest, "coarsest_nm": drawn.coarsest}


def finishing_data(
    kind: str, folder: str | None, epfl_folder: str | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Training data on which the readout's bias and the quantiles are set."""
    parts = [finishing(one, folder, epfl_folder) for one in SETS[kind]]
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def finishing(kind: str, folder: str | None, epfl_folder: str | None):
    """Of one set, ``(n, 512, 512)`` each."""
    if kind == "isbi":
        return real(folder, isbi.TRAINING)
    if kind == "epfl":
        volume = tissues.slices(epfl_folder, folder)
        return tissues.cut_up(volume, volume.of(epfl.TRAINING)[::4])
    sections = [synthetic(512, FIRST_SEED + index) for index in range(12)]
    return (
        np.stack([normalise(section.image) for section in sections]),
        np.stack([section.labels for section in sections]),
    )


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
