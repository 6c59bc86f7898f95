"""``train --kind detector``: boxes around mitochondria, on the EPFL slices."""

import shlex
from dataclasses import replace
from pathlib import Path

from snnlab.commands import outputs
from snnlab.errors import LabError, many

OTHERS = ("models", "images", "labels", "range", "percentile", "units", "scheduler", "name")
CHECKPOINTS = "detector"  # a folder within --out


def run(arguments, progress) -> dict:
    """Train and write.

    Raises
    ------
    LabError
    """
    for name in OTHERS:
        if getattr(arguments, name, None):
            raise LabError(f"--{name} does not go with --kind detector; leave it out.")
    if arguments.estimate:
        raise LabError("--estimate goes with --kind unet; a detector takes --minutes.")
    from snnlab.nets.detector import model
    from snnlab.training.detector import making
    from snnlab.training.detector.recipe import Recipe

    recipe = Recipe(seed=arguments.seed)
    if arguments.minutes is not None:
        recipe = replace(recipe, minutes=arguments.minutes)
    if arguments.steps is not None:
        recipe = replace(recipe, steps=arguments.steps)
    if not recipe.minutes > 0 or (recipe.steps is not None and recipe.steps < 1):
        raise LabError("the training budget must be above 0; give --minutes or --steps.")
    names = [f"{making.NAME}{ending}" for ending in (model.ENDING, model.CARD)]
    folder = outputs.folder(arguments.out or "runs/trained", names)
    made = making.make(
        recipe, arguments.epfl, arguments.data, folder / CHECKPOINTS, _command(arguments), progress
    )
    path = model.save(made, Path(folder))
    return {
        "model": made.name,
        "kind": "detector",
        "file": str(path),
        "minutes": made.card["minutes"],
        "sections": made.card["validation"],
        "ann": made.card["scores"]["ann"],
        "snn": made.card["scores"]["snn"],
        "in_range": made.card["in_range"],
    }


def _command(arguments) -> str:
    words = ["python", "-m", "snnlab", "train", "--kind", "detector"]
    for name in ("minutes", "steps"):
        value = getattr(arguments, name)
        words += [f"--{name}", f"{value:g}"] if value is not None else []
    return shlex.join(words)


def show(answer: dict) -> str:
    """For a person."""
    lines = [f"{answer['model']}, trained {answer['minutes']:.1f} min: {answer['file']}"]
    for key, name in (
        ("ann", "ANN 8 bit"),
        ("snn", f"SNN, {many(answer['snn']['timesteps'], 'step')}"),
    ):
        told = ", ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in answer[key].items())
        lines.append(f"{name}, {answer['sections']}: {told}")
    if answer["in_range"] is not None:
        lines.append(f"{100 * answer['in_range']:.1f} % of the channels' rates in range")
    return "\n".join(lines)
