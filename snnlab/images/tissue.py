"""What of a section is tissue, and what only fills its canvas.

Sections that were registered, turned or cut out of a larger canvas are filled up
with one value (0, white, -9999) or with NaN; a scanning microscope writes a bar of
text below its pictures. None of it is tissue: it says nothing of the exposure, a
net has nothing to find there, and no score counts it.

*Fill* is a connected region of exactly one value that lies along the edge of the
section, is solid, and holds most of what the section has of that value (what is cut off
at that value in between lies in crumbs); so is a rectangle inside, as where a mosaic
lacks a tile. NaN and infinity are never tissue. An *info bar* is a block of rows at the
top or bottom each of which is mostly of two values, and which ends at once. A noisy
picture has neither, and nothing is looked for beyond its outermost pixels and a few
inside.

A section may come in strips of rows, which are asked for as often as they are
needed, and the answer is the same whatever the strips.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

Strips = Callable[[], Iterable[np.ndarray]]

RUN = 12  # equal pixels in a row at the edge, from which fill is suspected
VALUES = 4  # of fill in one section, at most
CONTACT = 1 / 16  # of a side of the section that a region of fill lies along
CUT_OFF = 0.02  # of what is not fill may have the value of fill,
ELSEWHERE = 0.1  # or so much of the fill
LARGE = 0.05  # of the section: a region that is more, and lies not along a
WHOLE = 0.95  # side, must be so much more solid:
THICK = 0.85  # dark membranes that hang together have 0.75, canvases above 0.9;
ALONG = 1 / 3  # and if it lies along so much of a side, only solid regions elsewhere count
COARSE = 8  # pixels between those that are looked at for fill inside,
ROW = 4  # so many of which have one value side by side
INSIDE = 1 / 256  # of the section that a rectangle inside fills,
SQUARE = 0.9  # and of the box around it
SOLID = 0.5  # of a region's pixels whose two neighbours on either side belong to it
FLAT = 0.6  # of what is not fill: more equal neighbours, and it is a drawing without noise
SPECK = 1024  # pixels: tissue that fill encloses must be more
BAR = 0.6  # of an info bar's rows, on average, has one of two values,
LETTERS = 0.4  # and of each row, if letters run through it
BEYOND = 0.3  # of a row beyond it at most
BAR_ROWS = 8  # of a bar at least
BAR_SHARE = 0.3  # of the section at most


def told_blank(section: int) -> str:
    """What is said of a section without tissue, wherever it is said."""
    return f"Section {section} is blank: it has no tissue, so nothing of it is segmented or scored."


def told_partly(tissue: np.ndarray | None, section: int) -> tuple[str, ...]:
    """What is said of a section that is not all tissue; nothing of one that is."""
    if tissue is None:
        return ()
    share = 1 - float(tissue.mean())
    if share == 1:
        return (told_blank(section),)
    said = f"{100 * share:.0f} %" if share >= 0.01 else f"{np.count_nonzero(~tissue)} pixels"
    return (
        f"{said} of the section {'is' if share >= 0.01 else 'are'} not tissue (one value along its"
        " edge, an info bar, or no number at all): left out of contrast, segmentation and scores.",
    )


@dataclass(frozen=True, eq=False)
class Tissue:
    """Where a section is tissue.

    Attributes
    ----------
    shape : tuple of int
        ``(height, width)``.
    pixels : int
        Of tissue.
    bar : int
        Rows of an info bar; 0 if there is none.
    """

    shape: tuple[int, int]
    pixels: int
    bar: int
    _masks: Callable[[], Iterator[np.ndarray]]

    @property
    def blank(self) -> bool:
        """Whether there is none at all."""
        return self.pixels == 0

    def masks(self) -> Iterator[np.ndarray]:
        """Bool ``(rows, width)`` for each strip, True = tissue."""
        return self._masks()

    @property
    def mask(self) -> np.ndarray:
        """Bool ``(height, width)``."""
        return np.concatenate(list(self.masks()))


def find(values: np.ndarray) -> Tissue | None:
    """What is tissue of a section that is in memory; see `survey`."""
    return survey(lambda: (values,), values.shape)


def survey(strips: Strips, shape: tuple[int, int]) -> Tissue | None:
    """Find fill and info bars.

    Parameters
    ----------
    strips : callable
        ``strips()`` gives the section's rows from the top, ``(rows, width)`` each, as
        they were stored: any real type; every time the same.
    shape : tuple of int
        ``(height, width)``.

    Returns
    -------
    Tissue or None
        None if all of it is tissue.
    """
    edges = _edges(strips, shape)
    suspected = _suspected(edges.lines)
    flat_ends = [_two_values(line[None])[0] >= BAR for line in edges.lines[:2]]
    suspected = dict.fromkeys(edges.inside, 0.0) | suspected
    if not suspected and edges.finite and not any(flat_ends):
        return None
    top, bottom = _bars(strips, shape, *flat_ends)
    kept = [
        regions
        for value, longest in suspected.items()
        if (regions := _fill(strips, shape, value, longest, top, bottom))
    ]
    if not kept and edges.finite and not top and not bottom:
        return None

    def filled() -> Iterator[np.ndarray]:
        parts = [regions.masks() for regions in kept]
        first = 0
        for values in strips():
            mask = ~np.isfinite(values)
            for part in parts:
                mask |= next(part)
            rows = np.arange(first, first + len(values))
            mask |= ((rows < top) | (rows >= shape[0] - bottom))[:, None]
            first += len(values)
            yield mask

    # what fill encloses and is too small to be a section: letters in a bar, specks
    rest = _Regions(lambda: (~mask for mask in filled()), shape)
    rest.keep(rest.size >= min(SPECK, shape[0] * shape[1] // 64))
    pixels = int(rest.size[rest.kept].sum())
    if pixels == shape[0] * shape[1]:
        return None
    return Tissue(shape, pixels, top + bottom, rest.masks)


# ---- fill -------------------------------------------------------------------


@dataclass(frozen=True)
class _Edges:
    """The outermost rows and columns: top, bottom, left, right; and whether all is finite.

    Beside them values that lie side by side inside, the commonest first.
    """

    lines: tuple[np.ndarray, ...]
    finite: bool
    inside: list


def _edges(strips: Strips, shape: tuple[int, int]) -> _Edges:
    left, right, finite = [], [], True
    top = bottom = None
    inside: dict = {}
    for values in strips():
        top = values[0].copy() if top is None else top
        bottom = values[-1].copy()
        left.append(values[:, 0].copy())
        right.append(values[:, -1].copy())
        finite = finite and bool(values.dtype.kind != "f" or np.isfinite(values).all())
        for value, count in zip(*_side_by_side(values[::COARSE, ::COARSE]), strict=True):
            inside[value] = inside.get(value, 0) + int(count)
    least = INSIDE * shape[0] * shape[1] / (2 * COARSE * COARSE)
    often = [value for value in sorted(inside, key=inside.get) if inside[value] >= least]
    lines = top, bottom, np.concatenate(left), np.concatenate(right)
    return _Edges(lines, finite, often[::-1][:VALUES])


def _side_by_side(coarse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values that `ROW` pixels in a row have, and how often."""
    if coarse.shape[1] < ROW:
        return coarse[:0, 0], coarse[:0, 0]
    first = coarse[:, : -(ROW - 1)]
    same = np.isfinite(first)
    for step in range(1, ROW):
        same &= coarse[:, step : coarse.shape[1] - ROW + 1 + step] == first
    return np.unique(first[same], return_counts=True)


def _suspected(lines: Iterable[np.ndarray]) -> dict:
    """Values that the edge repeats most, and how much of a side the longest run of each is."""
    total: dict = {}
    longest: dict = {}
    for line in lines:
        ends = np.flatnonzero(np.r_[line[1:] != line[:-1], True])
        lengths = np.diff(np.r_[-1, ends])
        for value, length in zip(line[ends], lengths, strict=True):
            if length >= RUN and np.isfinite(value):
                total[value] = total.get(value, 0) + int(length)
                longest[value] = max(longest.get(value, 0.0), float(length) / len(line))
    return {value: longest[value] for value in sorted(total, key=total.get)[::-1][:VALUES]}


def _fill(strips: Strips, shape, value, longest: float, top: int, bottom: int):
    """The regions of one value that are fill; None if there are none."""
    regions = _Regions(lambda: (values == value for values in strips()), shape)
    along = (regions.contact / np.array([shape[1], shape[1], shape[0], shape[0]])).max(1)
    area = shape[0] * shape[1]
    large = regions.size >= LARGE * area
    solid = regions.solid >= np.where(large & (along < WHOLE), THICK, SOLID) * regions.size
    tile = (regions.size >= INSIDE * area) & (regions.square >= SQUARE)
    regions.keep(solid & ((along >= CONTACT) | tile))
    inside = int(regions.size[regions.kept].sum())
    # of a large fill, what is cut off at its value in between is crumbs, and no region of its own
    whole = longest >= ALONG and bool((large & regions.kept).any())
    others = solid & (regions.size >= SPECK // 8) if whole else np.ones_like(solid)
    outside = int(regions.size[~regions.kept & others].sum())
    # where the picture itself is cut off at this value, its cells are as constant as fill is
    rest = area - inside
    if not inside or outside > max(CUT_OFF * rest, ELSEWHERE * inside):
        return None
    # and so they are where a drawing has no noise
    pairs = equal = 0
    masks = regions.masks()
    for values in strips():
        both = ~next(masks)
        both = both[:, 1:] & both[:, :-1]
        pairs += int(np.count_nonzero(both))
        equal += int(np.count_nonzero((values[:, 1:] == values[:, :-1]) & both))
    covered = inside + (top + bottom) * shape[1]
    if equal > FLAT * pairs and covered < shape[0] * shape[1] - SPECK:
        return None
    return regions


class _Regions:
    """The 4-connected regions of a mask that comes in strips.

    Attributes
    ----------
    size, solid : numpy.ndarray
        Pixels of each region, and of them those whose two neighbours on either side belong
        to it too (what is outside of the section does).
    contact : numpy.ndarray
        ``(n, 4)``: pixels at the top, bottom, left and right of the section.
    square : numpy.ndarray
        How much of the box around it each fills.
    kept : numpy.ndarray
        bool: regions that `masks` gives; at first none.
    """

    def __init__(self, masks: Callable[[], Iterable[np.ndarray]], shape: tuple[int, int]):
        # a quarter of a second, which a section without any fill does without
        from scipy import ndimage, sparse

        self._strips, self._shape = masks, shape
        pieces, boxes, links, first, above = [], [], [], 0, None
        for mask in masks():
            labels, count = ndimage.label(mask)
            pieces.append(self._measured(mask, labels, count, first))
            boxes.append(_boxes(labels, first))
            offset = sum(len(piece) for piece in pieces[:-1])
            if above is not None:
                both = (above > 0) & (labels[0] > 0)
                links.append(np.stack([above[both], labels[0][both] + offset]))
            above = np.where(labels[-1] > 0, labels[-1] + offset, 0)
            first += len(mask)
        measured = np.concatenate(pieces)
        pairs = np.concatenate(links, axis=1) - 1 if links else np.zeros((2, 0), int)
        graph = sparse.coo_array(
            (np.ones(pairs.shape[1], bool), (pairs[0], pairs[1])), shape=(len(measured),) * 2
        )
        regions, self._of = sparse.csgraph.connected_components(graph, directed=False)
        total = np.zeros((regions, measured.shape[1]), np.int64)
        np.add.at(total, self._of, measured)
        self.size, self.solid, self.contact = total[:, 0], total[:, 1], total[:, 2:]
        ends = np.full((regions, 4), -(1 << 31), np.int64)
        np.maximum.at(ends, self._of, np.concatenate(boxes))
        height, width = ends[:, 1] + ends[:, 0], ends[:, 3] + ends[:, 2]
        self.square = self.size / np.maximum(height * width, 1)
        self.kept = np.zeros(regions, bool)

    def _measured(self, mask, labels, count: int, first: int) -> np.ndarray:
        """Size, solidity and contact of each piece, ``(count, 6)``."""
        wide = np.pad(mask, ((0, 0), (2, 2)), constant_values=True)
        width = mask.shape[1]
        solid = mask.copy()
        for shift in (0, 1, 3, 4):
            solid &= wide[:, shift : shift + width]
        nothing = labels[:0, 0]
        last = first + len(mask) == self._shape[0]
        where = (
            labels.ravel(),
            labels[solid],
            labels[0] if first == 0 else nothing,
            labels[-1] if last else nothing,
            labels[:, 0],
            labels[:, -1],
        )
        return np.stack([np.bincount(part, minlength=count + 1)[1:] for part in where], axis=1)

    def keep(self, which: np.ndarray) -> None:
        """Choose the regions that `masks` gives, bool ``(n,)``."""
        self.kept = which

    def masks(self) -> Iterator[np.ndarray]:
        """The kept regions, strip by strip."""
        from scipy import ndimage

        offset = 0
        for mask in self._strips():
            labels, count = ndimage.label(mask)
            chosen = np.r_[False, self.kept[self._of[offset : offset + count]]]
            offset += count
            yield chosen[labels]


def _boxes(labels: np.ndarray, first: int) -> np.ndarray:
    """Of each piece the negated first row, the row after its last, and so its columns."""
    from scipy import ndimage

    found = ndimage.find_objects(labels)
    ends = [(-y.start - first, y.stop + first, -x.start, x.stop) for y, x in found]
    return np.array(ends, np.int64).reshape(-1, 4)


# ---- info bars --------------------------------------------------------------


def _bars(strips: Strips, shape, at_top: bool, at_bottom: bool) -> tuple[int, int]:
    """Rows of an info bar at the top and at the bottom."""
    if not (at_top or at_bottom):
        return 0, 0
    height = shape[0]
    most = int(BAR_SHARE * height)
    reach = most + BAR_ROWS + 1
    shares = np.zeros(height)
    first = 0
    for values in strips():
        rows = np.arange(first, first + len(values))
        near = ((rows < reach) & at_top) | ((rows >= height - reach) & at_bottom)
        if near.any():
            shares[rows[near]] = _two_values(values[near])
        first += len(values)
    return (
        _bar(shares, most) if at_top else 0,
        _bar(shares[::-1], most) if at_bottom else 0,
    )


def _bar(shares: np.ndarray, most: int) -> int:
    """How many rows from the start are a bar: it ends at once, before a picture."""
    rows = int(np.argmax(shares < LETTERS)) if (shares < LETTERS).any() else len(shares)
    beyond = shares[rows : rows + BAR_ROWS]
    if not BAR_ROWS <= rows <= most or not len(beyond) or beyond.max() > BEYOND:
        return 0
    return rows if shares[:rows].mean() >= BAR else 0


def _two_values(rows: np.ndarray) -> np.ndarray:
    """Share of each row's pixels that have one of its two commonest values."""
    found = np.empty(len(rows))
    for index, row in enumerate(rows):
        counts = np.unique(row, return_counts=True)[1]
        found[index] = np.sort(counts)[-2:].sum() / len(row)
    return found
