"""``detect``: boxes around the things in an image, by ANN and SNN."""

import math
from dataclasses import asdict, replace
from pathlib import Path

from snnlab.commands import outputs
from snnlab.commands.images import ACCEPTED, add_choice, choice_of, nm_of, tell
from snnlab.errors import LabError, many
from snnlab.export import boxes
from snnlab.figures.numbers import joules
from snnlab.lab import counting, detecting_chips, detecting_cost, segmenting
from snnlab.lab import detecting as lab

WRITTEN = {".csv": boxes.csv, ".json": boxes.coco}


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "detect", parents=[shared], help="find mitochondria in an image, by ANN and SNN"
    )
    add = command.add_argument
    add("image", metavar="IMAGE", help=ACCEPTED)
    add("--section", type=int, default=0, help="of a stack, from 0")
    add("--sections", metavar="all", choices=("all",), help="count in all sections of a stack")
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
    add("--tile", type=int, metavar="N", choices=detecting_chips.SIDES,
        help="also lay a tile of so many pixels out over Loihi's cores and chips")  # fmt: skip
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
    if arguments.sections:
        return _every(arguments, settings, picture, nm)
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
        _write(Path(arguments.out), [(picture, found)], nm, settings.threshold)
    tiled = {}
    if arguments.tile:
        laid = detecting_chips.laid(picture, settings.model, arguments.tile, nm, progress)
        tiled = {"chips": asdict(laid) | {"assumptions": detecting_chips.ASSUMES}}
    return tiled | {
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
        "energy": detecting_cost.energy(
            detecting_cost.work_of(lab.detector(settings.model), found.counts)
        ),
    }


def _every(arguments, settings, first, nm) -> dict:
    """How many boxes there are in each section of a stack."""
    from snnlab.commands.cli import progress_line

    path, told = Path(arguments.image), list(first.notes)

    def section(number: int):
        return segmenting.upload(
            path, path.name, number, choice=choice_of(arguments), negative=arguments.invert
        )

    def truth(picture):
        return lab.own(Path(arguments.boxes), Path(arguments.boxes).name, picture).boxes

    counted, notes = counting.count(
        section, range(first.sections), settings, nm, arguments.as_is,
        truth=truth if arguments.boxes else None,
        progress=None if arguments.quiet else progress_line,
    )  # fmt: skip
    tell([*told, *notes])
    if arguments.out:
        found = [(one.picture, one.found) for one in counted if one.found is not None]
        _write(Path(arguments.out), found, nm, settings.threshold)
    height, width = first.file_shape or first.pixels.shape
    return {
        "image": {
            "path": arguments.image, "sections": first.sections, "shape": [height, width]
        },
        "notes": [*told, *notes],
        "settings": asdict(settings),
        "rows": [one.row(settings.threshold) for one in counted],
    }  # fmt: skip


def _write(path: Path, sections, nm, score: float) -> None:
    """The SNN's boxes of at least a score, of pictures and what was found in them.

    Raises
    ------
    LabError
    """
    listed = [
        lab.listed_boxes(
            picture if nm is None else replace(picture, nm=nm, file_nm=None), found, "snn", score
        )
        for picture, found in sections
    ]
    try:
        path.write_text(WRITTEN[path.suffix](listed), "utf-8")
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
    settings = answer["settings"]
    if "rows" in answer:
        heads = list(answer["rows"][0])
        lines = ["".join(f"{name:>9}" for name in heads)]
        lines += ["".join(f"{row.get(name, ''):>9}" for name in heads) for row in answer["rows"]]
        return "\n".join(lines)
    snn = answer["snn"]
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
    lines += [
        f"{one['title']}: {joules(one['joules_per_image'])} ({joules(one['low'])} –"
        f" {joules(one['high'])})"
        for one in answer["energy"]
    ]
    for row in answer.get("chips", {}).get("rows", ()):
        lines.append(
            f"{row['partitioner']}: {row['cores']} cores, {many(row['chips'], 'chip')},"
            f" {row['interchip_spikes']:,} spikes between chips"
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
