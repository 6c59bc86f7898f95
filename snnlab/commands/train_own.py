"""``train --images --labels``: from scratch on a visitor's own labelled sections."""

import shlex
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images.resampling import MODEL_NM
from snnlab.nets import shelf as model_store

BETWEEN = 10  # seconds
SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


def add_arguments(add) -> None:
    """What only own sections need."""
    add("--images", nargs="+", metavar="FILE", help="train on these: images or stacks, or a folder")
    add("--labels", nargs="+", metavar="FILE", help="of the images, in their order; 0 = membrane")
    add("--invert-labels", action="store_true", help="the labels are the other way round")
    add(
        "--nm",
        type=float,
        metavar="NM",
        help=f"width of a pixel of own sections; resampled to {MODEL_NM:g} nm",
    )
    add("--name", help="of the model trained on own sections; default own-MODEL")
    add("--seed", type=int, default=0, help="of weights and crops, for own sections")
    add("--estimate", action="store_true", help="of own sections: only say how long it would take")


def prepare(arguments) -> None:
    """Check what was named, and make it mean the same on another machine.

    Raises
    ------
    LabError
    """
    if not arguments.images and not arguments.labels:
        for name in ("name", "estimate", "invert_labels", "nm", "seed"):
            if getattr(arguments, name):
                raise LabError(f"--{name.replace('_', '-')} goes with --images and --labels.")
        return
    arguments.images, arguments.labels = files(arguments.images), files(arguments.labels)
    if len(arguments.images) != len(arguments.labels):
        raise LabError(
            f"--images names {len(arguments.images)} files and --labels {len(arguments.labels)};"
            " give one of labels for each of images."
        )
    if arguments.out is None:
        arguments.out = str(model_store.folder())


def files(named: list[str] | None) -> list[str]:
    """Files as absolute paths; of a folder the images in it, by name.

    Raises
    ------
    LabError
    """
    found: list[str] = []
    for one in named or ():
        path = Path(one).resolve()
        inside = [path]
        if path.is_dir():
            inside = sorted(x for x in path.iterdir() if x.suffix.lower() in SUFFIXES)
            if not inside:
                raise LabError(f"{one} holds no PNG, JPEG or TIFF; name another folder.")
        found += map(str, inside)
    return found


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
    own = _read(arguments)
    progress = _sparing(progress)
    if not arguments.quiet:
        for note in own.notes:
            print(f"snnlab: {note}", file=sys.stderr)
    place = _checkpoints(arguments, order)
    if arguments.estimate or not (arguments.quiet or place.exists()):
        times = lab_training.estimate(order, own, progress, cancel)
        if arguments.estimate:
            return _estimated(times, own)
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
    made = lab_training.train(order, own or _read(arguments), place, progress, cancel)
    card = made.card | {"command": _command(arguments, order)}
    path = model_store.save(replace(made, card=card), Path(arguments.out))
    scores = card["scores"]
    return {"model": order.name, "minutes": card["minutes"], "file": str(path), **scores}


def _read(arguments):
    from snnlab.commands.segment import read
    from snnlab.lab import training as lab_training

    pairs = [
        ((Path(image).name, read(image)), (Path(labels).name, read(labels)))
        for image, labels in zip(arguments.images, arguments.labels, strict=True)
    ]
    return lab_training.read(pairs, arguments.invert_labels, arguments.nm)


def _checkpoints(arguments, order) -> Path:
    return Path(arguments.out) / f"{order.name}-training"


def _command(arguments, order) -> str:
    words = ["python", "-m", "snnlab", "train", "--model", order.kind, "--name", order.name]
    # where the files lay is nobody's business
    words += ["--images", *(Path(one).name for one in arguments.images)]
    words += ["--labels", *(Path(one).name for one in arguments.labels)]
    words += ["--invert-labels"] if arguments.invert_labels else []
    words += ["--nm", f"{arguments.nm:g}"] if arguments.nm is not None else []
    words += ["--range", *(f"{value:g}" for value in arguments.range)] if arguments.range else []
    for name in ("percentile", "minutes", "steps", "seed"):
        value = getattr(arguments, name)
        words += [f"--{name}", f"{value:g}"] if value else []
    return shlex.join(words)


def _estimated(times, own) -> dict:
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
        "notes": list(own.notes),
    }
