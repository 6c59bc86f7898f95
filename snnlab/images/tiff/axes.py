"""Which page is which section: one numbering, for every command.

Fiji's description counts channels, slices and frames, channels fastest; tifffile's
own says its axes; `snnlab.images.tiff.ome` reads OME's. Without any of them the
pages are sections in the order of the file.
"""

import json
import math
import re
from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import SECTIONS, Choice, numbered
from snnlab.images.limits import shown

_CHANNELS = 100_000  # of a description; more is nonsense


@dataclass(frozen=True)
class Numbering:
    """Planes by section, for the channel and the frame that were chosen.

    Attributes
    ----------
    planes : tuple of int
        Of each section, which of the planes of the file.
    axes : tuple of (str, int)
        For people: what the file has, slowest first, without y and x.
    notes : tuple of str
    choice : Choice
        What was chosen of several.
    """

    planes: tuple[int, ...]
    axes: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    choice: Choice = Choice()


def chosen(
    table: np.ndarray,
    choice: Choice,
    name: str,
    channels: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> Numbering:
    """Pick a channel and a frame.

    Parameters
    ----------
    table : numpy.ndarray
        int ``(frames, channels, sections)``: the plane of each.
    choice : Choice
    name : str
        Of the file, for errors.
    channels : tuple of str
        Their names, as far as the file gives them.

    Raises
    ------
    Undecided, LabError
    """
    frames, count, sections = table.shape
    alone = sections == 1
    # two axes cannot both be the sections
    channel = numbered("channel", choice.channel, count, name, channels, alone and frames == 1)
    frame = numbered("frame", choice.frame, frames, name, (), alone and count == 1)
    planes = table.ravel() if SECTIONS in (channel, frame) else table[frame, channel]
    parts = (("frame", frames), ("section", sections), ("channel", count))
    taken = Choice(channel if count > 1 else None, frame if frames > 1 else None, choice.dataset)
    return Numbering(
        tuple(int(plane) for plane in planes),
        tuple((axis, length) for axis, length in parts if length > 1),
        notes,
        taken,
    )


def fiji(text: str, planes: int, choice: Choice, name: str) -> Numbering:
    """Number the planes of a stack that ImageJ or Fiji described.

    Raises
    ------
    Undecided, LabError
    """
    said = {key: _number(text, key) for key in ("channels", "slices", "frames")}
    channels, slices, frames = (max(value or 1, 1) for value in said.values())
    if channels * frames > _CHANNELS:
        raise LabError(f"{shown(name)} says that it has {channels} channels; save it again.")
    if channels * slices * frames != planes:
        # plain stacks count images only
        if planes % (channels * frames):
            raise LabError(
                f"{shown(name)} says that it has {channels} channels, {slices} slices and {frames}"
                f" frames, but it has {planes} pages; save it again from Fiji."
            )
        slices = planes // (channels * frames)
    table = np.arange(planes).reshape(frames, slices, channels).transpose(0, 2, 1)
    return chosen(table, choice, name)


def _number(text: str, key: str) -> int | None:
    found = re.search(rf"^{key}=(\d{{1,9}})\s*$", text, re.MULTILINE)
    return int(found[1]) if found else None


def behind(text: str, said: dict | None, page) -> int:
    """Planes that follow each other behind the only directory, as in Fiji's large stacks."""
    if page.compression != 1 or not page.is_contiguous or page.bitspersample % 8:
        return 1
    if text.startswith("ImageJ="):
        return _number(text, "images") or 1
    if said is not None and said["truncated"]:
        return max(math.prod(said["shape"]) // math.prod(page.shape), 1)
    return 1


def described(text: str) -> dict | None:
    """Tifffile's own description, or None."""
    if not text.startswith('{"shape"'):
        return None
    try:
        found = json.loads(text)
        shape = [int(side) for side in found["shape"]]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None
    axes = found.get("axes", "")
    axes = axes if isinstance(axes, str) and len(axes) == len(shape) else ""
    return {"shape": shape, "axes": axes, "truncated": bool(found.get("truncated"))}


def may_be_sections(page) -> int:
    """Planes of a colour picture that may be sections: tifffile writes a stack of 3 or 4 so.

    It takes an array ``(3, height, width)`` for the colours of one picture, if it is told nothing,
    and keeps them plane by plane. 0 if this is no such page.
    """
    said = described(page.description)
    count = page.samplesperpixel
    if said is None or page.planarconfig != 2 or count not in (3, 4):
        return 0
    return count if said["shape"] == [count, page.imagelength, page.imagewidth] else 0


def tifffiles(said: dict, planes: int, choice: Choice, name: str) -> Numbering:
    """Number the planes of a stack that tifffile described.

    Raises
    ------
    Undecided, LabError
    """
    axes, shape = said["axes"], said["shape"]
    last = axes.find("Y")
    leading = [(axis, side) for axis, side in zip(axes[:last], shape, strict=False) if side != 1]
    if last < 1 or math.prod(side for _, side in leading) != planes:
        return plain(planes, choice, name)
    order = [axis for axis, _ in leading]
    known = {"T": 0, "C": 1}
    if not set(order) & set(known):
        return plain(planes, choice, name)
    # whatever else is counted, is counted as sections
    table = np.arange(planes).reshape([side for _, side in leading])
    others = [i for i, axis in enumerate(order) if axis not in known]
    kept = [order.index(axis) for axis in known if axis in order]
    sides = [dict(leading).get(axis, 1) for axis in known]
    table = table.transpose([*kept, *others]).reshape(*sides, -1)
    return chosen(table, choice, name)


def plain(planes: int, choice: Choice, name: str) -> Numbering:
    """Pages as sections, in the order of the file."""
    return chosen(np.arange(planes).reshape(1, 1, planes), choice, name)
