"""``sweep``: many settings on the same sections; what is known already costs nothing."""

import sys
from pathlib import Path

from snnlab.commands import outputs
from snnlab.commands.images import ACCEPTED, add_labels, add_pixels, pictures_of, tell
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.nets.model import SCORES
from snnlab.results import mute
from snnlab.settings import DEFAULT_MODEL
from snnlab.work import scheduler

SHOWN = ("model", "method", "percentile", "upper", "timesteps", "v_rand", "pixel_accuracy")


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "sweep", parents=[shared], help="many settings on the same sections"
    )
    add = command.add_argument
    add("image", nargs="?", metavar="IMAGE", help=f"{ACCEPTED}; a sample if none is named")
    add(
        "--section",
        default="0",
        metavar="N",
        help="of a stack, from 0; several such as 3,5 or 18-23",
    )
    add_pixels(command)
    add_labels(command)
    add("--percentiles", required=True, metavar="P,..")
    add("--upper", required=True, metavar="HZ,..", help="upper bounds of the firing rates")
    add("--timesteps", required=True, metavar="T,..", help="more of them cost nothing")
    add("--lower-share", type=float, metavar="X", help="lower bound over upper; the model's")
    add("--methods", metavar="M,..")
    add("--models", default=DEFAULT_MODEL, metavar="M,..")
    add("--simulator")
    add("--reset", choices=("subtraction", "zero"))
    add("--synapse", type=float, metavar="MS")
    add("--threshold", type=float, help="probability above which a pixel is cell; default 0.5")
    add("--scheduler", metavar="ADDRESS", help="of a Dask cluster, such as tcp://host:8786")
    add("--csv", metavar="FILE", help="also write the rows to this file")
    command.set_defaults(run=run, show=show)


def grid_of(arguments) -> lab_sweep.Grid:
    """The settings that the arguments ask for."""
    models = _names(arguments.models)
    if not models:
        raise LabError("--models takes names separated by commas, such as regularised,relu.")
    settings = lab.defaults(models[0])
    asked = {
        "simulator": arguments.simulator,
        "reset": arguments.reset,
        "synapse_ms": arguments.synapse,
        "threshold": arguments.threshold,
    }
    settings = settings.replace(**{k: v for k, v in asked.items() if v is not None})
    if arguments.lower_share is not None:
        if not 0 < arguments.lower_share <= 1:
            raise LabError("--lower-share must be above 0 and at most 1.")
        settings = settings.replace(lower_hz=settings.upper_hz * arguments.lower_share)
    return lab_sweep.Grid(
        settings,
        lab_sweep.numbers(arguments.percentiles, float, "percentiles"),
        lab_sweep.numbers(arguments.upper, float, "upper"),
        lab_sweep.numbers(arguments.timesteps, int, "timesteps"),
        _names(arguments.methods or ""),
        models,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def sections(text: str) -> tuple[int, ...]:
    """Sections as people name them: ``3``, ``3,5`` or ``18-23``.

    Raises
    ------
    LabError
    """
    found: list[int] = []
    try:
        for part in text.replace(" ", "").split(","):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError:
        found = []
    if not found or len(found) > 4096:
        raise LabError("--section takes numbers from 0, such as 3 or 3,5 or 18-23.")
    return tuple(dict.fromkeys(found))


def run(arguments) -> dict:
    """Sweep; a row a point and section, all sections of a point together, and what was known."""
    from snnlab.commands.cli import progress_line

    if arguments.csv:
        outputs.file(arguments.csv, "--csv")
    if arguments.scheduler is not None:
        scheduler.check(arguments.scheduler)
    grid, left_out = lab_sweep.fitting(grid_of(arguments))
    if not arguments.quiet:
        for reason in left_out:
            print(f"snnlab: left out: {reason}", file=sys.stderr)
    pictures = pictures_of(arguments, sections(arguments.section))
    progress = None if arguments.quiet else progress_line
    outcome = lab_sweep.run(grid, pictures, arguments.scheduler, progress)
    if arguments.csv:
        _write(Path(arguments.csv), lab_sweep.csv_of(outcome.rows))
    rows = [{k: v for k, v in row.items() if k != "layers"} for row in outcome.rows]
    together = lab_sweep.over_sections(rows)
    rows = [{k: v for k, v in row.items() if k != "curves"} for row in rows]
    notes = [*([outcome.note] if outcome.note else []), *_mute(rows, grid, pictures[0])]
    tell(notes)
    return {
        "rows": rows,
        "together": together,
        "seconds": outcome.seconds,
        "reused": outcome.reused,
        "notes": notes,
    }


def _mute(rows: list[dict], grid: lab_sweep.Grid, picture) -> list[str]:
    """A sentence, if readouts heard nothing: of the first such point what would make it speak."""
    silent = [row for row in rows if row["mute"]]
    if not silent:
        return []
    settings = lab_sweep.settings_of(silent[0], grid.base)
    told = mute.told(lab.model(settings.model), picture.normalised, settings)
    first = f"{settings.upper_hz:g} Hz, {many(settings.timesteps, 'step')}"
    return [f"{len(silent)} of {many(len(rows), 'point')} mute. The first ({first}): {told}"]


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{path} cannot be written: {reason}; name another --csv.") from error


def show(answer: dict) -> str:
    """For a person: all sections together, and which points nothing beats."""
    rows = answer["together"]
    measure = "v_rand" if all("v_rand" in row for row in rows) else "agreement_with_ann"
    front = set(lab_sweep.pareto(rows, (measure,)))
    names = [name for name in SHOWN if all(name in row for row in rows)]
    names += [name for name in ("agreement_with_ann",) if measure == name]
    lines = ["  ".join(f"{name:>12}" for name in (*names, "syn. events", "Pareto"))]
    for index, row in enumerate(rows):
        cells = [f"{row[n]:.4f}" if n in _SCORES else _plain(row[n]) for n in names]
        cells += [f"{row['synaptic_events']:.4g}", "*" if index in front else ""]
        lines.append("  ".join(f"{cell:>12}" for cell in cells))
    for item in lab_sweep.sensitivity(rows, measure):
        lines.append(
            f"{item.knob}: explains {100 * item.alone:.0f} % of the variance of {measure} alone,"
            f" {100 * item.together:.0f} % with the others"
        )
    lines.append(
        f"{many(len(answer['rows']), 'point')}, {answer['reused']} of them known, in"
        f" {answer['seconds']:.1f} s"
    )
    return "\n".join(lines)


_SCORES = (*SCORES, "agreement_with_ann")


def _plain(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
