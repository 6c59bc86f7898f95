"""The lab's front door to sweeps: what the page and the command line call."""

import contextlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab import conversion
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate as energy
from snnlab.energy.work import LayerWork, Work, unmapped
from snnlab.errors import LabError
from snnlab.export import tables
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.settings import Settings
from snnlab.studies.sweep import measuring, running, store, summary
from snnlab.studies.sweep.grid import KNOBS, Grid, numbers
from snnlab.studies.sweep.running import Outcome, settings_of
from snnlab.work import stored

__all__ = [
    "Grid",
    "KNOBS",
    "Outcome",
    "csv_of",
    "estimate",
    "fitting",
    "known",
    "numbers",
    "outdated",
    "over_sections",
    "pareto",
    "ready_made",
    "run",
    "save",
    "sensitivity",
    "settings_of",
    "with_energy",
]

READY_MADE = lab.ASSETS / "sweep.json"
_INSIDE = ("layers", "curves")  # of a row: what is no number

# Seconds, fitted to benchmarks/sweep.py on two cores of an AMD EPYC: to start the ANN; a run;
# a megapixel of a run; a megapixel, step and 1000 Hz of upper bound; a megapixel and reading
START, RUN, MEGAPIXEL, STEP, READING = 4.0, 0.1, 0.6, 0.05, 0.8
SLOWEST = 1000  # times what was expected: more is no measurement
TELLING = 10  # seconds that a sweep must have been expected to take to correct others
MEASURED = store.key(what="seconds a sweep took over what was expected")

DEVICE = "loihi-davies"  # whose energy a row tells

over_sections = summary.over_sections
pareto, sensitivity = summary.pareto, summary.sensitivity


def run(
    grid: Grid,
    pictures: Sequence[Picture],
    scheduler: str | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    found: Callable[[dict], None] | None = None,
) -> Outcome:
    """Sweep over settings on one or several sections; see `snnlab.studies.sweep.running.run`.

    Raises
    ------
    LabError
        If a model, method or simulator does not exist, or a piece of work fails.
    Cancelled
    """
    _check(grid)
    kept = store.Store()
    expected = estimate(grid, pictures, corrected=False)
    heard = (lambda row: found(with_energy(row))) if found else None
    outcome = running.run(
        grid, pictures, _models(grid), _ann, kept, scheduler, None, progress, cancel, heard
    )
    outcome = replace(outcome, rows=[with_energy(row) for row in outcome.rows])
    if outcome.computed and not scheduler and expected > TELLING:
        with contextlib.suppress(LabError):  # on a full disk the next estimate is a rougher one
            kept.put(MEASURED, {"factor": outcome.seconds / expected})
    return outcome


def fitting(grid: Grid) -> tuple[Grid, tuple[str, ...]]:
    """The grid without models and methods that do not go together, and why they do not.

    Raises
    ------
    LabError
        If none do.
    """
    _check(grid)
    reasons = {pair: _refusal(*pair, lab.model(pair[0]).digest) for pair in grid.pairs}
    wrong = {pair: reason for pair, reason in reasons.items() if reason}
    if wrong and len(wrong) == len(reasons):
        raise LabError(next(iter(wrong.values())))
    if not wrong:
        return grid, ()
    return replace(grid, without=(*grid.without, *wrong)), tuple(dict.fromkeys(wrong.values()))


@lru_cache(maxsize=256)
def _refusal(model: str, method: str, digest: str) -> str:
    """Why a method cannot convert a model; empty if it can. The digest is of the model."""
    unet = lab.model(model)
    side = multiple(unet.layers)
    try:
        settings = lab.defaults(model).replace(method=method)
        conversion.method(method).convert(unet, np.full((side, side), 0.5, np.float32), settings)
    except LabError as error:
        return str(error)
    return ""


def _check(grid: Grid) -> None:
    for each in grid.runs():
        lab.check(each.settings)


def _models(grid: Grid) -> dict:
    return {name: lab.model(name) for name in grid.models}


def _ann(model, picture: Picture) -> np.ndarray:
    from snnlab.nets import inference

    return inference.segment(model, picture.normalised).probability


def with_energy(row: dict) -> dict:
    """A row with ``joules``: what the spikes would cost on Loihi 1.

    With Davies et al. (2018), every neuron taken to be busy in every step, and
    the least messages that any partition could need: see `snnlab.energy`.
    """
    steps = row["timesteps"]
    layers = tuple(
        LayerWork(
            part["name"],
            part["neurons"],
            0,
            part["spikes"],
            part["synaptic_events"],
            part["neurons"] * steps,
        )
        for part in row["layers"]
    )
    architecture = lab.model(row["model"]).layers
    work = unmapped(architecture, Work(0, steps, layers, 0, 0, 0, ""))
    return row | {"joules": energy(device(DEVICE, devices()), work).joules}


def known(grid: Grid, pictures: Sequence[Picture]) -> list[dict]:
    """Rows that are on disk already."""
    _check(grid)
    kept, rows = store.Store(), []
    for item in running.items(grid, pictures, _models(grid)):
        for steps, name in item.keys.items():
            measured = kept.get(name, measuring.fits)
            if measured is not None:
                rows.append(with_energy(item.row(steps, measured)))
    return rows


def estimate(grid: Grid, pictures: Sequence[Picture], corrected: bool = True) -> float:
    """Seconds that the part of a sweep will take that is not known yet.

    From measured rates of the event-driven simulator, and from how the last
    sweep on this machine compared with them. Other simulators take longer.
    """
    kept, total = store.Store(), 0.0
    for item in running.items(grid, pictures, _models(grid)):
        absent = [
            steps for steps, name in item.keys.items() if kept.get(name, measuring.fits) is None
        ]
        if absent:
            pixels = item.picture.pixels.size / 1e6
            rate = item.run.settings.upper_hz / 1000
            total += RUN + pixels * (MEGAPIXEL + STEP * rate * max(absent))
            total += pixels * READING * len(absent)
    known = kept.get(MEASURED, lambda told: 0 < told["factor"] < SLOWEST) if corrected else None
    factor = known["factor"] if known else 1.0
    return (START + total) * factor if total else 0.0


@lru_cache(maxsize=1)
def ready_made() -> dict:
    """The shipped sweep of a sample: on the page before anything is computed.

    Returns
    -------
    dict
        ``rows``; ``settings`` of what was not varied; ``image``; ``models``,
        the digests of the weights that it was made with.

    Raises
    ------
    LabError
        If the file is damaged.
    """
    with stored.as_one_sentence(f"{READY_MADE.name} is missing or damaged; get it again."):
        made = stored.parsed(stored.content(READY_MADE))
        _check_made(made)
        return made


def _check_made(made: dict) -> None:
    """Refuse what is no sweep as `save` writes it.

    Raises
    ------
    ValueError, KeyError, TypeError and others
    """
    base, rows = Settings(**made["settings"]), made["rows"]
    kinds = {name: type(value) for name, value in rows[0].items()}
    for row in rows:
        settings_of(row, base)
        numbers = [row[name] for name in ("joules", "spikes", "synaptic_events")]
        # a whole number where others have fractions is one all the same
        alike = all(
            isinstance(value, kinds[name]) or {type(value), kinds[name]} == {int, float}
            for name, value in row.items()
        )
        if row.keys() != kinds.keys() or not alike or min(numbers) < 0:
            raise stored.Damaged("holds rows of different kinds")
    height, width = made["shape"]
    if not made["image"].isprintable() or not all(map(str.isalnum, made["models"].values())):
        raise stored.Damaged("says nothing of its image and models")
    if not all(name.isprintable() for name in made["models"]) or min(height, width) < 1:
        raise stored.Damaged("says nothing of its image and models")


def outdated(made: dict) -> bool:
    """Whether a shipped sweep is of other weights than the lab has now."""
    there = lab.cards()
    return any(
        name not in there or lab.about(name).digest != digest
        for name, digest in made["models"].items()
    )


def save(outcome: Outcome, grid: Grid, picture: Picture, path: Path) -> None:
    """Write what `ready_made` reads."""
    rows = [
        {k: v for k, v in row.items() if k not in (*_INSIDE, "seconds")} for row in outcome.rows
    ]
    about = {
        "image": picture.name,
        "shape": list(picture.pixels.shape),
        "settings": asdict(grid.base),
        "models": {name: lab.model(name).digest for name in grid.models},
        "rows": [
            {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()} for row in rows
        ],
    }
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def csv_of(rows: Sequence[dict]) -> str:
    """Rows as a table; what layers did, and scores at every threshold, are left out."""
    return tables.of_rows(rows, without=_INSIDE)
