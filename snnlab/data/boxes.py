"""Own boxes, of one section: COCO's JSON, a CSV table, or a mask of numbered things.

What a file is, is told by what is in it. Boxes come out as ``(x0, y0, x1, y1)`` in pixels of the
file's image, origin at the top left corner. Whatever is wrong is one sentence that names the entry.
"""

import csv
import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.data.instances import boxes_of, components
from snnlab.errors import LabError
from snnlab.images import formats
from snnlab.images.colours import numbers_of
from snnlab.images.limits import shown
from snnlab.images.origin import Origin
from snnlab.images.reading import open_labels
from snnlab.work import stored
from snnlab.work.stored import Damaged

LARGEST = 64 << 20  # bytes of a file of text
MOST = 100_000  # boxes of a section
SLACK = 1.0  # pixels that a box may reach beyond its image, as rounding leaves it
_PAIR = 2
# names of the columns that say where a box is, and whether the last two are sizes
COLUMNS = (
    (("x", "y", "width", "height"), True),
    (("x", "y", "w", "h"), True),
    (("left", "top", "width", "height"), True),
    (("x0", "y0", "x1", "y1"), False),
    (("x1", "y1", "x2", "y2"), False),
    (("xmin", "ymin", "xmax", "ymax"), False),
    (("left", "top", "right", "bottom"), False),
)
SECTIONS = ("section", "slice", "frame", "z")


@dataclass(frozen=True)
class Boxes:
    """Boxes of one section.

    Attributes
    ----------
    boxes : numpy.ndarray
        float64 ``(n, 4)``.
    form : {"COCO", "CSV", "mask"}
    notes : tuple of str
        What was taken for granted, a sentence each.
    """

    boxes: np.ndarray
    form: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """The section that boxes are wanted of.

    Attributes
    ----------
    image : str
        Name of its file.
    section, sections : int
    shape : tuple of int
        ``(height, width)``.
    """

    image: str
    section: int
    sections: int
    shape: tuple[int, int]


def read(source: bytes | str | os.PathLike, name: str, wanted: Wanted) -> Boxes:
    """Read the boxes of a section.

    Parameters
    ----------
    source : bytes or path
    name : str
        Of the file, for errors.
    wanted : Wanted

    Raises
    ------
    LabError
        If there is something in the file that is no box of that section.
    """
    origin = Origin(source)
    if formats.reader_of(origin) is not None:
        return _of_mask(source, name, wanted)
    if origin.folder or origin.size > LARGEST:
        raise LabError(
            f"{shown(name)} is no file of boxes; give COCO JSON, a CSV table or a mask image."
        )
    data = source if isinstance(source, bytes) else origin.path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(
            f"{shown(name)} is neither text nor an image; give COCO JSON, a CSV table or a mask."
        ) from error
    if text.lstrip()[:1] in ("{", "["):
        return _of_coco(text, name, wanted)
    return _of_csv(text, name, wanted)


# ---- a box ----------------------------------------------------------------------------------


def _box(numbers: Sequence, sizes: bool, entry: str, wanted: Wanted) -> tuple[float, ...]:
    """One box, checked.

    Raises
    ------
    LabError
    """
    good = [
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
        for one in numbers
    ]
    if len(numbers) != 2 * _PAIR or not all(good):
        raise LabError(f"{entry} is not four numbers; correct it or leave it out.")
    x, y, right, bottom = map(float, numbers)
    wide, high = (right, bottom) if sizes else (right - x, bottom - y)
    if wide <= 0 or high <= 0:
        raise LabError(
            f"{entry} is {wide:g} wide and {high:g} high; give a box a width and a height above 0."
        )
    height, width = wanted.shape
    inside = -SLACK <= x <= x + wide <= width + SLACK and -SLACK <= y <= y + high <= height + SLACK
    if not inside:
        raise LabError(
            f"{entry} reaches from ({x:g}, {y:g}) to ({x + wide:g}, {y + high:g}), outside of the"
            f" image of {width} x {height} pixels; give boxes in pixels of this image."
        )
    return max(x, 0.0), max(y, 0.0), min(x + wide, width), min(y + high, height)


def _made(found: list, form: str, name: str, notes=()) -> Boxes:
    if len(found) > MOST:
        raise LabError(f"{shown(name)} has {len(found)} boxes of one section; at most {MOST}.")
    return Boxes(np.array(found, float).reshape(-1, 4), form, tuple(notes))


# ---- COCO -----------------------------------------------------------------------------------


def _of_coco(text: str, name: str, wanted: Wanted) -> Boxes:
    try:
        told = stored.parsed(text)
    except Damaged as error:
        raise LabError(f"{shown(name)} is no JSON that can be read: it {error}.") from error
    entries = told.get("annotations") if isinstance(told, dict) else told
    if not isinstance(entries, list):
        raise LabError(
            f'{shown(name)} has no list of "annotations", as COCO has; give one with "bbox" each.'
        )
    called, notes, found, left_out = shown(name), [], [], 0
    for number, one in enumerate(entries):
        if not isinstance(one, dict) or not isinstance(one.get("bbox"), list):
            raise LabError(
                f'annotation {number} of {called} has no "bbox" of x, y, width and height; add it'
                " or leave the annotation out."
            )
    images = told.get("images") if isinstance(told, dict) else None
    ident = _image_of(images, entries, called, wanted)
    for number, one in enumerate(entries):
        if ident is not None and one.get("image_id") != ident:
            continue
        if one.get("iscrowd") == 1:
            left_out += 1
            continue
        found.append(_box(one["bbox"], True, f"annotation {number} of {called}", wanted))
    if left_out:
        notes.append(f"{left_out} of the boxes are of crowds (iscrowd), which do not count.")
    return _made(found, "COCO", name, notes)


def _image_of(images, entries, called: str, wanted: Wanted):
    """The ``image_id`` of the section; None if all boxes are of one image, whichever."""
    if not images:
        idents = {repr(one.get("image_id")): one.get("image_id") for one in entries}
        if len(idents) <= 1:
            return None
        if wanted.sections > 1:
            return wanted.section
        raise LabError(
            f'{called} is of {len(idents)} images and lists none; add "images", or give a file of'
            " this image alone."
        )
    if not isinstance(images, list) or not all(isinstance(one, dict) for one in images):
        raise LabError(f'"images" of {called} is no list of images, as COCO has; correct it.')
    chosen = [one for one in images if one.get("file_name") == wanted.image]
    if len(images) == 1:
        number = 0
    elif len(chosen) == 1:
        number = images.index(chosen[0])
    elif wanted.sections > 1 and len(images) == wanted.sections:
        number = wanted.section
    else:
        raise LabError(
            f"{called} lists {len(images)} images, and none that is called {shown(wanted.image)};"
            " name it there, or give a file of this image alone."
        )
    image, (height, width) = images[number], wanted.shape
    size = image.get("width", width), image.get("height", height)
    if size != (width, height):
        told = " x ".join(shown(str(one)) for one in size)
        raise LabError(
            f"image {number} of {called} has {told} pixels, but the image here has {width} x"
            f" {height}; give boxes in pixels of this image."
        )
    return image.get("id")


# ---- CSV ------------------------------------------------------------------------------------


def _of_csv(text: str, name: str, wanted: Wanted) -> Boxes:
    called = shown(name)
    first = text.lstrip().split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(row)]
    except csv.Error as error:
        raise LabError(f"{called} is no table that can be read ({error}).") from error
    names = [one.strip().lower() for one in rows[0]] if rows else []
    found = next(((c, s) for c, s in COLUMNS if set(c) <= set(names)), None)
    notes = []
    if found is None and len(names) == 2 * _PAIR and None not in map(_number, names):
        found, names = COLUMNS[0], list(COLUMNS[0][0])
        notes.append(f"{called} has no header: its columns were taken for x, y, width, height.")
        rows.insert(0, names)
    if found is None:
        raise LabError(
            f"{called} has no columns that say where boxes are; its first line should be"
            " x,y,width,height or x0,y0,x1,y1."
        )
    columns, sizes = found
    at = [names.index(one) for one in columns]
    which = next((names.index(one) for one in SECTIONS if one in names), None)
    boxes = []
    for line, row in enumerate(rows[1:], start=1):
        entry = f"row {line} of {called}"
        if which is not None and (which >= len(row) or _number(row[which]) is None):
            raise LabError(f"{entry} does not say of which section it is; give a number from 0.")
        if which is not None and _number(row[which]) != wanted.section:
            continue
        numbers = [_number(row[place]) if place < len(row) else None for place in at]
        boxes.append(_box(numbers, sizes, entry, wanted))
    return _made(boxes, "CSV", name, notes)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# ---- a mask ---------------------------------------------------------------------------------


def _of_mask(source, name: str, wanted: Wanted) -> Boxes:
    stack = open_labels(source, name)
    called, (height, width) = shown(name), wanted.shape
    if stack.header.form == "JPEG":
        raise LabError(f"{called} is a JPEG, which blurs labels; save the mask as PNG or TIFF.")
    if stack.shape != wanted.shape:
        raise LabError(
            f"{called} has {stack.shape[1]} x {stack.shape[0]} pixels, but the image has {width} x"
            f" {height}; give a mask of the same size."
        )
    alone = stack.sections == 1 and wanted.sections == 1
    values = numbers_of(stack.stored(0 if alone else wanted.section)).values
    if not np.array_equal(values, np.rint(values)) or values.min(initial=0) < 0:
        raise LabError(f"{called} is no mask: its values are no whole numbers from 0 on.")
    known, numbered = np.unique(values, return_inverse=True)
    if len(known) > MOST:
        raise LabError(f"{called} has {len(known)} different numbers; at most {MOST} are things.")
    numbered = numbered.reshape(values.shape) + (known[0] != 0)
    if len(known) <= _PAIR:
        note = f"{called} has one class: each connected part was taken for a thing."
        return _made(list(boxes_of(components(numbered > 0))[0]), "mask", name, [note])
    return _made(list(boxes_of(numbered)[0]), "mask", name)
