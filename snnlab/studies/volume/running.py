"""Segment a volume: plan the tiles, do those that are not done, put them together.

A run that was stopped, or whose machine went down, goes on when the same command is given
again: `snnlab.studies.volume.begun` keeps how far it is.
"""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.images import tiles
from snnlab.images.choice import Choice
from snnlab.images.pixel_size import Size
from snnlab.nets.architecture import halo, multiple
from snnlab.nets.model import Model
from snnlab.results import mute
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.studies.sweep.measuring import spike_bytes
from snnlab.studies.volume import begun, doubts, exposure, target
from snnlab.studies.volume.exposure import Exposure
from snnlab.studies.volume.source import Source, fingerprint, open_source
from snnlab.work import parallel
from snnlab.work.code_version import code_version

TILE = 1024  # side of a tile's core, pixels; a multiple of target.CHUNK
TILE_BYTES = 1_000_000_000  # of spikes, beyond which tiles are smaller
AT_A_TIME = 2  # tiles on this machine; each is itself spread over all cores
MEBIBYTE = 1 << 20
# what no probability depends on, and the name of a model that its digest stands for
_ASIDE = ("source", "section", "threshold", "ann_threshold", "model")


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know.

    Attributes
    ----------
    source : Source
    zarr : str
        Where the probabilities go, in the pixels that the networks see.
    progress : str
        Folder of the run.
    model : Model
    settings : Settings
    tile : int
        Side of a tile's core, pixels.
    """

    source: Source
    zarr: str
    progress: str
    model: Model
    settings: Settings
    tile: int

    def exposure(self, section: int) -> Exposure:
        """Of a section, which has been found.

        Raises
        ------
        LabError
            If the file is missing or damaged.
        """
        shapes = self.source.shape[1:], self.source.file_shape[1:]
        return exposure.load(_exposure(self, section), *shapes)


@dataclass(frozen=True)
class Done:
    """A finished volume.

    Attributes
    ----------
    sections : int
    megapixels : float
        Of the whole volume.
    computed : float
        Megapixels of this call; the rest was there.
    seconds : float
        Of this call.
    peak_memory_mb : float
        The largest that this process, or a worker, had resident at any time.
    notes : tuple of str
        What was taken for granted, a sentence each.
    """

    sections: int
    megapixels: float
    computed: float
    seconds: float
    peak_memory_mb: float
    notes: tuple[str, ...] = ()


def run(
    path_in: str | Path,
    path_out: str | Path,
    model: Model,
    settings: Settings,
    scheduler: str | None = None,
    dtype: str = "uint8",
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    choice: Choice | None = None,
    nm: Size | None = None,
    negative: bool = False,
) -> Done:
    """Segment a volume by the spiking network, section by section.

    Parameters
    ----------
    path_in : path
        An image stack of any format that the lab reads.
    path_out : path
        ``.tif`` or ``.ome.zarr``; must not exist, unless the same run left it unfinished.
    model : Model
    settings : Settings
    scheduler : str, optional
        Of a Dask cluster whose workers see the same files under the same names.
    dtype : {"uint8", "float32"}
        Probability of cell, as 0..255 or 0..1.
    threads : int, optional
        Tiles at a time on this machine.
    progress, cancel : callable, optional
    choice : Choice, optional
        Of channels, times or data sets, where there are several.
    nm : float or (float, float), optional
        Of a pixel: resampled to the models', and the result back to the file's pixels.
    negative : bool
        Turn dark and light: the volume has light membranes.

    Raises
    ------
    LabError
    Cancelled
        What was finished by then is kept for the next call.
    """
    out = begun.place_of(path_out)
    source = open_source(path_in, choice, nm, negative)
    about = _about(source, model, settings, dtype)
    with begun.alone(out):
        again = begun.begin(out, source, about, dtype)
        try:
            found = _run(
                source, out, model, settings, scheduler, threads or AT_A_TIME, progress, cancel
            )
        except target.Lost as error:
            begun.forget(out, error.section)
            raise LabError(
                f"what was computed for section {error.section} is damaged on disk; give the same"
                " command again to compute that section again."
            ) from error
        begun.end(out, again)
    (progress or (lambda fraction, stage: None))(1.0, "done")
    return found


def _run(source, out, model, settings, scheduler, threads, progress, cancel) -> Done:
    """What is not done yet."""
    clock, place = time.perf_counter(), begun.folder(out)
    progress = progress or (lambda fraction, stage: None)
    final = place / begun.FINAL if target.is_tiff(out) else out
    store = final if source.resampled is None else place / begun.COMPUTED
    plan = Plan(source, str(store), str(place), model, settings, tile_side(model, settings))
    alike = partial(version, settings)
    waiting = [z for z in range(source.shape[0]) if not _exposed(plan, z)]
    parallel.run(
        [parallel.Task(expose, (plan, section)) for section in waiting],
        lambda index, result: None,
        scheduler,
        threads,
        lambda share, stage: progress(0.03 * share, "exposure"),
        cancel,
        alike,
    )
    cut = planned(plan)
    missing = [
        (z, i)
        for z in range(source.shape[0])
        for i in range(len(cut))
        if not _mark(plan, z, i).exists()
    ]
    total = source.shape[0] * len(cut)
    computed, peaks, heard = [0], [0.0], []

    def arrived(index: int, result: tuple[int, float, bool | None]) -> None:
        computed[0] += result[0]
        peaks.append(result[1])
        heard.append(result[2])
        have = total - len(missing) + len(peaks) - 1
        progress(0.03 + 0.94 * have / total, f"{have} of {total} tiles")

    parallel.run(
        [parallel.Task(segment_tile, (plan, section, index)) for section, index in missing],
        arrived,
        scheduler,
        threads,
        None,
        cancel,
        alike,
    )
    if store != final:
        target.in_file_pixels(store, final, partial(_stored_tissue, plan), cancel)
    spoke = [one for one in heard if one is not None]
    notes = (*source.notes, *doubts.said(plan, bool(spoke) and not any(spoke)))
    if target.is_tiff(out):
        target.to_tiff(
            final,
            out,
            source.calibration,
            lambda share, stage: progress(0.97 + 0.03 * share, stage),
            cancel,
        )
    return Done(
        source.shape[0],
        float(np.prod(source.shape) / 1e6),
        computed[0] / 1e6,
        time.perf_counter() - clock,
        max(*peaks, peak_memory_mb()),
        notes,
    )


# ---- what is done already ---------------------------------------------------


def version(settings: Settings) -> str:
    """Hash of the code that the result depends on."""
    return code_version(
        __name__,
        conversion.method(settings.method).module,
        simulation.simulator(settings.simulator).module,
    )


def _about(source: Source, model: Model, settings: Settings, dtype: str) -> dict:
    """All that a run depends on."""
    if dtype not in target.DTYPES:
        raise LabError(f"--dtype is one of {', '.join(target.DTYPES)}.")
    return {
        "source": source.path,
        "shape": list(source.shape),
        "choice": list(source.choice.options),
        "negative": source.negative,
        "changed": fingerprint(source.path),
        "model": model.digest,
        "settings": settings.key(without=_ASIDE),
        "dtype": dtype,
        "code": version(settings),
    }


def _exposure(plan: Plan, section: int) -> Path:
    return Path(plan.progress) / f"exposure-{section}.npz"


def _exposed(plan: Plan, section: int) -> bool:
    """Whether a section's exposure is there; a damaged one is as good as none."""
    with contextlib.suppress(LabError):
        plan.exposure(section)
        return True
    return False


def _mark(plan: Plan, section: int, index: int) -> Path:
    return Path(plan.progress) / begun.DONE / f"{section}-{index}"


# ---- one piece --------------------------------------------------------------


def expose(plan: Plan, section: int, progress=None, cancel=None) -> None:
    """Find a section's exposure and keep it in a file."""
    exposure.save(exposure.measure(plan.source, section), _exposure(plan, section))


def _stored_tissue(plan: Plan, section: int, rows: slice, columns: slice) -> np.ndarray | None:
    return plan.exposure(section).stored_tissue(rows, columns)


def tile_side(model: Model, settings: Settings) -> int:
    """Side of a tile's core: as large as memory allows, a multiple of `target.CHUNK`."""
    core, margin = TILE, halo(model.layers)
    while core > target.CHUNK and (
        spike_bytes(model, settings.timesteps, (core + 2 * margin) ** 2) > TILE_BYTES
    ):
        core //= 2
    return core


def planned(plan: Plan) -> list[tiles.Tile]:
    """The tiles of a section, the same for every section."""
    side = multiple(plan.model.layers)
    margin = halo(plan.model.layers)
    padded = tuple(-(-length // side) * side for length in plan.source.shape[1:])
    return tiles.plan(padded, plan.tile, margin, side)


def segment_tile(
    plan: Plan, section: int, index: int, progress=None, cancel=None
) -> tuple[int, float, bool | None]:
    """Read a tile, simulate it, and write its core.

    Returns
    -------
    pixels : int
        Of the core.
    peak : float
        Memory of the process so far, MiB.
    heard : bool
        Whether a spike reached the readout in its window; None where nothing is tissue.
    """
    tile = planned(plan)[index]
    _, height, width = plan.source.shape
    rows, columns = (
        slice(part.start, min(part.stop, side))
        for part, side in zip(tile.target, (height, width), strict=True)
    )
    known = plan.exposure(section)
    mask = known.tissue(rows, columns)
    if mask is not None and not mask.any():
        left_out = mask if plan.source.resampled is None else None
        nothing = np.zeros(mask.shape, np.float32)
        target.write(Path(plan.zarr), section, rows, columns, nothing, left_out)
        _mark(plan, section, index).touch()
        return mask.size, peak_memory_mb(), None
    image = _input(plan, known, section, tile)
    settings = plan.settings
    network = conversion.method(settings.method).convert(plan.model, image, settings)
    last = network.populations[-1].name
    if settings.simulator == "event":
        from snnlab.simulation import event

        # spikes that have reached all their targets are let go
        recording = event.run(
            network, settings.timesteps, settings.seed, progress, cancel, keep={last}
        )
    else:
        recording = simulation.simulator(settings.simulator).run(
            network, settings.timesteps, settings.seed, progress, cancel
        )
    start = window_start(settings.timesteps, settings)
    probability = network.probability(recording, start, settings.timesteps)[tile.inner]
    kept = probability[: rows.stop - rows.start, : columns.stop - columns.start]
    # where it is resampled to the file's pixels, what is beside tissue is cut out there
    left_out = mask if plan.source.resampled is None else None
    target.write(Path(plan.zarr), section, rows, columns, kept, left_out)
    _mark(plan, section, index).touch()
    spoke = mute.heard(network, recording, start, settings.timesteps)
    return kept.size, peak_memory_mb(), spoke


def _input(plan: Plan, known: Exposure, section: int, tile: tiles.Tile) -> np.ndarray:
    """The tile with its halo, normalised; beyond the section it is reflected."""
    _, height, width = plan.source.shape
    rows, columns = (
        slice(part.start, min(part.stop, side))
        for part, side in zip(tile.outer, (height, width), strict=True)
    )
    ready = known.window(plan.source, section, rows, columns)
    return tiles.pad(ready, multiple(plan.model.layers))


def peak_memory_mb() -> float:
    """The most that this process had resident at any time, MiB."""
    import resource

    # kilobytes on Linux, bytes on macOS
    unit = MEBIBYTE if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
