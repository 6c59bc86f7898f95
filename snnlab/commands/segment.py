"""``segment``: one image by ANN and SNN, the same numbers as the page."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from snnlab.commands import outputs, segment_classes, segment_rbf
from snnlab.commands.images import ACCEPTED, add_labels, add_pixels, notes_of, pictures_of, tell
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import classes as lab_classes
from snnlab.lab import rbf, trying
from snnlab.lab import segmenting as lab
from snnlab.lab.classes import Classes
from snnlab.nets.model import SCORES
from snnlab.results import familiar, flattering, mute
from snnlab.results.segmentation import Segmentation
from snnlab.settings import DEFAULT_MODEL

WRITTEN = ("ann.tif", "snn.tif", "ann-mask.png", "snn-mask.png", "report.html")


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "segment",
        parents=[shared],
        help="segment an image by ANN and SNN, or with --model rbf:FILE by an RBF network",
    )
    add = command.add_argument
    add("image", metavar="IMAGE", help=ACCEPTED)
    add("--section", type=int, default=0, help="of a stack, from 0")
    add_pixels(command)
    add_labels(command)
    segment_classes.add(command)
    add("--out", metavar="DIR", help="write TIFFs, mask PNGs and a report there")
    add_settings(command)
    command.set_defaults(run=run, show=show)


def add_settings(command) -> None:
    """Arguments of a run; what is not given is as suits the model."""
    add = command.add_argument
    add("--model", default=DEFAULT_MODEL)
    add("--method")
    add("--simulator")
    add("--timesteps", type=int, metavar="T")
    add("--percentile", type=float, metavar="P")
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    add("--reset", choices=("subtraction", "zero"))
    add("--synapse", type=float, metavar="MS", help="low-pass time constant; 0: none")
    add("--initial", type=float, metavar="V", help="potential at the start, in thresholds, 0..1")
    add("--input", choices=("current", "poisson"), help="how the image enters the network")
    add(
        "--threshold",
        type=float,
        help="probability above which a pixel is cell; for both networks if it is the only one",
    )
    add("--ann-threshold", type=float, metavar="X", help="of the ANN")
    add("--seed", type=int)


def settings_of(arguments):
    """The settings that the arguments ask for."""
    settings = lab.defaults(arguments.model)
    lower, upper = arguments.range or (None, None)
    asked = {
        "method": arguments.method,
        "simulator": arguments.simulator,
        "timesteps": arguments.timesteps,
        "percentile": arguments.percentile,
        "lower_hz": lower,
        "upper_hz": upper,
        "reset": arguments.reset,
        "synapse_ms": arguments.synapse,
        "initial": arguments.initial,
        "input": arguments.input,
        "threshold": arguments.threshold,
        "ann_threshold": arguments.ann_threshold,
        "seed": arguments.seed,
    }
    chosen = settings.replace(**{k: v for k, v in asked.items() if v is not None})
    lab.check(chosen)
    return chosen


def run(arguments) -> dict:
    """Segment; settings, scores of both networks if there are labels, and layers."""
    from snnlab.commands.cli import progress_line

    if rbf.named(arguments.model):
        if arguments.mitochondria is not None:
            raise LabError("--mitochondria needs a model of three classes; choose organelles.")
        return segment_rbf.run(arguments)
    if arguments.out:
        outputs.folder(arguments.out, (*WRITTEN, *segment_classes.WRITTEN))
    settings = settings_of(arguments).replace(source="upload", section=max(arguments.section, 0))
    (picture,) = pictures_of(arguments, [arguments.section], blank=True)
    mitochondria = segment_classes.labels(arguments, picture)
    result = lab.segment(picture, settings, None if arguments.quiet else progress_line)
    classes = lab_classes.found(result, mitochondria)
    notes = []
    if result.labels_look_inverted:
        turned = "leave --invert-labels out" if picture.inverted else "give --invert-labels"
        notes.append(f"The labels look inverted: the ANN fits their opposite far better; {turned}.")
    if not picture.blank and mute.is_mute(result):
        notes.append(mute.told(lab.model(settings.model), result.image, settings))
    if (known := result.familiarity) is not None and known.word != "familiar":
        notes.append(familiar.told(known, picture))
        for other in trying.known_to(picture, settings.model)[:1]:
            notes.append(familiar.known_to(other.way, other.found.value))
    if picture.labels is not None:
        card = lab.about(settings.model).card
        flattered = flattering.told(settings.model, card, settings.source, picture.in_the_file)
        notes += [flattered] if flattered else []
    tell(notes)
    if arguments.out:
        write(result, Path(arguments.out), classes)
    told = answer(result, arguments.image, (*notes_of(picture), *notes))
    return told | {"classes": segment_classes.answer(classes)}


def answer(result: Segmentation, path: str, notes: Sequence[str] = ()) -> dict:
    """The result as plain numbers; of a blank section, without any that depend on pixels."""
    agreement = result.agreement()
    ann = {"seconds": result.ann_seconds}
    snn = {
        "seconds": result.snn_seconds,
        "timesteps": result.timesteps,
        "spikes": result.spikes,
        "mean_rate_hz": result.mean_rate_hz,
        "synaptic_events": result.synaptic_events,
        "agreement_with_ann": None if np.isnan(agreement) else agreement,
    }
    for target, scores in ((ann, result.ann_scores), (snn, result.snn_scores)):
        if scores is not None:
            target.update({key: asdict(scores)[key] for key in SCORES})
    picture = result.picture
    return {
        "image": segment_rbf.described(picture, path),
        "notes": list(notes),
        "familiarity": familiar.on_json(result.familiarity),
        "settings": asdict(result.settings),
        "ann": ann,
        "snn": snn,
        "layers": [
            {
                "name": layer.name,
                "neurons": layer.neurons,
                "mean_rate_hz": layer.mean_rate_hz,
                "p999_rate_hz": layer.percentile_hz(99.9),
                "spikes": layer.spikes,
            }
            for layer in result.layers
        ],
    }


def write(result: Segmentation, folder: Path, classes: Classes | None = None) -> None:
    """Probabilities as float32 TIFF, masks at the threshold as PNG, classes, and a report.

    Raises
    ------
    LabError
    """
    from snnlab.export import pictures, report

    picture, own = result.picture, result.settings
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shown = ("ann", result.ann, own.ann_at), ("snn", result.snn(), own.threshold)
        for name, found, at in shown:
            probability, tissue = picture.in_file(found), picture.tissue_in_file
            tiff = pictures.probability_tiff(probability, picture.nm_in_file, tissue)
            (folder / f"{name}.tif").write_bytes(tiff)
            mask = pictures.mask_png(probability, at, tissue)
            (folder / f"{name}-mask.png").write_bytes(mask)
        if classes is not None:
            segment_classes.write(classes, result, folder)
        (folder / "report.html").write_bytes(report.html(result, lab.model(result.settings.model)))
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{folder} cannot be written: {reason}; name another --out.") from error


def show(answer: dict) -> str:
    """For a person."""
    if answer["snn"] is None:
        return segment_rbf.show(answer)
    lines = [f"{answer['image']['path']}, {answer['settings']['model']}"]
    known = answer["familiarity"]
    if known["value"] is not None:
        lines[0] += f": {known['word']} ({known['value']:.2f})"
    for key, name in (("ann", "ANN"), ("snn", "SNN")):
        part = answer[key]
        scores = ", ".join(f"{s} {part[s]:.4f}" for s in SCORES if s in part)
        lines.append(f"{name}: {part['seconds']:.2f} s" + (f", {scores}" if scores else ""))
    snn = answer["snn"]
    lines.append(
        f"{many(snn['timesteps'], 'step')}, {snn['spikes']} spikes,"
        f" mean rate {snn['mean_rate_hz']:.1f} Hz, {snn['synaptic_events']} synaptic events"
    )
    if snn["agreement_with_ann"] is not None:
        lines[-1] += f", agreement with the ANN {100 * snn['agreement_with_ann']:.2f} %"
    if answer["classes"] is not None:
        lines += segment_classes.show(answer["classes"])
    return "\n".join(lines)
