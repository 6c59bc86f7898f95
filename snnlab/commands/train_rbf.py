"""``train --kind rbf``: an RBF network, on ISBI's or own sections, within seconds.

Of own sections that are labelled densely a part is held out and scored, as for the U-Nets; of
scribbles all is trained on, and there is nothing left to score.
"""

import time
from pathlib import Path

import numpy as np

from snnlab.commands import outputs, own_sections
from snnlab.commands.images import choice_of, ignored_of, nm_of, tell
from snnlab.errors import LabError
from snnlab.lab import rbf as lab
from snnlab.lab import segmenting
from snnlab.nets import rbf_files, shelf

DENSE = 0.5  # share of the pixels from which on sections are labelled densely
OTHERS = ("models", "range", "percentile", "minutes", "steps", "scheduler")  # of spiking networks
UNSCORED = "All labelled pixels were used for training, so there is nothing left to score with."
NO_SPIKES = "An RBF network does not spike: snn and in_range are null."


def run(arguments, progress) -> dict:
    """Train and write.

    Raises
    ------
    LabError
    """
    for name in OTHERS:
        if getattr(arguments, name) is not None:
            raise LabError(f"--{name} goes with --kind unet; leave it out for an RBF network.")
    if arguments.estimate:
        raise LabError("--estimate goes with --kind unet; an RBF network trains in seconds.")
    name = shelf.check_name(arguments.name or ("own-rbf" if arguments.images else "rbf"))
    own_sections.prepare(arguments)
    folder = outputs.folder(arguments.out or "runs/trained", [f"{name}{lab.ENDING}"])
    begun = time.perf_counter()
    made = _own(arguments, name, progress) if arguments.images else _isbi(arguments, name, progress)
    model, sections, scores, notes = made
    path = folder / f"{name}{lab.ENDING}"
    try:
        rbf_files.save(model, path)
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{path} cannot be written: {reason}; name another --out.") from error
    a1, a2 = model.mixture
    return {
        "model": name,
        "kind": "rbf",
        "file": str(path),
        "minutes": (time.perf_counter() - begun) / 60,
        "sections": sections,
        "labelled_pixels": model.card["labelled_pixels"],
        "units": model.units,
        "mixture": {"a1": a1, "a2": a2, "euclid": model.card["mixture"][-1]["euclid"]},
        "ann": scores,
        "snn": None,
        "in_range": None,
        "notes": [*notes, NO_SPIKES],
    }


def _recipe(arguments):
    from snnlab.training.rbf.making import Recipe

    units = Recipe.units if arguments.units is None else arguments.units
    if not 2 <= units <= rbf_files.UNITS:
        raise LabError(f"--units takes a whole number from 2 to {rbf_files.UNITS}.")
    return Recipe(units=units, seed=arguments.seed)


def _isbi(arguments, name: str, progress):
    """Trained on 0..14, its threshold chosen on 15..17, scored on 18..23."""
    from snnlab.data import isbi
    from snnlab.training import recipes, scoring

    recipe = _recipe(arguments)
    images, labels = recipes.real(arguments.data, isbi.TRAINING)
    model = lab.train(list(zip(images, labels, strict=True)), name, recipe, progress)
    chosen = lab.scored(model, *recipes.real(arguments.data, isbi.CHOICE))
    model = lab.carded(
        model,
        summary=f"An RBF network of {model.units} units: a pixel classifier.",
        data=isbi.named(isbi.TRAINING),
        chosen_on=isbi.named(isbi.CHOICE),
        licence_of_the_data=isbi.LICENCE,
        citation=isbi.CITATION,
        settings={"threshold": chosen.best_threshold},
        **{"not": lab.LIMITS},
    )
    scores = lab.scored(model, *recipes.real(arguments.data, isbi.REPORT))
    said = isbi.named(isbi.REPORT)
    told = scoring.as_told(scores)
    return lab.carded(model, scores={"sections": said, "ann": told}), said, told, []


def _own(arguments, name: str, progress):
    from snnlab.training import scoring

    recipe = _recipe(arguments)
    if not arguments.quiet:
        own_sections.show(arguments)
    sections = lab.sections_of(_pictures(arguments))
    labelled = sum(int(np.sum(labels >= 0)) for _, labels in sections)
    scores, split, notes = None, "none held out", [UNSCORED]
    if labelled > DENSE * sum(labels.size for _, labels in sections):
        own = own_sections.read(arguments)
        sections, split, notes = own.train, own.split, list(own.notes)
    if not arguments.quiet:
        tell(notes)
    model = lab.train(sections, name, recipe, progress)
    model = lab.carded(
        model,
        summary=f"An RBF network of {model.units} units, trained on own sections.",
        data=f"own data: {len(sections)} sections, {split}",
        settings={"threshold": 0.5},
        **{"not": lab.LIMITS},
    )
    if scores is None and notes != [UNSCORED]:
        scores = scoring.as_told(lab.scored(model, *own.for_scores()))
        model = lab.carded(model, scores={"sections": split, "ann": scores})
    return model, split, scores, notes


def _pictures(arguments) -> list:
    """Every section of every pair of files, with its labels."""
    found = []
    for image, truth in zip(arguments.images, arguments.labels, strict=True):
        section, sections = 0, 1
        while section < sections:
            picture = segmenting.upload(
                Path(image), Path(image).name, section, Path(truth), Path(truth).name,
                arguments.invert_labels, nm_of(arguments), choice_of(arguments),
                ignored_of(arguments), arguments.invert, choice_of(arguments, "labels_"),
            )  # fmt: skip
            found.append(picture)
            section, sections = section + 1, picture.sections
    return found


def show(answer: dict) -> str:
    """For a person."""
    mixture = answer["mixture"]
    lines = [
        f"{answer['model']}, {answer['units']} units, trained {60 * answer['minutes']:.1f} s on"
        f" {answer['labelled_pixels']} labelled pixels: {answer['file']}",
        f"phi = {mixture['a1']:.2f} Euclid + {mixture['a2']:.2f} cosine:"
        f" {100 * mixture['euclid']:.0f} % of the output from the Euclidean kernel",
    ]
    if answer["ann"] is not None:
        told = ", ".join(f"{key} {value:.4f}" for key, value in answer["ann"].items())
        lines.append(f"{answer['sections']}: {told}")
    return "\n".join([*lines, *answer["notes"]])
