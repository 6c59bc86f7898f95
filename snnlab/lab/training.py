"""The lab's front door to training from scratch on a visitor's own sections."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from snnlab.data import own as owndata
from snnlab.data.own import OwnData
from snnlab.data.synthetic import synthetic
from snnlab.errors import many
from snnlab.export import pictures
from snnlab.images import reading as images
from snnlab.images.choice import Choice
from snnlab.images.pixel_size import Size
from snnlab.nets import files as model_file
from snnlab.nets.model import Model
from snnlab.training.own.order import Order, chain, kinds, stages
from snnlab.training.recipes import PLANS

EXAMPLE = range(40, 46)  # seeds of the sections to try with
EXAMPLE_SIDE = 384  # pixels

__all__ = [
    "OwnData",
    "Order",
    "begun",
    "bounded",
    "check",
    "constant",
    "discard",
    "estimate",
    "example",
    "folder",
    "kinds",
    "packed",
    "read",
    "summary",
    "steps",
    "told",
    "train",
]


def read(
    pairs: Sequence[tuple[tuple[str, bytes], tuple[str, bytes]]],
    invert: bool,
    nm: Size | None = None,
    ignore: Sequence[float] = (),
    negative: bool = False,
    choice: Choice | None = None,
    labels_choice: Choice | None = None,
) -> OwnData:
    """Read pairs of an image file and its labels, each a name and bytes.

    Raises
    ------
    Undecided, LabError
        If something does not fit, or there is too little; see `snnlab.data.own.read`.
    """
    made = [
        (owndata.File(image[1], image[0]), owndata.File(labels[1], labels[0]))
        for image, labels in pairs
    ]
    return owndata.read(made, invert, nm, ignore, negative, choice, labels_choice)


def check(files: Sequence[tuple[str, bytes]], choice: Choice) -> None:
    """Open files, each a name and bytes, without decoding them.

    Raises
    ------
    Undecided
        If one holds several channels, times or data sets, and `choice` does not say which.
    LabError
    """
    for name, data in files:
        if choice.labels:
            images.open_labels(data, name, choice)
        else:
            images.open_stack(data, name, choice=choice)


@lru_cache(maxsize=1)
def example() -> OwnData:
    """Synthetic sections as if a visitor had labelled them, to try a training with."""
    sections = [synthetic(EXAMPLE_SIDE, seed) for seed in EXAMPLE]
    pairs = [
        (
            (f"synthetic-{seed}.png", pictures.grey_png(made.image)),
            (f"synthetic-{seed}-labels.png", images.write_png(made.labels)),
        )
        for seed, made in zip(EXAMPLE, sections, strict=True)
    ]
    return read(pairs, False)


def bounded(kind: str) -> tuple[float, float, float] | None:
    """A recipe's own percentile and bounds (Hz); None if it has none, or trains them."""
    last = chain(kind)[-1]
    if last.rates is None or last.trained_thresholds:
        return None
    return last.rates.percentile, last.rates.lower_hz, last.rates.upper_hz


def summary(kind: str) -> str:
    """What a recipe makes, in a sentence or two."""
    return PLANS[kind].summary


def steps(order: Order, own: OwnData) -> tuple[int | None, ...]:
    """Steps of each stage; None of those that are to take minutes."""
    return tuple(recipe.steps for recipe in stages(order, own.side))


def constant(own: OwnData) -> dict:
    """Scores of calling every pixel the same, on what is validated on while training."""
    from snnlab.training import worth

    return worth.constant(own.for_training().labels)


def estimate(order: Order, own: OwnData, progress=None, cancel=None) -> tuple:
    """Time a few steps of each stage; see `snnlab.training.own.timing.estimate`."""
    from snnlab.training.own import timing

    return timing.estimate(order, own, progress, cancel)


def told(times: Sequence) -> str:
    """An estimate in a sentence."""
    seconds = sum(stage.seconds for stage in times)
    length = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
    if seconds >= 5400:
        length = f"{seconds / 3600:.1f} hours"
    parts = ", ".join(
        f"{many(stage.steps, 'step')} of {stage.seconds_a_step:.2f} s" for stage in times
    )
    return f"About {length} on this machine, measured on this data: {parts}, and validations."


def train(
    order: Order,
    own: OwnData,
    place: Path | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    heard: Callable | None = None,
) -> Model:
    """Train, finish and score; see `snnlab.training.own.running.train`.

    Parameters
    ----------
    place : path, optional
        For checkpoints; `folder` if not given.
    """
    from snnlab.training.own import running

    return running.train(order, own, place or folder(order, own), progress, cancel, heard)


def folder(order: Order, own: OwnData) -> Path:
    """Where a visitor's run keeps its checkpoints: the same data and order find them again.

    Within ``SNNLAB_CACHE`` or the user's cache folder; not created.
    """
    what = asdict(order) | {"name": "", "data": own.digest}
    name = hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]
    named = os.environ.get("SNNLAB_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = Path(named) if named else Path(home) / "snnlab"
    return base / "training" / name


def begun(order: Order, own: OwnData) -> int:
    """Steps of this very training that an earlier run has left to go on from."""
    from snnlab.training.own import running

    return running.done_steps(folder(order, own))


def discard(order: Order, own: OwnData) -> None:
    """Forget how far it got."""
    shutil.rmtree(folder(order, own), ignore_errors=True)


def packed(model: Model) -> bytes:
    """The model and its card as one file to take away."""
    return model_file.pack(model)
