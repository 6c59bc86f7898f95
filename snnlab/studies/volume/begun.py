"""A volume's run on disk: begun, found unfinished, kept apart from others, ended.

Beside OUT there is a folder ``OUT.progress`` while the work is not finished: what the run is
of (``run.json``), each section's exposure, and an empty file for each tile that has been
written. A file ``OUT.lock`` keeps a second run out while there is a first.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images.pixel_size import UNKNOWN
from snnlab.studies.volume import target
from snnlab.studies.volume.source import Source
from snnlab.work import locks, stored

FINAL, COMPUTED = "volume.zarr", "computed.zarr"  # in the folder, where they are not OUT itself
DONE = "done"  # folder of a mark for each tile, as section-tile
_CARD = "run.json"


def folder(out: Path) -> Path:
    """Where a run keeps how far it is."""
    return out.with_name(out.name + ".progress")


def place_of(path: str | Path) -> Path:
    """OUT as it is called everywhere."""
    # Path.resolve raises where links go round in circles, before Python 3.13
    return Path(os.path.realpath(path))


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Keep other runs out of OUT, and say what the disk refuses in a sentence.

    Raises
    ------
    LabError
        If another run is at it, or nothing can be written.
    """
    target.is_tiff(out)  # refuses other kinds
    lock = out.with_name(out.name + ".lock")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with locks.held(
            lock,
            lambda who: f"another run is writing {out} ({who}); wait for it, or name another OUT.",
        ):
            yield
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        if not os.path.exists(folder(out)):  # Path.exists raises of a name that is too long
            raise LabError(f"{out} cannot be written: {reason}; name another OUT.") from error
        raise LabError(
            f"{out} cannot be written: {reason}; fix that and give the same command again: it goes"
            " on from where it stopped."
        ) from error


def begin(out: Path, source: Source, about: dict, dtype: str) -> bool:
    """Start a run, or find it unfinished.

    Parameters
    ----------
    out : path
    source : Source
    about : dict
        All that the run is of; fit for JSON.
    dtype : str

    Returns
    -------
    bool
        Whether it was begun earlier.

    Raises
    ------
    LabError
        If what is there is something else.
    OSError
    """
    place = folder(out)
    card = place / _CARD
    if card.exists():
        with stored.as_one_sentence(
            f"{card} is damaged; delete {place.name} and {out.name} to start again."
        ):
            same = stored.parsed(stored.content(card)) == about
        if not same:
            raise LabError(
                f"{place} belongs to an unfinished run with other input, model, code or settings;"
                f" finish that one, or delete it together with {out.name}."
            )
        return True
    if out.exists():
        raise LabError(f"{out} exists already; delete it or name another OUT.")
    if place.exists():  # interrupted before its card was written
        shutil.rmtree(place)
    final = place / FINAL if target.is_tiff(out) else out
    try:
        (place / DONE).mkdir(parents=True)
        target.create(final, source.file_shape, source.calibration, dtype)
        if source.resampled is not None:
            target.create(place / COMPUTED, source.shape, UNKNOWN, "float32")
        stored.write(card, lambda stream: stream.write(json.dumps(about).encode()))
    except BaseException:
        for made in (place, final):  # half of a beginning is none
            shutil.rmtree(made, ignore_errors=True)
        raise
    return False


def forget(out: Path, section: int) -> None:
    """Have a section computed anew."""
    for mark in (folder(out) / DONE).glob(f"{section}-*"):
        mark.unlink(missing_ok=True)


def end(out: Path, again: bool) -> None:
    """Forget how far a run is: it is done.

    Parameters
    ----------
    again : bool
        Whether it was begun earlier, and so may have been killed while it wrote.
    """
    shutil.rmtree(folder(out))
    if again and out.is_dir():
        for left in out.rglob("*.partial"):  # zarr's, of chunks that were not written to the end
            with contextlib.suppress(OSError):
                left.unlink()
