"""``train``: make one of the shipped models anew, or one like it with other rate bounds.

The run can be stopped and started again: with the same arguments it goes on
from its last checkpoint. Weights and model card are written to ``--out``. Several
models at once, and own sections, are in the modules beside this one.
"""

import shlex
from dataclasses import asdict, replace
from pathlib import Path

from snnlab.commands import train_own, train_several
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings

SCORES = ("pixel_accuracy", "dice", "iou", "v_rand", "v_info")


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser("train", parents=[shared], help="train a model, resumable")
    add = command.add_argument
    add("--model", default="regularised", help="one of those that are shipped")
    add("--percentile", type=float, metavar="P", help="of the rate bounds")
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    add("--minutes", type=float, metavar="M")
    add("--steps", type=int, metavar="N", help="in place of minutes: a run that can be repeated")
    add("--data", metavar="DIR", help="ISBI folder; default $SNNLAB_DATA")
    add("--out", metavar="DIR", help="default runs/trained; of own sections, the lab's models")
    train_several.add_arguments(add)
    train_own.add_arguments(add)
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Train what is asked for: one model or several, on these sections or those."""
    from snnlab.commands.cli import progress_line

    progress = (lambda fraction, stage: None) if arguments.quiet else progress_line
    several = train_several.names(arguments)
    train_own.prepare(arguments)
    arguments.out = arguments.out or "runs/trained"
    if several:
        if arguments.estimate:
            raise LabError("--estimate is for one model; name it with --model.")
        return train_several.run(arguments, progress)
    if arguments.images:
        return train_own.run(arguments, progress)
    return make(arguments, progress)


def make(arguments, progress, cancel=None) -> dict:
    """Train one model, finish, score and write."""
    from snnlab.nets import model
    from snnlab.training import ranging, recipes, teaching

    if arguments.images:
        return train_own.make(arguments, progress, cancel)
    if arguments.model not in recipes.PLANS:
        names = ", ".join(recipes.PLANS)
        raise LabError(f"there is no recipe for {arguments.model!r}; choose one of {names}.")
    plan = recipes.PLANS[arguments.model]
    stages = [_recipe(stage, arguments, len(plan.stages)) for stage in plan.stages]
    data = recipes.data(plan.data, arguments.data, lambda share, stage: progress(0.0, stage))
    out = Path(arguments.out)
    trained, trainers, made = lab.model(plan.start) if plan.start else None, [], []
    for index, recipe in enumerate(stages):
        folder = out / f"{arguments.model}-stage-{index + 1}"
        shown = teaching.softened(data, made, recipe.taught) if recipe.taught else data
        trainers.append(recipes.trainer(recipe, shown, folder, trained))
        trained = trainers[-1].run(
            lambda share, stage, done=index: progress((done + share) / len(stages), stage), cancel
        )
        made.append(trained)
    trained = replace(trained, name=arguments.model)
    images, labels = recipes.finishing_data(plan.data, arguments.data)
    bounds = stages[-1].rates
    if bounds is not None and stages[-1].neuron == "relu":
        trained = ranging.into_bounds(trained, images[::2], bounds)
    finished = trainers[-1].finish(trained, images, labels)
    card = _card(finished, plan, trainers, data, _command(arguments)) | {
        "range": bounds and bounds.on_card()
    }
    finished = replace(finished, card=card)
    scored = score(finished, arguments.data)
    model.save(replace(finished, card=card | {"scores": scored}), out)
    return {"model": arguments.model, "minutes": card["minutes"], **scored}


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
        recipe = replace(recipe, minutes=arguments.minutes / stages)
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
    from snnlab.data import isbi

    real = plan.data != "synthetic"
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
        "validation": "ISBI 2012 sections 18..23" if real else "synthetic, seeds 900..903",
        "starts_from": plan.start or "random weights",
        "licence_of_the_data": isbi.LICENCE if real else "generated by this project",
        "citation": isbi.CITATION if real else "",
        "command": command,
        "minutes": round(sum(trainer.spent for trainer in trainers) / 60, 1),
        "settings": settings,
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


def score(finished, folder: str | None) -> dict:
    """Scores on sections 18..23, ANN and SNN, and the share of neurons in range.

    Without an ISBI folder (a model trained on synthetic data alone) the held
    out synthetic sections are scored, and the answer says so.
    """
    import numpy as np

    from snnlab import conversion, simulation
    from snnlab.data import isbi
    from snnlab.nets import inference
    from snnlab.results import metrics
    from snnlab.results.segmentation import window_start
    from snnlab.training import few_steps, ranging, recipes, worth
    from snnlab.training.regulariser import RateRange

    if isbi.find(folder):
        images, labels = recipes.real(folder, isbi.VALIDATION)
        sections = "ISBI 2012 sections 18..23"
    else:
        images, labels = recipes.held_out()
        sections = "synthetic sections, seeds 900..903"
    settings = Settings(**(finished.card["settings"] | {"model": "unnamed"}))
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    counts = {settings.timesteps}
    if settings.method in few_steps.FEW_STEPS:
        counts |= {*few_steps.SCORED}
    ann, snn = [], {steps: [] for steps in sorted(counts)}
    for image, truth in zip(images, labels, strict=True):
        ann.append(metrics.score(inference.segment(finished, image).probability, truth))
        network = convert(finished, image, settings)
        recording = simulator.run(network, max(counts))
        for steps, scored in snn.items():
            start = window_start(steps, settings)
            scored.append(metrics.score(network.probability(recording, start, steps), truth))

    def mean(scored):
        return {key: float(np.mean([asdict(s)[key] for s in scored])) for key in SCORES}

    asked, inside = finished.card["range"], None
    if asked is not None:
        inside = ranging.kept(finished, images, RateRange(**asked))
        inside = {key: inside[key] for key in ("section", "all")}
    answer = {
        "sections": sections,
        "ann": mean(ann),
        "snn": mean(snn[settings.timesteps]),
        "constant": worth.constant(labels),
        "in_range": inside,
    }
    answer["warning"] = worth.warning(*(answer[key] for key in ("ann", "snn", "constant")))
    if len(snn) > 1:
        answer["snn_by_timesteps"] = {str(steps): mean(scored) for steps, scored in snn.items()}
    return answer


def show(answer: dict) -> str:
    """For a person."""
    if "models" in answer:
        return train_several.show(answer, show)
    if "estimate" in answer:
        return answer["told"]
    lines = [f"{answer['model']}, trained {answer['minutes']:.1f} min, on {answer['sections']}:"]
    for key, name in (("ann", "ANN 8 bit"), ("snn", "SNN")):
        lines.append(f"{name}: " + ", ".join(f"{k} {v:.4f}" for k, v in answer[key].items()))
    for steps, scores in answer.get("snn_by_timesteps", {}).items():
        told = ", ".join(f"{k} {scores[k]:.4f}" for k in ("pixel_accuracy", "v_rand"))
        lines.append(f"SNN, {steps} steps: {told}")
    if answer["in_range"] is not None:
        section, tile = (100 * answer["in_range"][key] for key in ("section", "all"))
        lines.append(f"{section:.2f} % of a section's neurons in range, {tile:.2f} % of a tile's")
    if answer.get("warning"):
        lines.append(f"WARNING: {answer['warning']}")
    return "\n".join(lines)
