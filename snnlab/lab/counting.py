"""Boxes of many sections: how many each network finds, and how many there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.errors import Cancelled
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size
from snnlab.lab import detecting
from snnlab.lab.detected import Found
from snnlab.nets.detector.boxes import OVERLAP
from snnlab.settings import Settings

NO_SECTION = (
    "The file of boxes does not say of which section they are, so they are not counted; add a"
    " column section, or list the images."
)


@dataclass(frozen=True)
class Counted:
    """What was found in a section.

    Attributes
    ----------
    picture : Picture
        Without its pixels being read again; for files.
    found : Found or None
        None of a section without tissue.
    truth : numpy.ndarray or None
        Boxes that there are, ``(n, 4)``.
    """

    picture: Picture
    found: Found | None
    truth: np.ndarray | None = None

    def row(self, score: float) -> dict:
        """How many boxes have at least a score, as plain values."""
        counts = {
            name: 0 if self.found is None else len(self.found.of(name).above(score))
            for name in ("ann", "snn")
        }
        there = {} if self.truth is None else {"there": len(self.truth)}
        return {"section": self.picture.section} | counts | there


def count(
    section: Callable[[int], Picture],
    sections: Sequence[int],
    settings: Settings,
    nm: Size | None = None,
    as_is: bool = False,
    overlap: float = OVERLAP,
    truth: Callable[[Picture], np.ndarray] | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[list[Counted], tuple[str, ...]]:
    """Look for things in section after section; of each only its boxes are kept.

    Parameters
    ----------
    section : callable
        Gives a section by its number.
    sections : sequence of int
    settings, nm, as_is
        As of `snnlab.lab.detecting.detect`.
    overlap : float
        As of `snnlab.lab.detected.Found.suppressed`.
    truth : callable, optional
        Gives the boxes that there are.

    Returns
    -------
    counted : list of Counted
    notes : tuple of str

    Raises
    ------
    LabError, Cancelled
    """
    made, notes = [], {}
    for at, number in enumerate(sections):
        if cancel and cancel():
            raise Cancelled

        def told(share: float, stage: str, at=at, number=number) -> None:
            if progress:
                progress((at + share) / len(sections), f"section {number}: {stage}")

        picture = section(number)
        boxes = None if truth is None else truth(picture)
        found = None
        if not picture.blank:
            found = detecting.detect(picture, settings, nm, as_is, told, cancel)
            notes |= dict.fromkeys(found.notes)
            found = found.suppressed(overlap).alone()
        made.append(Counted(picture, found, boxes))
    if progress:
        progress(1.0, "done")
    if len(made) > 1 and _same([one.truth for one in made]):
        made = [Counted(one.picture, one.found) for one in made]
        notes[NO_SECTION] = None
    return made, tuple(notes)


def _same(truth: Sequence[np.ndarray | None]) -> bool:
    """Whether every section was given the same boxes."""
    first = truth[0]
    return first is not None and len(first) > 0 and all(np.array_equal(first, b) for b in truth)
