"""``train``, one model: its stages, its card, its scores.

The run can be stopped and started again: with the same arguments it goes on
from its last checkpoint. Weights and model card are written to ``--out``.
"""

import logging
import shlex
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from snnlab.commands import train_own
from snnlab.data import seen
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets import shelf as model_store
from snnlab.settings import Settings

log = logging.getLogger(__name__)


def make(arguments, progress, cancel=None) -> dict:
    """Train one model, finish, score and write."""
    from snnlab.training import choosing, ranging, recipes, remembering, teaching

    if arguments.images:
        return train_own.make(arguments, progress, cancel)
    if arguments.model not in recipes.PLANS:
        names = ", ".join(recipes.PLANS)
        raise LabError(f"there is no recipe for {arguments.model!r}; choose one of {names}.")
    plan = recipes.PLANS[arguments.model]
    stages = [_recipe(stage, arguments, len(plan.stages)) for stage in plan.stages]
    places = arguments.data, arguments.epfl
    _found(*places)
    data = recipes.data(plan.data, places[0], lambda share, stage: progress(0.0, stage), places[1])
    out = Path(arguments.out)
    begun_from = _start(plan, data, out)
    trained, trainers, made = begun_from, [], []
    for index, recipe in enumerate(stages):
        folder = out / f"{arguments.model}-stage-{index + 1}"
        shown = teaching.softened(data, made, recipe.taught) if recipe.taught else data
        trainers.append(recipes.trainer(recipe, shown, folder, trained))
        trained = trainers[-1].run(
            lambda share, stage, done=index: progress((done + share) / len(stages), stage), cancel
        )
        made.append(trained)
    trained = replace(trained, name=arguments.model)
    images, labels = recipes.finishing_data(plan.data, *places)
    bounds = stages[-1].rates
    if bounds is not None and stages[-1].neuron == "relu":
        trained = ranging.into_bounds(trained, images[::2], bounds)
    finished = trainers[-1].finish(trained, images, labels)
    card = _card(finished, plan, trainers, data, _command(arguments)) | {
        "starts_from": _told(begun_from),
        **({} if begun_from is None else seen.inherited(begun_from.card)),
        "range": bounds and bounds.on_card(),
    }
    finished = replace(finished, card=card)
    finished = choosing.chosen(finished, data.images, data.labels, card["chosen_on"])
    finished = remembering.remembered(finished, remembering.kinds(plan.data, *places))
    card = finished.card
    scored = score(finished, *places)
    model_store.save(replace(finished, card=card | {"scores": scored}), out)
    return {"model": arguments.model, "minutes": card["minutes"], **scored}


def take_classes(arguments) -> None:
    """Name the model of three classes, as ``--kind classes`` does.

    Raises
    ------
    LabError
        If another one is named, or sections without classes.
    """
    from snnlab.training.recipes import CLASSES

    for name in ("models", "images", "labels", "scheduler", "name"):
        if getattr(arguments, name, None):
            raise LabError(f"--{name} does not go with --kind classes; leave it out.")
    if arguments.model not in (None, CLASSES):
        raise LabError(f"--kind classes makes {CLASSES}; leave --model out.")
    arguments.model = CLASSES


def _found(folder: str | None, epfl_folder: str | None) -> None:
    """Look for the folders that will be scored on, so that a mistake is said before training.

    Raises
    ------
    LabError
    """
    from snnlab.data import epfl, isbi

    isbi.find(folder)
    epfl.find(epfl_folder, folder)


def _start(plan, data, out: Path):
    """The model that a plan starts from, if any: of this folder if it is there, else shipped.

    One that saw sections on which the new one's checkpoints are chosen makes that choice less
    honest, and the log says so.
    """
    from snnlab.nets import model

    if not plan.start:
        return None
    here = plan.start in model.available(out)
    found = model.load(plan.start, out) if here else lab.model(plan.start)
    apart = set(data.name.split("; ")) - set(found.card.get("data", "").split("; "))
    if plan.data != "synthetic" and apart:
        log.warning(
            "%s, which this starts from, was trained on %s, and not on %s; train it first, into"
            " the same folder, to keep the sections apart.",
            plan.start, found.card.get("data", "unknown sections"), data.name,
        )  # fmt: skip
    return found


def _told(begun_from) -> str:
    if begun_from is None:
        return "random weights"
    data = begun_from.card.get("data", "unknown sections")
    return f"{begun_from.name} ({begun_from.digest[:12]}, trained on {data})"


def _command(arguments) -> str:
    words = ["python", "-m", "snnlab", "train", "--model", arguments.model]
    if arguments.range:
        words += ["--range", *(f"{value:g}" for value in arguments.range)]
    for name in ("percentile", "minutes", "steps"):
        value = getattr(arguments, name)
        words += [f"--{name}", f"{value:g}"] if value is not None else []
    return shlex.join(words)


def _recipe(recipe, arguments, stages: int):
    """A stage of the plan, with what the user asked for."""
    if arguments.minutes is not None:
        recipe = replace(recipe, minutes=arguments.minutes / stages, steps=None)
    if arguments.steps is not None:
        recipe = replace(recipe, steps=-(-arguments.steps // stages))
    if arguments.range or arguments.percentile:
        from snnlab.training.regulariser import RateRange

        rates = recipe.rates or RateRange()
        lower, upper = arguments.range or (rates.lower_hz, rates.upper_hz)
        # Settings checks what a person may type
        checked = Settings(
            percentile=arguments.percentile or rates.percentile, lower_hz=lower, upper_hz=upper
        )
        recipe = replace(
            recipe,
            rates=replace(
                rates,
                lower_hz=checked.lower_hz,
                upper_hz=checked.upper_hz,
                percentile=checked.percentile,
            ),
            rate_hz=checked.upper_hz,
        )
    if (recipe.minutes or 0) <= 0 or (recipe.steps is not None and recipe.steps < 1):
        raise LabError("the training budget must be above 0; give --minutes or --steps.")
    return recipe


def _card(finished, plan, trainers, data, command: str) -> dict:
    """The model card."""
    from snnlab.data import epfl, isbi
    from snnlab.training import recipes

    known = {"isbi": isbi, "epfl": epfl}
    real = [known[one] for one in recipes.SETS[plan.data] if one in known]
    chosen_on, reported_on = recipes.blocks(plan.data)
    bounds = trainers[-1].recipe.rates
    settings = dict(plan.settings)
    if bounds is not None:
        settings.setdefault("percentile", bounds.percentile)
        settings.setdefault("lower_hz", bounds.lower_hz)
        settings.setdefault("upper_hz", bounds.upper_hz)
    return {
        "name": finished.name,
        "summary": plan.summary,
        "not": plan.limits,
        "weights": finished.weights,
        "bits": 8,
        "data": data.name,
        "chosen_on": chosen_on,
        "validation": reported_on,
        "licence_of_the_data": " ".join(one.LICENCE for one in real) or "generated by this project",
        "citation": "; ".join(one.CITATION for one in real),
        "command": command,
        "minutes": round(sum(trainer.spent for trainer in trainers) / 60, 1),
        "settings": settings,
        **recipes.scales(plan.data),
        "stages": [
            {
                "recipe": asdict(trainer.recipe),
                "steps": trainer.done_steps,
                "minutes": round(trainer.spent / 60, 1),
                "history": trainer.history,
            }
            for trainer in trainers
        ],
    }


def score(finished, folder: str | None, epfl_folder: str | None = None) -> dict:
    """Scores on sections 18..23, ANN and SNN, and the share of neurons in range.

    Without an ISBI folder (a model trained on synthetic data alone) synthetic
    sections are scored that nothing was chosen on, and the answer says so. Of a
    model that is to travel, the EPFL slices 161..164 are scored as well, if there
    is their folder: a training without them is not lost for that.
    """
    from snnlab.data import epfl, isbi
    from snnlab.training import choosing, few_steps, ranging, recipes, scoring, tissues, worth
    from snnlab.training.regulariser import RateRange

    if isbi.find(folder):
        images, labels = recipes.real(folder, isbi.REPORT)
        sections = recipes.blocks("isbi")[1]
    else:
        images, labels = recipes.held_out(recipes.REPORT)
        sections = recipes.blocks("synthetic")[1]
    settings = Settings(**(finished.card["settings"] | {"model": "unnamed"}))
    counts = {settings.timesteps}
    if settings.method in few_steps.FEW_STEPS:
        counts |= {*few_steps.SCORED}
    ann, snn = scoring.marks(finished, images, labels, settings, sorted(counts))
    asked, inside = finished.card["range"], None
    if asked is not None:
        inside = ranging.kept(finished, images, RateRange(**asked))
        inside = {key: inside[key] for key in ("section", "all")}
    answer = {
        "sections": sections,
        "ann": scoring.told(ann),
        "snn": scoring.told(snn[settings.timesteps]),
        "constant": worth.constant(labels),
        "in_range": inside,
    }
    answer["warning"] = worth.warning(*(answer[key] for key in ("ann", "snn", "constant")))
    if choosing.kind(finished) in recipes.TRAVELLING and epfl.find(epfl_folder, folder):
        volume = tissues.slices(epfl_folder, folder)
        cut = [tissues.labelled(volume, number) for number in volume.of(epfl.REPORT)]
        both = scoring.both(finished, *map(np.stack, zip(*cut, strict=True)), settings)
        answer["elsewhere"] = {
            epfl.named(epfl.REPORT): dict(zip(("ann", "snn"), both, strict=True))
        }
    if len(snn) > 1:
        answer["snn_by_timesteps"] = {
            str(steps): scoring.told(scored) for steps, scored in snn.items()
        }
    return answer
