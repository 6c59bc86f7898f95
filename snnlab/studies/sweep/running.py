"""Run a sweep: what is known already is read, the rest is computed and kept at once."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.images.pictures import Picture
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.studies.sweep import measuring, store
from snnlab.studies.sweep.grid import Grid, Run
from snnlab.work import parallel

MEMORY = 2_500_000_000  # bytes of spikes that all runs at a time may take
AT_A_TIME = 4  # runs; each is itself spread over all cores


@dataclass(frozen=True)
class Item:
    """One run on one section.

    Attributes
    ----------
    picture : Picture
    run : Run
    keys : dict of int to str
        Of the stored result, by number of timesteps.
    """

    picture: Picture
    run: Run
    keys: dict[int, str]

    def row(self, steps: int, measured: dict) -> dict:
        """A result with the settings that it belongs to."""
        settings = self.run.settings
        return {
            "image": self.picture.name,
            "section": self.picture.section,
            "model": settings.model,
            "method": settings.method,
            "percentile": settings.percentile,
            "lower": settings.lower_hz,
            "upper": settings.upper_hz,
            "timesteps": steps,
            "reset": settings.reset,
            "synapse_ms": settings.synapse_ms,
            "simulator": settings.simulator,
            "threshold": settings.threshold,
            "ann_threshold": settings.ann_at,
            "resampled_from_nm": self.picture.file_nm,
        } | measured


@dataclass(frozen=True)
class Outcome:
    """A finished sweep.

    Attributes
    ----------
    rows : list of dict
        One a point: settings, scores, counts; see `measuring.measure`.
    seconds : float
        Of this call.
    computed, reused : int
        Points that were simulated, and that were known.
    note : str
        Which could not be kept on disk and why, a sentence; empty if all were.
    """

    rows: list[dict]
    seconds: float
    computed: int
    reused: int
    note: str = ""


def items(grid: Grid, pictures: Sequence[Picture], models: Mapping[str, Model]) -> list[Item]:
    """All runs on all sections, with the names of their results."""
    found = []
    for picture in pictures:
        labels = None
        if picture.labels is not None:
            labels = hashlib.sha256(picture.truth).hexdigest()
        for run in grid.runs():
            settings = {
                name: value
                for name, value in asdict(run.settings).items()
                # the weights stand for the model's name, the pixels for their source
                if name not in ("source", "section", "model", "timesteps")
            }
            keys = {
                steps: store.key(
                    image=picture.content,
                    section=picture.section,
                    labels=labels,
                    model=models[run.settings.model].digest,
                    settings=settings | {"timesteps": steps},
                    code=measuring.version(run.settings),
                )
                for steps in run.timesteps
            }
            found.append(Item(picture, run, keys))
    return found


def run(
    grid: Grid,
    pictures: Sequence[Picture],
    models: Mapping[str, Model],
    ann: Callable[[Model, Picture], np.ndarray],
    kept: store.Store,
    scheduler: str | None = None,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    found: Callable[[dict], None] | None = None,
) -> Outcome:
    """Do what is not known yet, and give all rows.

    Parameters
    ----------
    grid : Grid
    pictures : sequence of Picture
    models : mapping of str to Model
        All that the grid names.
    ann : callable
        ``ann(model, picture)``: the ANN's probability of cell; asked only for
        what has to be computed.
    kept : Store
    scheduler, threads, progress, cancel
        As in `snnlab.work.parallel.run`.
    found : callable, optional
        Given each row as soon as it is known.

    Raises
    ------
    Cancelled
        What was finished by then is kept; on a full disk it is not, and the sweep goes on.
    LabError
    """
    begun = time.perf_counter()
    progress = progress or (lambda fraction, stage: None)
    found = found or (lambda row: None)
    progress(0.0, "known results")
    work = items(grid, pictures, models)
    rows: dict[tuple[int, int], dict] = {}
    missing: list[tuple[int, list[int]]] = []
    for index, item in enumerate(work):
        absent = []
        for steps, name in item.keys.items():
            measured = kept.get(name, measuring.fits)
            if measured is None:
                absent.append(steps)
            else:
                rows[index, steps] = item.row(steps, measured)
                found(rows[index, steps])
        if absent:
            missing.append((index, absent))
    reused = len(rows)
    unkept: list[str] = []

    def arrived(place: int, measured: list[dict]) -> None:
        index, absent = missing[place]
        for steps, values in zip(absent, measured, strict=True):
            try:
                kept.put(work[index].keys[steps], values)
            except LabError as error:  # a full disk may have room for the next one
                unkept.append(str(error))
            rows[index, steps] = work[index].row(steps, values)
            found(rows[index, steps])

    if missing:
        tasks = _tasks(work, missing, models, ann, progress, cancel)
        needed = dict.fromkeys(work[index].run.settings for index, _ in missing)
        parallel.run(
            tasks,
            arrived,
            scheduler,
            threads or _at_a_time(work, missing, models),
            lambda share, stage: progress(0.05 + 0.95 * share, stage),
            cancel,
            partial(measuring.versions, tuple(needed)),
        )
    progress(1.0, "done")
    ordered = [rows[place] for place in sorted(rows)]
    seconds = time.perf_counter() - begun
    note = ""
    if unkept:
        note = f"{len(unkept)} of {len(rows)} points are here, but not kept: {unkept[-1]}"
    return Outcome(ordered, seconds, len(ordered) - reused, reused, note)


def _tasks(work, missing, models, ann, progress, cancel) -> list[parallel.Task]:
    decided: dict[tuple, np.ndarray] = {}
    tasks = []
    for index, absent in missing:
        picture, settings = work[index].picture, work[index].run.settings
        model = models[settings.model]
        place = (model.digest, picture.content, picture.section, settings.threshold)
        if place not in decided:
            progress(0.02, "ANN")
            if cancel and cancel():
                raise Cancelled
            decided[place] = ann(model, picture) >= settings.threshold
        labels, left_out = picture.judged_by
        arguments = (
            model,
            picture.normalised,
            labels,
            decided[place],
            settings,
            absent,
            left_out,
            picture.beside,
        )
        tasks.append(parallel.Task(measuring.measure, arguments))
    return tasks


def _at_a_time(work, missing, models) -> int:
    """Runs at a time for which the memory suffices."""
    largest = 1
    for index, absent in missing:
        item = work[index]
        model, shape = models[item.run.settings.model], item.picture.pixels.shape
        whole = measuring.spike_bytes(model, absent[-1], shape[0] * shape[1])
        largest = max(largest, min(whole, measuring.SPIKE_BYTES))
    return max(1, min(AT_A_TIME, parallel.threads_here(), MEMORY // largest))


def settings_of(row: Mapping, base: Settings) -> Settings:
    """The settings of a row, for the lab; what was not varied is of ``base``."""
    return base.replace(
        model=row["model"],
        method=row["method"],
        percentile=row["percentile"],
        lower_hz=row["lower"],
        upper_hz=row["upper"],
        timesteps=row["timesteps"],
    )
