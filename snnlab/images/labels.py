"""What the numbers in a label file mean: where is cell, where membrane, and what does not count.

The lab's own form is 0 = membrane, anything else = cell. Files come otherwise too, and
what a file means is told by its values alone:

- two values: the lower is membrane, the higher cell (of colours, the darker is membrane);
- two values with a rim of others between them, as interpolation leaves it: cut halfway;
- numbers of cells, with or without 0 between them: membrane is drawn where two different
  numbers touch, one pixel on either side;
- negative numbers, NaN, -1 wrapped around to the type's largest, 128 in a mask of this lab,
  and any value that is named by whoever asks: they do not count, in scores and in training;
- colours that are the same everywhere, with the labels in the alpha channel.

What could be two things is refused with the values that were seen. What was taken for
granted is said in notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.images.pixels import LUMINANCE, Stored

RIM = 0.8  # of the pixels have one of two values; the rest may be a rim between them
RIM_WIDTH = 3  # pixels from either side that a rim reaches
NEAR = 0.95  # of a rim's pixels that are so near to both sides
FEW = 8  # values, up to which they may be classes and not numbers of cells
PIECES = 8  # that a class lies in on average at least; a cell lies in fewer
SPECK = 16  # pixels that a piece must have to be counted
MOSTLY = 0.6  # of the pixels are 0: hardly all membrane
NEARLY_ALL = 0.85  # of the pixels are 0: surely not
OWN = {0, 128, 255}  # what a mask of this lab holds; 128 = not tissue
_MANY = 32  # distinct values that a small patchwork of cells stays below
_FLAT = 0.25  # of neighbours are equal: 0.02 in an EM image, above 0.9 in labels
_SHOWN = 4  # values that a histogram lists


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of one section.

    Attributes
    ----------
    cells : numpy.ndarray
        bool ``(height, width)``, True = cell, False = membrane.
    ignored : numpy.ndarray or None
        bool, True where nothing counts; None if all does.
    notes : tuple of str
        What was taken for granted, a sentence each, to be said behind the file's name.
    """

    cells: np.ndarray
    ignored: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def coded(self) -> np.ndarray:
        """One array for both: `cells`, or where something does not count int8 with -1 there."""
        if self.ignored is None:
            return self.cells
        return np.where(self.ignored, np.int8(-1), self.cells.astype(np.int8))


def meaning(
    stored: Stored, what: str, invert: bool = False, ignore: Sequence[float] = ()
) -> Labels:
    """What the values of a label file mean.

    Parameters
    ----------
    stored : Stored
    what : str
        What the labels are called in an error.
    invert : bool
        Cell and membrane are the other way round.
    ignore : sequence of float
        Values that do not count.

    Raises
    ------
    LabError
        If there is only one class, the values could mean two things, or this is
        a grey picture; with the values that were seen.
    """
    values, light, notes = _numbers(stored)
    ignored = _ignored(values, ignore)
    counted = values if ignored is None else values[~ignored]
    seen, counts = np.unique(counted, return_counts=True)
    if ignored is not None and len(seen):
        notes.append(_left_out(values, ignored))
    if len(seen) == 0:
        return Labels(np.zeros(values.shape, bool), ignored, (*notes, "nothing is labelled."))
    if len(seen) == 1:
        raise _one_class(values, what)
    if len(seen) > 2 and (ends := _rim(values, ignored, seen, counts)) is not None:
        low, high = ends
        share = 1 - counts[np.isin(seen, ends)].sum() / counts.sum()
        notes.append(
            f"{100 * share:.1f} % of the pixels lie between {_plain(low)} and {_plain(high)}, as"
            " interpolation leaves them, and were cut halfway."
        )
        values = np.where(values > low / 2 + high / 2, high, low)
        seen = np.array(ends)
    if len(seen) == 2:
        membrane = _darker(stored, light, *seen)
        cells = values != membrane
        if membrane != 0 and light is None and not stored.white_is_zero:
            notes.append(f"{_plain(seen[0])} is taken for membrane and {_plain(seen[1])} for cell.")
    elif set(seen.tolist()) == OWN:
        grey = values == 128
        ignored = grey if ignored is None else ignored | grey
        cells = values == 255
        notes.append("128 is taken for what is not tissue, as in masks of this lab.")
    else:
        _check_numbers(values, ignored, seen, counts, what)
        cells = values != 0
        drawn = np.zeros_like(cells) if invert else between(np.where(cells, values, 0), ignored)
        cells &= ~drawn
        if drawn.any():
            notes.append(
                f"{len(seen) - (0 in seen)} numbers of cells, some of which touch;"
                " membrane was drawn between them."
            )
        elif 0 in seen and counts[seen == 0][0] > MOSTLY * counts.sum():
            share = counts[seen == 0][0] / counts.sum()
            notes.append(
                f"0, which is taken for membrane, fills {100 * share:.0f} %; if it means"
                " not labelled, let it not count (--ignore 0)."
            )
    cells = ~cells if invert else cells
    inside = cells if ignored is None else cells[~ignored]
    if inside.all() or not inside.any():
        raise _one_class(values, what)
    if ignored is not None:
        cells = cells & ~ignored
    return Labels(cells, ignored, tuple(notes))


def between(numbers: np.ndarray, ignored: np.ndarray | None = None) -> np.ndarray:
    """Where cells of different numbers touch: a pixel on either side.

    Parameters
    ----------
    numbers : numpy.ndarray
        ``(height, width)``, 0 = no cell.
    ignored : numpy.ndarray or None
        bool; nothing is drawn there.

    Returns
    -------
    numpy.ndarray
        bool ``(height, width)``.
    """
    known = numbers != 0 if ignored is None else (numbers != 0) & ~ignored
    drawn = np.zeros(numbers.shape, bool)
    for first, second in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        touch = (numbers[first] != numbers[second]) & known[first] & known[second]
        drawn[first] |= touch
        drawn[second] |= touch
    return drawn


# ---- what the file holds ----------------------------------------------------


def _numbers(stored: Stored) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    """One number a pixel; of colours, how light the numbers are, as a function of them."""
    values = stored.values
    alpha = getattr(stored, "alpha", None)
    if alpha is not None and _constant(values) and not _constant(alpha):
        note = (
            "the colours are the same everywhere, so that the alpha channel was read as the labels"
            " (transparent = membrane)."
        )
        return alpha, None, [note]
    if stored.palette is not None:
        return values, stored.palette @ LUMINANCE, []
    if values.ndim == 3:
        if (values == values[..., :1]).all():
            return values[..., 0], None, []
        colours, numbers = np.unique(values.reshape(-1, 3), axis=0, return_inverse=True)
        # black keeps the number 0, as it is membrane
        black = int(not colours[0].any())
        numbers = numbers.reshape(values.shape[:2]) + (1 - black)
        light = colours.astype(np.float64) @ LUMINANCE
        return numbers, light if black else np.r_[0.0, light], []
    return (values.astype(np.uint8) if values.dtype == bool else values), None, []


def _constant(values: np.ndarray) -> bool:
    return bool((values == values[:1, :1]).all())


def _ignored(values: np.ndarray, ignore: Sequence[float]) -> np.ndarray | None:
    found = np.isin(values, ignore) if len(ignore) else np.zeros(values.shape, bool)
    kind, bits = values.dtype.kind, values.dtype.itemsize * 8
    if kind in "if":
        found |= values < 0
    if kind == "f":
        found |= ~np.isfinite(values)
    if kind == "u" and bits >= 32:
        found |= values == np.iinfo(values.dtype).max  # -1, wrapped around
    return found if found.any() else None


def _rim(values, ignored, seen, counts) -> tuple[float, float] | None:
    """The two values that a rim lies between, if nearly all pixels are of one of them."""
    from scipy import ndimage

    two = np.sort(np.argsort(counts)[-2:])
    low, high = seen[two[0]], seen[two[1]]
    if counts[two].sum() < RIM * counts.sum() or seen[0] != low or seen[-1] != high:
        return None
    rim = (values != low) & (values != high)
    if ignored is not None:
        rim &= ~ignored
    box = np.ones((2 * RIM_WIDTH + 1,) * 2, bool)
    near = rim.copy()
    for end in (low, high):
        near &= ndimage.binary_dilation(values == end, box)
    return (low, high) if np.count_nonzero(near) >= NEAR * np.count_nonzero(rim) else None


def _darker(stored: Stored, light: np.ndarray | None, low, high):
    """Which of two values is membrane: the darker one as displayed."""
    if light is not None:
        return high if light[int(high)] < light[int(low)] else low
    return high if stored.white_is_zero else low


def _check_numbers(values, ignored, seen, counts, what: str) -> None:
    """Refuse what are no numbers of cells."""
    said = histogram(seen, counts)
    flat = float((values[:, 1:] == values[:, :-1]).mean())
    if flat < _FLAT and len(seen) > _MANY:
        raise LabError(
            f"{what} looks like a grey picture, not labels ({said}); choose a file in which 0 is"
            " membrane and each cell has one value."
        )
    if values.dtype.kind == "f" and (seen != np.rint(seen)).any():
        raise LabError(
            f"{what} holds fractions ({said}), like probabilities; choose labels in which 0 is"
            " membrane and each cell has one number."
        )
    cells = seen[seen != 0]
    if len(cells) > FEW:
        return
    zeros = counts[seen == 0].sum() / counts.sum()
    if zeros > (MOSTLY if len(cells) == 2 else NEARLY_ALL):
        then = ""
        if len(cells) == 2:
            then = f", so that {_plain(cells[0])} is membrane and {_plain(cells[1])} cell"
        raise LabError(
            f"{what} has the values {said}, where 0 may mean membrane or not labelled; give"
            f" --ignore 0 if it means not labelled{then}, else save membrane as 0, all cells as 1."
        )
    counted = True if ignored is None else ~ignored
    pieces = sum(_pieces((values == cell) & counted) for cell in cells)
    if pieces > PIECES * len(cells):
        raise LabError(
            f"{what} has the values {said} in {pieces} pieces, more like classes than numbers of"
            " cells; save membrane as 0 and all else as 1, or leave values out with --ignore."
        )


def _pieces(mask: np.ndarray) -> int:
    from scipy import ndimage

    labels, count = ndimage.label(mask)
    return int(np.count_nonzero(np.bincount(labels.ravel(), minlength=count + 1)[1:] >= SPECK))


# ---- in words ---------------------------------------------------------------


def histogram(seen: np.ndarray, counts: np.ndarray) -> str:
    """Values and their shares in words, the commonest first: ``0 (94 %), 2 (5 %), 1 (1 %)``."""
    order = np.argsort(-counts, kind="stable")
    told = [f"{_plain(seen[i])} ({_share(counts[i] / counts.sum())})" for i in order[:_SHOWN]]
    more = len(seen) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _share(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.2g} %"


def _plain(value) -> str:
    return f"{float(value):g}" if np.asarray(value).dtype.kind == "f" else str(int(value))


def _left_out(values: np.ndarray, ignored: np.ndarray) -> str:
    gone = values[ignored]
    named = np.unique(gone[np.isfinite(gone)] if gone.dtype.kind == "f" else gone)
    told = ", ".join(_plain(value) for value in named[:_SHOWN]) or "NaN"
    told += ", ..." if len(named) > _SHOWN else ""
    return f"{_share(ignored.mean())} of the pixels ({told}) do not count."


def _one_class(values: np.ndarray, what: str) -> LabError:
    said = histogram(*np.unique(values, return_counts=True))
    found = "only pixels of value" if values.min() == values.max() else "only one class among"
    return LabError(
        f"{what} has {found} {said}, but labels need both classes; choose one in which 0 is"
        " membrane and anything else is cell, or the reverse."
    )
