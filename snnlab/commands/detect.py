"""``detect``: boxes around the things in an image, by ANN and SNN."""

import math
from dataclasses import asdict, replace
from pathlib import Path

from snnlab.commands import outputs
from snnlab.commands.images import ACCEPTED, add_choice, choice_of, nm_of, tell
from snnlab.errors import LabError, many
from snnlab.export import boxes
from snnlab.lab import detecting as lab
from snnlab.lab import segmenting

WRITTEN = {".csv": boxes.csv, ".json": boxes.coco}


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "detect", parents=[shared], help="find mitochondria in an image, by ANN and SNN"
    )
    add = command.add_argument
    add("image", metavar="IMAGE", help=ACCEPTED)
    add("--section", type=int, default=0, help="of a stack, from 0")
    add("--nm", metavar="NM", help="width of a pixel, or width x height such as 4x6")
    add("--as-is", action="store_true", help="leave the pixels as they are, whatever their size")
    add("--invert", action="store_true", help="swap dark and light, for light membranes")
    add_choice(command)
    add("--model", default=lab.DEFAULT, help="a detector, or the file of one that was trained")
    add(
        "--boxes",
        metavar="FILE",
        help="boxes to score with: COCO JSON, CSV, or a mask of numbered things",
    )
    add("--score", type=float, metavar="X", help="least score of a box that is listed")
    add(
        "--out",
        metavar="FILE",
        help="the SNN's boxes as a table (.csv), or as COCO has them (.json)",
    )
    add("--method", choices=lab.METHODS)
    add("--simulator")
    add("--timesteps", type=int, metavar="T")
    add("--percentile", type=float, metavar="P")
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    add("--reset", choices=("subtraction", "zero"))
    add("--synapse", type=float, metavar="MS", help="low-pass time constant; 0: none")
    command.set_defaults(run=run, show=show)


def _settings(arguments):
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
        "threshold": arguments.score,
    }
    known = lab.defaults(lab.opened(arguments.model))
    return known.replace(**{key: value for key, value in asked.items() if value is not None})


def run(arguments) -> dict:
    """Look for things; scores of both networks if there are boxes."""
    from snnlab.commands.cli import progress_line

    if arguments.out and Path(arguments.out).suffix not in WRITTEN:
        raise LabError(f"--out takes a file that ends in {' or '.join(WRITTEN)}.")
    if arguments.out:
        outputs.file(arguments.out, "--out")
    settings = _settings(arguments).replace(source="upload", section=max(arguments.section, 0))
    nm = nm_of(arguments)
    path = Path(arguments.image)
    picture = segmenting.upload(
        path, path.name, arguments.section, choice=choice_of(arguments), negative=arguments.invert
    )
    if picture.blank:
        raise LabError(
            f"section {picture.section} of {path.name} is blank; choose another section."
        )
    notes, truth = list(picture.notes), None
    if arguments.boxes:
        own = lab.own(Path(arguments.boxes), Path(arguments.boxes).name, picture)
        truth, notes = own.boxes, [*notes, *own.notes]
    progress = None if arguments.quiet else progress_line
    found = lab.detect(picture, settings, nm, arguments.as_is, progress)
    notes += found.notes
    tell(notes)
    height, width = picture.file_shape or picture.pixels.shape
    if arguments.out:
        _write(Path(arguments.out), picture, nm, found, settings.threshold)
    return {
        "image": {
            "path": arguments.image,
            "section": picture.section,
            "sections": picture.sections,
            "shape": [height, width],
        },
        "notes": notes,
        "settings": asdict(settings),
        "ann": _told(found.ann, None, truth, settings.threshold) | {"seconds": found.ann_seconds},
        "snn": _told(found.snn, found.settled, truth, settings.threshold)
        | {
            "timesteps": settings.timesteps,
            "spikes": found.spikes,
            "neurons": found.neurons,
            "synaptic_events": found.events,
            "seconds": found.snn_seconds,
            "conversion_seconds": found.conversion_seconds,
        },
    }


def _write(path: Path, picture, nm, found, score: float) -> None:
    """The SNN's boxes of at least a score.

    Raises
    ------
    LabError
    """
    sized = picture if nm is None else replace(picture, nm=nm, file_nm=None)
    listed = lab.listed_boxes(sized, found, "snn", score)
    try:
        path.write_text(WRITTEN[path.suffix]([listed]), "utf-8")
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{path} cannot be written: {reason}; name another --out.") from error


def _told(found, settled, truth, score: float) -> dict:
    """Boxes of at least a score, and how good all of them are."""
    rows = []
    for at in range(len(found.above(score))):
        x0, y0, x1, y1 = (float(one) for one in found.boxes[at])
        rows.append(
            {
                "x": x0,
                "y": y0,
                "width": x1 - x0,
                "height": y1 - y0,
                "score": float(found.scores[at]),
                "step": None if settled is None else int(settled[at]),
            }
        )
    answer = {"average_precision_50": None, "boxes": rows}
    if truth is not None:
        scored = asdict(lab.scored(found, truth, score))
        del scored["score"]
        answer |= {k: None if math.isnan(v) else v for k, v in scored.items()}
        answer["count"], answer["count_in_boxes"] = len(rows), len(truth)
    return answer


def show(answer: dict) -> str:
    """For a person."""
    settings, snn = answer["settings"], answer["snn"]
    lines = [
        f"{answer['image']['path']}, {settings['model']}, boxes from {settings['threshold']:.2f} on"
    ]
    for key, name in (("ann", "ANN"), ("snn", "SNN")):
        part = answer[key]
        lines.append(f"{name}: {part['seconds']:.2f} s, boxes: {len(part['boxes'])}")
        if part["average_precision_50"] is not None:
            lines[-1] += (
                f"; AP50 {part['average_precision_50']:.4f},"
                f" AP75 {part['average_precision_75']:.4f}, precision {part['precision']:.2f},"
                f" recall {part['recall']:.2f}"
            )
    lines.append(
        f"{many(snn['timesteps'], 'step')}, {snn['spikes']} spikes, {snn['synaptic_events']:.0f}"
        " synaptic events"
    )
    lines += (
        [f"{'x':>8}{'y':>8}{'width':>8}{'height':>8}{'score':>8}{'step':>6}"]
        if snn["boxes"]
        else []
    )
    lines += [
        f"{row['x']:8.1f}{row['y']:8.1f}{row['width']:8.1f}{row['height']:8.1f}{row['score']:8.2f}"
        f"{row['step']:6d}"
        for row in snn["boxes"]
    ]
    return "\n".join(lines)
