"""OME-XML of a TIFF: which plane is which section, and how large a pixel is.

Read by an XML parser, not by patterns: attributes come in either quotes, with
entities and in any order. A document that declares entities of its own is refused.

References
----------
OME-TIFF specification 6 and the schema 2016-06, https://docs.openmicroscopy.org/ome-model/
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import Choice, named
from snnlab.images.limits import damaged, shown
from snnlab.images.pixel_size import (
    NM,
    UNKNOWN,
    Calibration,
    checked,
    doubted,
    nm_of,
    unit_of,
)
from snnlab.images.tiff.axes import Numbering, chosen

_PLANES = 1 << 20  # of one image


@dataclass(frozen=True)
class Described:
    """One image of the document.

    Attributes
    ----------
    pixels : xml.etree.ElementTree.Element
        Its ``Pixels``.
    dataset : str or None
        Its name, if it was one of several.
    uuid : str
        Of the document.
    """

    pixels: ElementTree.Element
    dataset: str | None
    uuid: str


def is_ome(text: str) -> bool:
    """Whether a description is OME-XML."""
    start = text[:20_000].lstrip("\ufeff \r\n\t")
    return start.startswith("<") and re.search(r"<(\w{1,40}:)?OME[\s>]", start) is not None


def read(text: str, choice: Choice, name: str, beside: Callable[[str], str | None]) -> Described:
    """Find the image that is meant.

    Parameters
    ----------
    text : str
    choice : Choice
    name : str
        For errors.
    beside : callable
        Of the name of the file that describes the whole set its text, or None if it is
        not there.

    Raises
    ------
    Undecided
        If there are several.
    LabError
        If the document is damaged, or describes no image.
    """
    root = _parsed(text, name)
    elsewhere = root.find("BinaryOnly")
    uuid = root.get("UUID", "")
    if elsewhere is not None:
        file = elsewhere.get("MetadataFile", "")
        found = beside(file)
        if found is None:
            raise LabError(
                f"{shown(name)} is one file of a set that {shown(file)} describes, which is not"
                " here; save the set as one file, or name it on the command line where all its"
                " files are in one folder."
            )
        root = _parsed(found, name)
    images = [image for image in root.findall("Image") if image.find("Pixels") is not None]
    if not images:
        raise damaged(name)
    called = [
        (image.get("ID") or f"Image:{i}", image.get("Name") or "") for i, image in enumerate(images)
    ]
    labels = [(ident, f"{ident} ({said})" if said else ident) for ident, said in called]
    which = None
    if len(images) > 1 or choice.dataset is not None:
        which = named(choice.dataset, labels, name)
    index = [ident for ident, _ in called].index(which) if which else 0
    dataset = which if len(images) > 1 else None
    return Described(images[index].find("Pixels"), dataset, uuid)


def _parsed(text: str, name: str) -> ElementTree.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise damaged(name)
    try:
        root = ElementTree.fromstring(text.rstrip("\0").strip("\ufeff \r\n\t").encode())
    except (ElementTree.ParseError, ValueError) as error:
        raise damaged(name) from error
    for element in root.iter():  # without the namespace, which has the schema's year in it
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    return root


def numbering(
    described: Described,
    pages: int,
    choice: Choice,
    name: str,
    sibling: Callable[[str], int | None],
) -> Numbering:
    """Number the planes as TiffData says.

    Parameters
    ----------
    described : Described
    pages : int
        Directories of the main chain of this file.
    choice : Choice
    name : str
        Of this file.
    sibling : callable
        Of the name of another file of the set, how many directories it has, or None if
        it is not there. Those that are there are numbered 1, 2, ... as they are asked for.

    Returns
    -------
    Numbering
        Its planes are for `split`.

    Raises
    ------
    Undecided, LabError
    """
    pixels = described.pixels
    sizes = {axis: _whole(pixels, f"Size{axis}", None) for axis in "CTZ"}
    if None in sizes.values() or min(sizes.values()) < 1:
        raise damaged(name)
    listed = pixels.findall("Channel")
    samples = max([_whole(channel, "SamplesPerPixel", 1) or 1 for channel in listed] or [1])
    # colours are counted as channels, but one plane holds them all
    channels = len(listed) if listed and samples > 1 else sizes["C"]
    if samples > 1 and not listed:
        channels = max(sizes["C"] // samples, 1)
    lengths = {"C": channels, "T": sizes["T"], "Z": sizes["Z"]}
    total = math.prod(lengths.values())
    if total > _PLANES:
        raise damaged(name)
    order = [axis for axis in pixels.get("DimensionOrder", "XYZCT") if axis in "CTZ"]
    if sorted(order) != ["C", "T", "Z"]:
        raise damaged(name)
    table = np.full([lengths[axis] for axis in reversed(order)], -1, np.int64)
    flat = table.reshape(-1)
    _fill(described, flat, lengths, order, pages, name, sibling)
    missing = int((flat < 0).sum())
    if missing:
        raise LabError(
            f"{shown(name)} describes {total} planes but lists only {total - missing} of them;"
            " export it again from the program that made it."
        )
    names = tuple(channel.get("Name") or "" for channel in listed)
    places = [list(reversed(order)).index(axis) for axis in "TCZ"]
    taken = chosen(table.transpose(places), choice, name, names)
    return replace(taken, choice=replace(taken.choice, dataset=described.dataset))


def _fill(described, flat, lengths, order, pages, name, sibling) -> None:
    blocks = described.pixels.findall("TiffData")
    steps, step = {}, 1
    for axis in order:
        steps[axis], step = step, step * lengths[axis]
    # a set of one file that says nothing of its own identity: it was given another name since
    names = {uuid.get("FileName", "") for block in blocks for uuid in block.findall("UUID")}
    alone = len(names) == 1 and not described.uuid
    absent: dict[str, None] = {}
    counts: dict[str, tuple[int, int | None]] = {}  # which file, how many directories
    if not blocks:
        count = min(len(flat), pages)
        flat[:count] = range(count)
    for block in blocks:
        first = [_whole(block, f"First{axis}", 0) for axis in order]
        directory = _whole(block, "IFD", None)
        count = _whole(block, "PlaneCount", len(flat) if directory is None else 1)
        if (
            None in first
            or count is None
            or any(not 0 <= value < lengths[axis] for axis, value in zip(order, first, strict=True))
        ):
            raise damaged(name)
        start = sum(steps[axis] * value for axis, value in zip(order, first, strict=True))
        directory = directory or 0
        count = min(count, len(flat) - start)
        place, have = 0, pages
        other = block.find("UUID")
        file = other.get("FileName", "") if other is not None else ""
        ident = (other.text or "").strip() if other is not None else ""
        if file and not alone and ident != described.uuid and not _same(file, name):
            if file not in counts:
                there = 1 + sum(have is not None for _, have in counts.values())
                counts[file] = there, sibling(file)
            place, have = counts[file]
            if have is None:
                absent[file] = None
                continue
        if block.get("PlaneCount") is None and block.get("IFD") is None:
            count = min(count, have)
        if directory + count > have or directory < 0 or count < 0:
            raise LabError(
                f"{shown(name)} describes more planes than {shown(file or name)} holds; export it"
                " again from the program that made it."
            )
        flat[start : start + count] = range(
            place * _PLANES + directory, place * _PLANES + directory + count
        )
    if absent:
        named_ = ", ".join(shown(file) for file in list(absent)[:3])
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        raise LabError(
            f"{shown(name)} is one file of a set, and {named_}{more} of it"
            f" {'is' if len(absent) == 1 else 'are'} not here; save the set as one file, or name"
            " it on the command line where all its files are in one folder."
        )


def _same(file: str, name: str) -> bool:
    return file.replace("\\", "/").rpartition("/")[2] == name.replace("\\", "/").rpartition("/")[2]


def _whole(element, key: str, default: int | None) -> int | None:
    """A whole number of an attribute; `default` if it is not there, None if it is none."""
    text = element.get(key)
    if text is None:
        return default
    return int(text) if text.strip().isdigit() and len(text) < 12 else None


def split(plane: int) -> tuple[int, int]:
    """Which file, 0 being the described one, and which directory in it."""
    return divmod(plane, _PLANES)


def calibration(described: Described) -> Calibration:
    """The physical size of a pixel; a unit that is no length makes it unknown."""
    pixels = described.pixels
    sizes: dict[str, float] = {}
    units: dict[str, str] = {}
    for axis in "ZYX":
        text = pixels.get(f"PhysicalSize{axis}")
        if text is None:
            continue
        # OME's unit, if none is given, is the micrometre
        unit = pixels.get(f"PhysicalSize{axis}Unit", "µm")
        known = unit_of(unit)
        try:
            size = float(text)
        except ValueError:
            size = math.nan
        if axis == "Z" and (known is None or not size > 0):
            continue  # says nothing of the pixels
        if known is None:
            return doubted(UNKNOWN, f"OME gives it in {unit[:40]!r}, which is no length")
        if not (math.isfinite(size) and size > 0):
            return doubted(UNKNOWN, f"OME gives {text[:40]!r}, which is no size")
        units[axis], factor = known
        sizes[axis] = size * factor
    for axis, other in ("XY", "YX"):
        if axis not in sizes and other in sizes:
            sizes[axis], units[axis] = sizes[other], units[other]
    if "X" not in sizes:
        return UNKNOWN
    found = Calibration(
        tuple(sizes.get(axis, 1.0) for axis in "ZYX"),
        tuple(units.get(axis, "") for axis in "ZYX"),
        _translation(pixels, units),
        "OME's PhysicalSize",
    )
    return checked(found, "OME")


def _translation(pixels, units: dict[str, str]) -> tuple[float, float, float] | None:
    """Where the first plane lies, in the units of the sizes."""
    plane = next((p for p in pixels.findall("Plane") if _whole(p, "TheZ", 0) == 0), None)
    if plane is None:
        return None
    found = []
    for axis in "ZYX":
        text = plane.get(f"Position{axis}")
        nm = nm_of(plane.get(f"Position{axis}Unit", "reference frame"))
        try:
            value = float(text) if text is not None and nm is not None else 0.0
        except ValueError:
            value = 0.0
        own = NM.get(units.get(axis, ""))
        found.append(value * nm / own if value and nm and own and math.isfinite(value) else 0.0)
    return tuple(found) if any(found) else None
