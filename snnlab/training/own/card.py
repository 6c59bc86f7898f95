"""From what was trained on own sections to a model with its card and scores."""

from collections.abc import Callable
from dataclasses import asdict, replace

from snnlab.data import seen
from snnlab.data.own import OwnData
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.training import ranging, recipes, scoring, worth
from snnlab.training.own.order import Order
from snnlab.training.regulariser import RateRange
from snnlab.training.remembering import Sections, remembered


def finished(order: Order, own: OwnData, model: Model, trainers: list) -> Model:
    """Set readout and rates on the training data, and write the card.

    Parameters
    ----------
    trainers : list of Trainer
        Of all stages, the last of which trained the model.
    """
    images, labels = own.for_finishing()
    recipe = trainers[-1].recipe
    asked = recipe.rates and recipe.rates.on_card()
    if recipe.rates and recipe.neuron == "relu" and not recipe.trained_thresholds:
        model = ranging.into_bounds(model, images, recipe.rates)
    model = trainers[-1].finish(model, images, labels)
    plan = recipes.PLANS[order.kind]
    settings = dict(plan.settings)
    for key, value in (asked or {}).items():
        settings.setdefault(key, value)
    made = replace(
        model,
        card={
            "name": order.name,
            "summary": f"Trained from scratch on own sections; otherwise as {order.kind}:"
            f" {plan.summary[:1].lower()}{plan.summary[1:]}",
            "not": "It knows the sections that it was trained on and what resembles them.",
            "weights": model.weights,
            "bits": 8,
            "data": own.for_training().name,
            "data_sha256": own.digest,
            seen.OWN: seen.on_card(own.seen),
            "nm": own.nm,
            "notes": list(own.notes),
            "validation": own.split,
            "starts_from": "random weights",
            "licence_of_the_data": "that of the sections, which whoever trained it has to know",
            "citation": "",
            "order": asdict(order),
            "minutes": round(sum(trainer.spent for trainer in trainers) / 60, 1),
            "settings": settings,
            "range": asked,
            "stages": [
                {
                    "recipe": asdict(trainer.recipe),
                    "steps": trainer.done_steps,
                    "minutes": round(trainer.spent / 60, 1),
                    "history": trainer.history,
                }
                for trainer in trainers
            ],
        },
    )
    known = Sections.plain
    apart = known(own.for_scores()[0], made.card["validation"])
    return remembered(made, [(known(images, made.card["data"]), apart)])


def scored_on(model: Model, own: OwnData, cancel: Callable[[], bool] | None = None) -> dict:
    """Scores on what was held out, ANN, SNN and of no net at all, and the neurons in range.

    Raises
    ------
    Cancelled
        If ``cancel()`` said so.
    """
    images, labels = own.for_scores()
    settings = Settings(**(model.card["settings"] | {"model": "unnamed"}))
    ann, snn = scoring.both(model, images, labels, settings, cancel)
    constant = worth.constant(labels, cancel)
    height, width = images.shape[1:]
    count = f"{len(images)} window{'s' if len(images) > 1 else ''} of {width} x {height} pixels"
    asked, inside, where = model.card["range"], None, None
    if asked is not None:
        held = min(images.shape[1:]) >= ranging.TILE // 2
        sections = images if held else own.for_finishing()[0]
        where = "held out" if held else "trained on, as too little is held out"
        found = ranging.kept(model, sections, RateRange(**asked))
        inside = {key: found[key] for key in ("section", "all")}
    return {
        "sections": f"{own.split}: {count}",
        "ann": ann,
        "snn": snn,
        "constant": constant,
        "warning": worth.warning(ann, snn, constant),
        "in_range": inside,
        "in_range_of": where,
    }
