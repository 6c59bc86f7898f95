"""The front door to a whole stack: its sections one after the other, as the lab segments one.

What is done stays in the `Stack` that the caller holds, so that work which was stopped goes on
where it was.
"""

import hashlib
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.images.choice import Choice
from snnlab.images.limits import LIMITS
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.results import approach, judging, stacked
from snnlab.results.cells import finding
from snnlab.results.stacked import NETWORKS, Chain, Section, Through, through, together
from snnlab.settings import Settings
from snnlab.studies.volume import target, zipped

__all__ = ["MOST", "NETWORKS", "Chain", "Region", "Section", "Stack", "Through", "check",
           "checked", "cut", "reserve", "run", "thickness", "through", "together",
           "zipped"]  # fmt: skip

Region = tuple[int, int, int, int]  # top, left, height, width; pixels

# a voxel takes seven bytes: grey, two probabilities, two numbers of cells
MOST = 32_000_000  # voxels of a stack that is held
TOGETHER = 256_000_000  # of all visitors' stacks

_held: "weakref.WeakSet[Stack]" = weakref.WeakSet()
_guard = threading.Lock()


@dataclass(eq=False)
class Stack:
    """A stack, as far as it is segmented.

    Attributes
    ----------
    name : str
        Of the file, for people.
    settings : Settings
        Of every section.
    region : Region or None
        That is computed of each; None: all of it.
    sections : dict of int to Section
        By number in the file; filled by `run`, on whatever thread that is.
    nm : float or None
        Width of a pixel, where it is known.
    image : str
        `Picture.in_the_file` of a section, to tell whose they are; empty: not known.
    reserved : int
        Voxels that it may come to; see `reserve`.
    """

    name: str
    settings: Settings
    region: Region | None = None
    sections: dict[int, Section] = field(default_factory=dict)
    nm: float | None = None
    image: str = ""
    reserved: int = 0

    def among(self, places: Sequence[int]) -> list[Section]:
        """Those of these sections that are done, in their order."""
        done = self.sections.copy()
        return [done[place] for place in sorted(places) if place in done]


def checked(region: Region, shape: tuple[int, int]) -> Region:
    """A region that lies in the sections.

    Raises
    ------
    LabError
        If it does not, or is too small for the networks.
    """
    top, left, height, width = region
    if min(height, width) < LIMITS.side_min:
        raise LabError(f"the region needs at least {LIMITS.side_min} pixels per side.")
    if top < 0 or left < 0 or top + height > shape[0] or left + width > shape[1]:
        raise LabError(
            f"the region ends at row {top + height} and column {left + width}, and the sections at"
            f" {shape[0]} and {shape[1]}; move it, or make it smaller."
        )
    return region


def check(sections: int, shape: tuple[int, int]) -> None:
    """Refuse what there is no room for.

    Parameters
    ----------
    sections : int
    shape : tuple of int
        ``(height, width)`` of what is computed of each.

    Raises
    ------
    LabError
    """
    voxels = sections * shape[0] * shape[1]
    if voxels > MOST:
        most = MOST // (shape[0] * shape[1])
        fewer = f"choose at most {most} sections, or a region" if most else "choose a region"
        raise LabError(
            f"these are {voxels / 1e6:.0f} million voxels, and at most {MOST / 1e6:.0f} million"
            f" are held at a time; {fewer}. To do all of it, use the command volume, which writes"
            " to disk."
        )


def reserve(stack: Stack, places: Sequence[int], shape: tuple[int, int]) -> None:
    """Set room aside for sections, those that are done included; it ends with the stack.

    Raises
    ------
    LabError
        If there is none.
    """
    sections = len(stack.sections.keys() | set(places))
    check(sections, shape)
    voxels = sections * shape[0] * shape[1]
    with _guard:
        others = sum(one.reserved for one in _held if one is not stack)
        if others + voxels > TOGETHER:
            raise LabError(
                "other visitors' stacks take the memory that the lab has for them; choose a"
                " region or fewer sections, or try again later."
            )
        stack.reserved = voxels
        _held.add(stack)


def cut(picture: Picture, region: Region | None) -> Picture:
    """A region of a section as a picture of its own, scored in the pixels that the nets see.

    Parameters
    ----------
    picture : Picture
    region : Region or None
        In its pixels; None: all of it.
    """
    if region is None:
        return picture
    top, left, height, width = checked(region, picture.pixels.shape)
    part = picture.cut((slice(top, top + height), slice(left, left + width)))
    # results are kept by content, and this is another one
    content = f"{picture.content} {region}"
    return replace(
        part,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        file_nm=None,
        file_shape=None,
        file_tissue=None,
    )


def run(
    stack: Stack,
    load: Callable[[int], Picture],
    places: Sequence[int],
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Stack:
    """Segment the sections that are not done yet.

    Parameters
    ----------
    stack : Stack
        Gets each section as soon as it is done.
    load : callable
        Gives a section by its number.
    places : sequence of int
        Numbers of the sections.

    Raises
    ------
    LabError
    Cancelled
        What was done by then is in the stack.
    """
    progress = progress or (lambda share, stage: None)
    waiting = [place for place in places if place not in stack.sections]
    for index, place in enumerate(waiting):
        if cancel and cancel():
            raise Cancelled

        def told(share: float, stage: str, index=index, place=place) -> None:
            progress((index + share) / len(waiting), f"section {place}")

        told(0.0, "reading")
        picture = cut(load(place), stack.region)
        stack.nm = picture.nm
        stack.sections[place] = _segmented(picture, stack.settings, told, cancel)
    progress(1.0, "done")
    return stack


def _segmented(picture: Picture, settings: Settings, progress, cancel) -> Section:
    # without labels: it is scored here, at every threshold, and not there too
    bare = replace(picture, labels=None, ignored=None)
    there = lab.remembered(bare, settings) is not None
    result = lab.segment(bare, settings, progress, cancel)
    if not there:  # of many sections the last would push out what visitors look at
        lab.forget(result)
    result = replace(result, picture=picture)
    maps = {"ann": result.ann, "snn": result.snn()}
    marks = {}
    if picture.scorable:
        marks = {
            "ann": judging.marks(picture, result.ann, settings.ann_at, cancel),
            "snn": approach.marks_at(result, result.timesteps, cancel),
        }
    return Section(
        picture.section,
        np.rint(np.clip(picture.pixels, 0, 1) * 255).astype(np.uint8),
        {name: target.encoded(one, picture.tissue, "uint8") for name, one in maps.items()},
        {name: _small(finding.find(one, None, picture.tissue)) for name, one in maps.items()},
        marks,
        result.agreement(),
        result.spikes,
        result.mean_rate_hz,
    )


def _small(cells: np.ndarray) -> np.ndarray:
    few = stacked.count(cells) <= np.iinfo(np.uint16).max
    return cells.astype(np.uint16) if few else cells


def thickness(data: bytes, name: str, choice: Choice | None = None) -> float | None:
    """From section to section, nanometres, where a file says so.

    Raises
    ------
    LabError
        If it cannot be read.
    """
    from snnlab.images import reading

    known = reading.open_stack(data, name, choice=choice).calibration
    if known.scale is None or known.doubt:
        return None
    found = known.in_nm(known.scale)[0]
    return found if found and found > 0 else None
