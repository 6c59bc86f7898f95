"""``train --images --labels``: from scratch on a visitor's own labelled sections."""

import shlex
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from snnlab.commands import own_sections
from snnlab.commands.images import tell
from snnlab.errors import LabError
from snnlab.nets import shelf as model_store

BETWEEN = 10  # seconds


def add_arguments(add, command) -> None:
    """What only own sections need."""
    own_sections.add_arguments(add, command)
    add("--name", help="name of the model trained on your own sections; default own-MODEL")
    add("--seed", type=int, default=0, help="for weights and crops, with your own sections")
    add(
        "--estimate",
        action="store_true",
        help="for your own sections: only say how long it would take",
    )


def prepare(arguments) -> None:
    """Check what was named, and make it mean the same on another machine.

    Raises
    ------
    LabError
    """
    own_sections.prepare(arguments)
    if not arguments.images:
        for name in ("name", "estimate", "seed"):
            if getattr(arguments, name):
                raise LabError(f"--{name} goes with --images and --labels.")
        return
    if arguments.out is None:
        arguments.out = str(model_store.folder())


def order_of(arguments):
    """What the arguments ask for, as a `snnlab.lab.training.Order`."""
    from snnlab.lab import training as lab_training

    lower, upper = arguments.range or (None, None)
    return lab_training.Order(
        arguments.model,
        arguments.name or f"own-{arguments.model}",
        arguments.steps,
        arguments.minutes,
        arguments.percentile,
        lower,
        upper,
        arguments.seed,
    )


def run(arguments, progress, cancel=None) -> dict:
    """Read, estimate, train and write; or only say how long it would take."""
    from snnlab.lab import training as lab_training

    order = order_of(arguments)
    if not arguments.quiet:
        own_sections.show(arguments)
    own = own_sections.read(arguments)
    progress = _sparing(progress)
    if not arguments.quiet:
        tell(own.notes)
    place = _checkpoints(arguments, order)
    if arguments.estimate or not (arguments.quiet or place.exists()):
        times = lab_training.estimate(order, own, progress, cancel)
        if arguments.estimate:
            return _estimated(times, own, own_sections.listed(arguments))
        print(f"snnlab: {lab_training.told(times)}", file=sys.stderr)
    answer = make(arguments, progress, cancel, own)
    shutil.rmtree(place, ignore_errors=True)  # the model is what they were for
    return answer


def _sparing(progress):
    """Fewer words: of the steps between two validations only one every so often."""
    told = [float("-inf")]

    def tell(fraction: float, stage: str) -> None:
        now = time.monotonic()
        if "V_Rand" in stage or not stage.startswith("stage") or now - told[0] >= BETWEEN:
            told[0] = now
            progress(fraction, stage)

    return tell


def make(arguments, progress, cancel=None, own=None) -> dict:
    """Train one model and write it."""
    from snnlab.lab import training as lab_training

    order = order_of(arguments)
    place = _checkpoints(arguments, order)
    made = lab_training.train(order, own or own_sections.read(arguments), place, progress, cancel)
    card = made.card | {"command": _command(arguments, order)}
    path = model_store.save(replace(made, card=card), Path(arguments.out))
    scores = card["scores"]
    return {"model": order.name, "minutes": card["minutes"], "file": str(path), **scores}


def _checkpoints(arguments, order) -> Path:
    return Path(arguments.out) / f"{order.name}-training"


def _command(arguments, order) -> str:
    words = ["python", "-m", "snnlab", "train", "--model", order.kind, "--name", order.name]
    # where the files lay is nobody's business
    words += own_sections.words(arguments)
    words += ["--range", *(f"{value:g}" for value in arguments.range)] if arguments.range else []
    for name in ("percentile", "minutes", "steps", "seed"):
        value = getattr(arguments, name)
        words += [f"--{name}", f"{value:g}"] if value else []
    return shlex.join(words)


def _estimated(times, own, pairs: list) -> dict:
    from snnlab.lab import training as lab_training

    return {
        "estimate": {
            "seconds": sum(stage.seconds for stage in times),
            "stages": [
                {
                    "steps": stage.steps,
                    "seconds_a_step": stage.seconds_a_step,
                    "validations": stage.validations,
                    "seconds_a_validation": stage.seconds_a_validation,
                }
                for stage in times
            ],
        },
        "told": lab_training.told(times),
        "pixels": own.pixels,
        "split": own.split,
        "pairs": pairs,
        "notes": list(own.notes),
    }
