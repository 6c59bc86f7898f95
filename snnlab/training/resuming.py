"""What of a trainer is kept so that it can go on exactly: nets, optimiser, history; and when.

All take a `snnlab.training.loop.Loop`.
"""

import logging
import time
from dataclasses import asdict
from numbers import Real

import numpy as np

from snnlab.compat import tensorflow
from snnlab.errors import LabError
from snnlab.training import checkpoints
from snnlab.work.stored import Damaged

log = logging.getLogger(__name__)

UNKEPT = " (not kept: no checkpoint can be written)"
EVERY = 5.0  # seconds; what a process that is killed costs at most, the step under way aside
SHARE = 0.02  # of the time that keeping may take, where the disk is slow


def keep(trainer) -> None:
    """Write where a trainer stands, if it has a folder.

    A full disk is no reason to stop, as there may be room before the training ends: the trainer's
    ``unkept`` then holds what is to be said of it.
    """
    if not trainer.folder:
        return
    arrays = {f"net/{k}": v for k, v in trainer.net.state().items()}
    arrays |= {f"average/{k}": v for k, v in trainer.averaged.items()}
    if trainer.best:
        arrays |= {f"best/{k}": v for k, v in trainer.best[1].items()}
    arrays |= {f"adam/{i}": v for i, v in enumerate(trainer.optimiser.get_weights())}
    about = {
        "recipe": asdict(trainer.recipe),
        "steps": trainer.done_steps,
        "spent": trainer.spent,
        "folded": trainer.folded,
        "best": trainer.best[0] if trainer.best else None,
        "history": trainer.history,
        "losses": trainer.losses,
    }
    try:
        checkpoints.write(trainer.folder, arrays, about)
        trainer.unkept = ""
    except LabError as error:
        if not trainer.unkept:
            log.warning("%s The training goes on; make room, so that it can be kept.", error)
        trainer.unkept = UNKEPT


class Keeper:
    """Keeps a trainer at its checks, and every few seconds between two of them.

    Two checks of a long training are minutes apart, which is too much to lose with a process that
    is killed.
    """

    def __init__(self, trainer):
        self._trainer = trainer
        self._steps, self._due = trainer.done_steps, time.monotonic() + EVERY

    def keep(self) -> None:
        """Keep it now, if a step was done since."""
        if self._trainer.done_steps == self._steps:
            return
        begun = time.monotonic()
        keep(self._trainer)
        now = time.monotonic()
        if not self._trainer.unkept:
            self._steps = self._trainer.done_steps
        self._due = now + max(EVERY, (now - begun) / SHARE)

    def stepped(self) -> None:
        """Keep it if it is time to; to be called after every step."""
        if time.monotonic() >= self._due:
            self.keep()


def go_on(trainer) -> None:
    """Put a trainer where its folder says it stood, if it was on the same recipe.

    Raises
    ------
    LabError
        If it is of another run, or damaged.
    """
    recipe = asdict(trainer.recipe)
    found = checkpoints.read(trainer.folder, recipe) if trainer.folder else None
    if found is None:
        return
    with checkpoints.damage(trainer.folder):
        _restore(trainer, *found)


def _restore(trainer, group, about: dict) -> None:
    like = trainer.net.state()
    net, average, best = (_fitting(group(f"{name}/"), like) for name in ("net", "average", "best"))
    if net is None or average is None:
        raise Damaged("lacks weights")
    for entry in about["history"]:
        if not all(isinstance(entry[name], Real) for name in ("step", *trainer.scored)):
            raise Damaged("says nothing of its validations")
    trainer.net.restore(net)
    trainer.averaged = average
    trainer.folded, trainer.done_steps = bool(about["folded"]), int(about["steps"])
    trainer.spent, trainer.history = float(about["spent"]), about["history"]
    trainer.losses = [(float(task), float(rates)) for task, rates in about.get("losses", ())]
    trainer.best = None if about["best"] is None else (float(about["best"]), best)
    if trainer.best and best is None:
        raise Damaged("lacks its best weights")
    adam = group("adam/")
    if adam:
        zeros = tensorflow().zeros_like
        variables = trainer.net.trainable(not trainer.folded)
        trainer.optimiser.apply_gradients([(zeros(v), v) for v in variables])
        trainer.net.restore(net)
        trainer.optimiser.set_weights([adam[str(i)] for i in range(len(adam))])


def _fitting(found: dict[str, np.ndarray], like: dict[str, np.ndarray]) -> dict | None:
    """Arrays of the names and shapes of others; None if there are none at all.

    Raises
    ------
    Damaged
    """
    if not found:
        return None
    shapes = [{name: (v.shape, v.dtype) for name, v in part.items()} for part in (found, like)]
    if shapes[0] != shapes[1]:
        raise Damaged("is of another net")
    return found
