"""Scribbles: labels that somebody paints over an image, stroke by stroke.

A stroke is a line of some width that says membrane or cell, or that takes away what lies under
it. In the order in which they were painted they become labels of which nearly all pixels do not
count. Strokes are kept in pixels of the file, so that they stay where they are when the image is
resampled. They come from a browser or from a session file, either of which may hold anything.
"""

import io
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from snnlab.errors import LabError
from snnlab.images.limits import shown
from snnlab.images.pictures import Picture

INKS = ("membrane", "cell", "erase")
MEMBRANE, CELL, ERASE = range(3)  # places in `INKS`; of the first two, what labels hold
UNLABELLED = -1  # as negative numbers in any file of labels
FILE = "scribbles.tif"
STROKES = 2000  # of a section, at most
POINTS = 40_000  # of all strokes of a section together
LENGTH = 250_000.0  # pixels, of these lines together
WIDEST = 64.0  # pixels
PIECE = 32.0  # pixels: longer lines are cut up, so that the box around each piece stays small
FARTHEST = 10_000.0  # pixels from the corner: sections have 4096 at most a side
PIXELS = 512 << 20  # of all sections of a TIFF together; as many as can be trained on

KEPT = 3  # sections as they were drawn last, up to 34 MB each

Strokes = tuple["Stroke", ...]
_latest: list[tuple[Strokes, tuple[int, int], tuple[float, float], np.ndarray]] = []
_guard = threading.Lock()


@dataclass(frozen=True)
class Stroke:
    """One line of the brush.

    Attributes
    ----------
    ink : int
        A place in `INKS`.
    width : float
        Pixels.
    points : tuple of (float, float)
        Rows and columns; the middle of the first pixel is at 0.5, 0.5.
    """

    ink: int
    width: float
    points: tuple[tuple[float, float], ...]


# ---- as numbers ------------------------------------------------------------------------------


def read(given: Any, scale: tuple[float, float] = (1.0, 1.0)) -> Strokes:
    """Strokes that somebody hands in: lists of ink, width, and column and row of each point.

    Parameters
    ----------
    given : object
        Should be ``[[ink, width, [x, y, x, y, ...]], ...]``.
    scale : (float, float)
        By which rows and columns are multiplied.

    Raises
    ------
    LabError
        If it is none of that, or too much.
    """
    wrong = LabError("these scribbles are damaged; clear them and paint them again.")
    if not isinstance(given, list | tuple):
        raise wrong
    if len(given) > STROKES:
        raise LabError(
            f"these are more than {STROKES} strokes on one section; paint with fewer, longer ones."
        )
    found, points, length = [], 0, 0.0
    for one in given:
        if not isinstance(one, list | tuple) or len(one) != 3:
            raise wrong
        ink, width, flat = one
        if type(ink) is not int or not 0 <= ink < len(INKS) or not _number(width, WIDEST):
            raise wrong
        if not isinstance(flat, list | tuple) or len(flat) < 2 or len(flat) % 2 or width <= 0:
            raise wrong
        points += len(flat) // 2
        if points > POINTS:
            raise LabError(
                f"these strokes have more than {POINTS} points on one section; paint fewer."
            )
        if not all(_number(value, FARTHEST) for value in flat):
            raise wrong
        length += sum(map(math.dist, zip(flat[::2], flat[1::2], strict=True),
                          zip(flat[2::2], flat[3::2], strict=True)))  # fmt: skip
        if length > LENGTH:
            raise LabError(
                f"these strokes are longer than {LENGTH:.0f} pixels on one section; take some back."
            )
        rows, columns = scale
        places = zip(flat[1::2], flat[::2], strict=True)
        made = tuple((round(y * rows, 2), round(x * columns, 2)) for y, x in places)
        found.append(Stroke(ink, round(width * math.sqrt(rows * columns), 2), made))
    return tuple(found)


def _number(value: Any, most: float) -> bool:
    # what is no number at all, or endless, is not below either
    return type(value) in (int, float) and abs(value) <= most


def written(strokes: Strokes, scale: tuple[float, float] = (1.0, 1.0)) -> list:
    """What `read` reads, rows and columns divided by ``scale``."""
    rows, columns = scale
    mean = math.sqrt(rows * columns)
    return [
        [
            one.ink,
            round(one.width / mean, 2),
            [round(v, 2) for y, x in one.points for v in (x / columns, y / rows)],
        ]
        for one in strokes
    ]


# ---- as pixels -------------------------------------------------------------------------------


def owners(
    strokes: Strokes, shape: tuple[int, int], scale: tuple[float, float] = (1.0, 1.0)
) -> np.ndarray:
    """Which stroke was painted last over each pixel.

    Parameters
    ----------
    strokes : tuple of Stroke
    shape : tuple of int
        ``(height, width)``.
    scale : (float, float)
        By which rows and columns of the strokes are divided.

    Returns
    -------
    numpy.ndarray
        int16 ``(height, width)``, not to be written to: a place in ``strokes``, -1 where there is
        none, or the last one took labels away.
    """
    shape = tuple(shape)
    with _guard:
        known = [one for one in _latest if one[1:3] == (shape, scale)]
    # painting goes on where it was: only what came since is drawn
    before = [one for one in known if strokes[: len(one[0])] == one[0]]
    done, *_, found = max(before, key=lambda one: len(one[0]), default=((), None))
    if found is not None and len(done) == len(strokes):
        return found
    found = np.full(shape, -1, np.int16) if found is None else found.copy()
    for index in range(len(done), len(strokes)):
        one = strokes[index]
        _draw(found, one, -1 if one.ink == ERASE else index, scale)
    found.flags.writeable = False
    with _guard:
        _latest.insert(0, (strokes, shape, scale, found))
        del _latest[KEPT:]
    return found


def labels(
    strokes: Strokes, shape: tuple[int, int], scale: tuple[float, float] = (1.0, 1.0)
) -> np.ndarray:
    """Labels of a section; parameters as of `owners`.

    Returns
    -------
    numpy.ndarray
        int8 ``(height, width)``: 0 = membrane, 1 = cell, -1 = not labelled.
    """
    inks = np.array([*(one.ink for one in strokes), UNLABELLED], np.int8)
    return inks[owners(strokes, shape, scale)]  # where there is none, -1 is the last


def _draw(found: np.ndarray, stroke: Stroke, value: int, scale: tuple[float, float]) -> None:
    """Write a value into all pixels whose middle lies within half a stroke's width of its line.

    A thin line takes the pixels that it runs through.
    """
    half = max(stroke.width / math.sqrt(scale[0] * scale[1]) / 2, 0.5)
    line = np.array(stroke.points, float) / scale
    ends = line[1:] if len(line) > 1 else line
    for one, other in zip(line, ends, strict=False):
        count = max(1, math.ceil(math.dist(one, other) / max(PIECE, half)))
        steps = np.linspace(one, other, count + 1)
        for start, end in zip(steps, steps[1:], strict=False):
            _near(found, start, end, half, value)


def _near(found: np.ndarray, one: np.ndarray, other: np.ndarray, half: float, value: int) -> None:
    """The same for one piece of a line."""
    low = np.maximum(np.floor(np.minimum(one, other) - half).astype(int), 0)
    high = np.maximum(np.ceil(np.maximum(one, other) + half).astype(int), 0)
    part = found[low[0] : high[0], low[1] : high[1]]
    if not part.size:
        return
    rows = np.arange(part.shape[0])[:, None] + low[0] + 0.5 - one[0]
    columns = np.arange(part.shape[1])[None, :] + low[1] + 0.5 - one[1]
    along = other - one
    length = float(along @ along)
    share = np.clip((rows * along[0] + columns * along[1]) / length, 0, 1) if length else 0.0
    far = (rows - share * along[0]) ** 2 + (columns - share * along[1]) ** 2
    part[far <= half**2] = value


def counts(coded: np.ndarray) -> tuple[int, int]:
    """Pixels of membrane and of cell."""
    return int((coded == MEMBRANE).sum()), int((coded == CELL).sum())


def both(coded: np.ndarray) -> bool:
    """Whether both classes are there: of one alone nothing can be told or learned."""
    return min(counts(coded)) > 0


# ---- as the labels of a picture --------------------------------------------------------------


def scale_of(picture: Picture) -> tuple[float, float]:
    """Pixels of the file that one of the picture's is high and wide."""
    if picture.file_shape is None:
        return 1.0, 1.0
    (height, width), (rows, columns) = picture.pixels.shape, picture.file_shape
    return rows / height, columns / width


def onto(picture: Picture, strokes: Strokes) -> Picture:
    """The picture with scribbles for its labels; as it was, if they lack one of the classes."""
    coded = labels(strokes, picture.pixels.shape, scale_of(picture))
    if not both(coded):
        return picture
    of_file = None
    if picture.file_shape is not None:
        of_file = labels(strokes, picture.file_shape)
        if not both(of_file):
            return picture
    before = f"{shown(picture.labels_file)}: "
    kept = [note for note in picture.notes if not (picture.labels_file and note.startswith(before))]
    return replace(
        picture,
        labels=coded == CELL,
        ignored=coded == UNLABELLED,
        labels_file=FILE,
        inverted=False,
        ignore=(),
        labels_options=(),
        file_labels=None if of_file is None else of_file == CELL,
        file_ignored=None if of_file is None else of_file == UNLABELLED,
        notes=tuple(kept),
    )


def tiff(sections: Mapping[int, Strokes], count: int, shape: tuple[int, int]) -> bytes:
    """A TIFF of labels that any page and command of the lab reads as such.

    Parameters
    ----------
    sections : mapping of int to tuple of Stroke
        By section. Of those that lack one of the classes nothing is written.
    count : int
        How many sections the image has.
    shape : tuple of int
        ``(height, width)`` of the file's image.

    Returns
    -------
    bytes
        int8, a page for each section: 0 = membrane, 1 = cell, -1 = not labelled.

    Raises
    ------
    LabError
        If the stack is too large for it.
    """
    import tifffile

    if count * shape[0] * shape[1] > PIXELS:
        raise LabError(
            f"scribbles on a stack of more than {PIXELS >> 20} million pixels are not written;"
            " cut out the sections that you painted on."
        )
    empty = np.full(shape, UNLABELLED, np.int8)

    def pages():
        for index in range(count):
            coded = labels(sections.get(index, ()), shape)
            yield coded if both(coded) else empty

    file = io.BytesIO()
    tifffile.imwrite(
        file, pages(), shape=(count, *shape), dtype=np.int8, photometric="minisblack",
        compression="zlib", metadata=None, software="SNN Lab",
    )  # fmt: skip
    return file.getvalue()


def split(strokes: Sequence[Stroke], every: int = 4) -> frozenset[int]:
    """Strokes to hold back: of each class one in ``every``, one at least where there are two.

    Returns
    -------
    frozenset of int
        Places in ``strokes``; empty of a class with one stroke only.
    """
    found = set()
    for ink in (MEMBRANE, CELL):
        places = [index for index, one in enumerate(strokes) if one.ink == ink]
        if len(places) > 1:
            # from the second on, so that the first few can be learned from
            found |= set(places[1::every])
    return frozenset(found)
