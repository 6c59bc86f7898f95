"""``train --models``: several at once, on processes of this machine or a cluster's.

Each model is a piece of work of `snnlab.work.parallel`. Its checkpoints lie in ``--out``, which
all workers have to see under the same name: a model whose worker was lost goes on elsewhere
from its last one, and so does the whole command when it is given again.
"""

import argparse
import contextlib
import time
from functools import partial
from pathlib import Path

from snnlab.commands import train_one
from snnlab.errors import LabError
from snnlab.work import parallel, scheduler
from snnlab.work.code_version import code_version

MODULE = train_one.__name__


def add_arguments(add) -> None:
    """What only several models need."""
    add("--models", metavar="M,..", help="several at once, instead of --model")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://host:8786")


def names(arguments) -> tuple[str, ...]:
    """The models that are asked for; none if there is but the one of ``--model``.

    Raises
    ------
    LabError
    """
    found = tuple(part.strip() for part in (arguments.models or "").split(",") if part.strip())
    if arguments.models is not None and not found:
        raise LabError("--models takes names separated by commas, such as relu,regularised.")
    if arguments.scheduler is not None and not found:
        raise LabError("--scheduler goes with --models.")
    if len(found) > 1 and getattr(arguments, "name", None):
        raise LabError("--name is for one model; leave it out with --models.")
    return tuple(dict.fromkeys(found))


def run(arguments, progress) -> dict:
    """Train them all.

    Returns
    -------
    dict
        ``models``, each as of one; ``seconds`` of the whole.
    """
    begun = time.perf_counter()
    chosen = names(arguments)
    if arguments.scheduler is not None:
        scheduler.check(arguments.scheduler)
    tasks = [parallel.Task(one, (_portable(arguments, name),)) for name in chosen]
    answers: dict[int, dict] = {}
    with contextlib.ExitStack() as stack:
        address = arguments.scheduler
        if not address:
            from snnlab.work import processes

            count = min(len(chosen), parallel.threads_here())
            address = stack.enter_context(processes.workers(count))
        parallel.run(
            tasks, answers.__setitem__, address, progress=progress,
            alike=partial(code_version, MODULE),
        )  # fmt: skip
    return {
        "models": [answers[index] for index in range(len(chosen))],
        "seconds": time.perf_counter() - begun,
    }


def _portable(arguments, name: str) -> argparse.Namespace:
    """The arguments for one model, as they can be sent to another process."""
    from snnlab.data import epfl, isbi

    places = {"data": isbi.find(arguments.data), "epfl": epfl.find(arguments.epfl, arguments.data)}
    kept = {key: value for key, value in vars(arguments).items() if key not in ("run", "show")}
    return argparse.Namespace(
        **kept
        | {
            "model": name,
            "models": None,
            "scheduler": None,
            "out": str(Path(arguments.out).resolve()),
        }
        | {key: str(found.resolve()) if found else None for key, found in places.items()}
    )


def one(arguments: argparse.Namespace, progress, cancel) -> dict:
    """Train one of them, wherever this has come to."""
    from snnlab.compat import tensorflow

    # the same sums in the same order in every process
    tensorflow().config.experimental.enable_op_determinism()
    tag = arguments.model
    return train_one.make(
        arguments, lambda fraction, stage: progress(fraction, f"{tag}: {stage}"), cancel
    )


def show(answer: dict, one_of) -> str:
    """For a person."""
    lines = [one_of(part) for part in answer["models"]]
    return "\n\n".join([*lines, f"{len(lines)} models in {answer['seconds'] / 60:.1f} minutes"])
