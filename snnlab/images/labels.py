"""What the numbers in a label file mean: where is cell, where membrane, and what does not count.

The lab's own form is 0 = membrane, anything else = cell. Files come otherwise too, and
what a file means is told by its values alone:

- two values: the lower is membrane, the higher cell (of colours, the darker is membrane);
- two values with a rim of others between them, as interpolation or JPEG leaves it: cut halfway;
- numbers of cells, with or without 0 between them: membrane is drawn where two different
  numbers touch, one pixel on either side; a number that lies between all others is membrane;
- negative numbers, NaN, -1 wrapped around to the type's largest, 128 in a mask of this lab,
  and any value that is named by whoever asks: they do not count, in scores and in training;
- colours are numbers, black is 0; where they are the same everywhere, the labels are in the
  alpha channel, else what is transparent does not count.

What could be two things is refused with the values that were seen. What was taken for
granted is said in notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnlab.errors import LabError
from snnlab.images import patches
from snnlab.images.colours import Numbers, numbers_of
from snnlab.images.pixels import Stored

FEW = 8  # values, up to which they may be classes and not numbers of cells
PIECES = 8  # that a class lies in on average at least; a cell lies in fewer
MOSTLY = 0.6  # of the pixels are 0: hardly all membrane
NEARLY_ALL = 0.85  # of the pixels are 0: surely not
OWN = {0, 128, 255}  # what a mask of this lab holds; 128 = not tissue
WRAPPED = 16  # of the largest numbers of 32 bits or more are negative ones, wrapped around
APART = 8  # times smaller than 255 or 65535 are all others, where that is -1
LABELLED = 0.05  # of the pixels have one of these others then, but for 0
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
    between : str or None
        Of numbers of cells, the value between them that is taken for membrane, ``""`` where
        membrane was drawn; None of two classes.
    inverted : bool
        Whether cell and membrane were said to be the other way round.
    """

    cells: np.ndarray
    ignored: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    between: str | None = None
    inverted: bool = False

    @property
    def coded(self) -> np.ndarray:
        """One array for both: `cells`, or where something does not count int8 with -1 there."""
        if self.ignored is None:
            return self.cells
        return np.where(self.ignored, np.int8(-1), self.cells.astype(np.int8))

    def doubts(self, tissue: np.ndarray | None = None) -> tuple[str, ...]:
        """A sentence, as `notes` are, if much is membrane of what counts and is tissue.

        `tissue` is bool ``(height, width)``, None: all; fill is 0 in labels too, and no membrane.
        """
        parts = [~self.ignored] if self.ignored is not None else []
        parts += [tissue] if tissue is not None else []
        inside = self.cells[np.logical_and.reduce(parts)] if parts else self.cells
        share = 1 - float(inside.mean()) if inside.size else 0.0
        if share <= MOSTLY or self.between == "":
            return ()
        if self.between is not None:
            return (
                f"{self.between}, which is taken for membrane, fills {100 * share:.0f} %; if it"
                f" means not labelled, let it not count (--ignore {self.between}).",
            )
        turn = "leave --invert-labels out" if self.inverted else "give --invert-labels"
        return (
            f"{100 * share:.0f} % of what counts is taken for membrane, which is much. If these"
            f" are cells, {turn}; else check that the labels are of membranes and not of"
            " something else.",
        )


def named(text: str | None) -> tuple[float, ...]:
    """Values that are not to count, as people write them: ``0``, or ``0, 3``.

    Raises
    ------
    ValueError
    """
    return tuple(float(part) for part in (text or "").replace(",", " ").split())


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
    read = numbers_of(stored)
    values, notes = read.values, list(read.notes)
    ignored = _ignored(read, ignore)
    counted = values if ignored is None else values[~ignored]
    seen, counts = np.unique(counted, return_counts=True)
    if ignored is not None and len(seen):
        notes.append(_left_out(values, ignored))
    if len(seen) == 0:
        return Labels(np.zeros(values.shape, bool), ignored, (*notes, "nothing is labelled."))
    if len(seen) == 1:
        raise _one_class(values, what)
    drawn = between = None
    if len(seen) > 2:
        read, ignored, drawn, between, said = _of_many(read, ignored, seen, counts, what, invert)
        notes += said
    if drawn is None:
        values = read.values
        low, high = _both(values if ignored is None else values[~ignored], what)
        membrane = _darker(stored, read, low, high)
        cells = values != membrane
        if len(seen) == 2 and read.light is None and (stored.white_is_zero or membrane != 0):
            cell = low if membrane == high else high
            one, other = (cell, membrane) if invert else (membrane, cell)
            shown = ", shown black," if stored.white_is_zero and not invert else ""
            notes.append(
                f"{_plain(one)}{shown} is taken for membrane and {_plain(other)} for cell."
            )
    else:
        cells = drawn
    cells = ~cells if invert else cells
    inside = cells if ignored is None else cells[~ignored]
    if inside.all() or not inside.any():
        raise _one_class(values, what)
    if ignored is not None:
        cells = cells & ~ignored
    return Labels(cells, ignored, tuple(notes), None if invert else between, invert)


def _both(counted: np.ndarray, what: str) -> np.ndarray:
    """Two values, both of which occur."""
    found = np.unique(counted)
    if len(found) < 2:
        raise _one_class(counted, what)
    return found


def _of_many(read: Numbers, ignored, seen, counts, what: str, invert: bool):
    """More than two values: numbers of cells, a rim between two, or a mask of this lab.

    Returns
    -------
    read : Numbers
        Of two values, where ``cells`` is None.
    ignored : numpy.ndarray or None
    cells : numpy.ndarray or None
        bool ``(height, width)``.
    between : str or None
        As `Labels.between`.
    notes : list of str

    Raises
    ------
    LabError
    """
    values = read.values
    if not read.coloured and (ends := patches.rim(values, ignored, seen, counts)) is not None:
        return _cut(read, ignored, seen, counts, ends)
    if not read.coloured and set(seen.tolist()) == OWN:
        share = counts[0] / counts.sum()
        if share > MOSTLY:
            raise LabError(
                f"{what} has the values {histogram(seen, counts)}, where 0 may mean membrane or not"
                " labelled; give --ignore 0 if it means not labelled (128 is membrane then), or"
                " --ignore 128 if that is what does not count."
            )
        grey = values == 128
        ignored = grey if ignored is None else ignored | grey
        note = "128 is taken for what is not tissue, as in masks of this lab."
        return read, ignored, None, None, [note]
    places = np.searchsorted(seen, values)
    if ignored is not None:
        places = np.where(ignored, -1, places)
    found = patches.patches(places)
    if found.crumbs > patches.CRUMBS:
        _check_picture(values, seen, counts, what)
        grey = read.grey() if read.coloured else read
        if grey is not None:
            counted = grey.values if ignored is None else grey.values[~ignored]
            known = np.unique(counted, return_counts=True)
            if (ends := patches.about_two(grey.values, ignored, *known)) is not None:
                return _cut(grey, ignored, *known, ends)
        raise _no_numbers(read, seen, counts, found.crumbs, what)
    zero, notes = read.zero, []
    _check_numbers(values, zero, seen, counts, what)
    beside = int(np.searchsorted(seen, zero)) if zero is not None and zero in seen else -1
    if (most := patches.separating(places, len(seen), beside)) is not None:
        membrane = seen[most]
        if beside >= 0:
            raise _two_membranes(read, membrane, seen, counts, what)
        zero = membrane
        notes.append(f"{read.called(membrane)} lies between all others and is taken for membrane.")
    _check_classes(zero, found.count, seen, counts, what)
    cells = np.ones(values.shape, bool) if zero is None else values != zero
    numbers = np.where(cells, places + 1, 0)
    drawn = np.zeros_like(cells) if invert else patches.between(numbers, ignored)
    if drawn.any():
        notes.append(
            f"{len(seen) - (zero in seen)} numbers of cells, some of which touch;"
            " membrane was drawn between them."
        )
    between = "" if zero is None or drawn.any() else _plain(zero)
    return read, ignored, cells & ~drawn, between, notes


def _cut(read: Numbers, ignored, seen, counts, ends):
    """Two values and a rim between them, cut halfway."""
    low, high = ends
    share = 1 - counts[np.isin(seen, ends)].sum() / counts.sum()
    halfway = float(low) / 2 + float(high) / 2
    named = "two colours" if read.coloured else f"{_plain(low)} and {_plain(high)}"
    note = (
        f"{100 * share:.1f} % of the pixels lie between or beside {named}, as interpolation or JPEG"
        " leaves them, and were cut halfway."
    )
    made = replace(read, values=np.where(read.values > halfway, high, low))
    return made, ignored, None, None, [note]


# ---- what the file holds ----------------------------------------------------


def _ignored(read: Numbers, ignore: Sequence[float]) -> np.ndarray | None:
    values = read.values
    found = np.isin(values, ignore) if len(ignore) else np.zeros(values.shape, bool)
    kind, bits = values.dtype.kind, values.dtype.itemsize * 8
    if kind in "if":
        found |= values < 0
    if kind == "f":
        found |= ~np.isfinite(values)
    if kind == "u" and bits >= 32:
        found |= values > np.iinfo(values.dtype).max - WRAPPED
    elif kind == "u" and not read.coloured and _ends_in_minus_one(values):
        found |= values == np.iinfo(values.dtype).max
    if read.transparent is not None:
        found |= read.transparent
    return found if found.any() else None


def _ends_in_minus_one(values: np.ndarray) -> bool:
    """Whether 255 or 65535 is no number of a cell: all others are far below, and are labels."""
    largest = np.iinfo(values.dtype).max
    if values.max() != largest:
        return False
    seen, counts = np.unique(values, return_counts=True)
    if len(seen) < 3 or seen[-2] > largest / APART or counts[-1] > counts.sum() / 2:
        return False
    return counts[:-1][seen[:-1] != 0].sum() >= LABELLED * counts.sum()


def _darker(stored: Stored, read: Numbers, low, high):
    """Which of two values is membrane: the darker one as displayed."""
    if read.light is not None:
        return high if read.light[int(high)] < read.light[int(low)] else low
    return high if stored.white_is_zero else low


def _check_numbers(values, zero, seen, counts, what: str) -> None:
    """Refuse fractions, and few values where 0 may be either."""
    said = histogram(seen, counts)
    if values.dtype.kind == "f" and (seen != np.rint(seen)).any():
        raise LabError(
            f"{what} holds fractions ({said}), like probabilities; choose labels in which 0 is"
            " membrane and each cell has one number."
        )
    cells = seen[seen != zero] if zero is not None else seen
    if len(cells) > FEW:
        return
    zeros = counts[seen == zero].sum() / counts.sum()
    if zeros > (MOSTLY if len(cells) == 2 else NEARLY_ALL):
        then = ""
        if len(cells) == 2:
            then = f", so that {_plain(cells[0])} is membrane and {_plain(cells[1])} cell"
        raise LabError(
            f"{what} has the values {said}, where 0 may mean membrane or not labelled; give"
            f" --ignore 0 if it means not labelled{then}, else save membrane as 0, all cells as 1."
        )


def _check_classes(zero, pieces: int, seen, counts, what: str) -> None:
    """Refuse values that lie in many pieces each."""
    cells = np.count_nonzero(seen != zero)
    if pieces > PIECES * cells:
        like = "classes" if cells <= FEW else "a grey picture"
        raise LabError(
            f"{what} has the values {histogram(seen, counts)} in {pieces} pieces, more like"
            f" {like} than numbers of cells; save membrane as 0 and all else as 1, or leave values"
            " out with --ignore."
        )


def _check_picture(values, seen, counts, what: str) -> None:
    """Refuse what has hardly two pixels alike side by side."""
    if len(seen) > _MANY and float((values[:, 1:] == values[:, :-1]).mean()) < _FLAT:
        raise LabError(
            f"{what} looks like a grey picture, not labels ({histogram(seen, counts)}); choose a"
            " file in which 0 is membrane and each cell has one value."
        )


def _no_numbers(read: Numbers, seen, counts, crumbs: float, what: str) -> LabError:
    said, values = histogram(seen, counts), read.values
    if read.coloured:
        return LabError(
            f"{what} has {len(seen)} colours that run into one another, as JPEG and smoothing"
            " leave them; save labels as PNG or TIFF with one colour or number per cell."
        )
    if values.dtype.kind == "f" and (seen != np.rint(seen)).any():
        return LabError(
            f"{what} holds fractions ({said}), like probabilities; choose labels in which 0 is"
            " membrane and each cell has one number."
        )
    return LabError(
        f"{what} has the values {said}, {_share(crumbs)} of it in crumbs, as JPEG, smoothing and"
        " probabilities have them; save labels with one number per cell, or two values."
    )


def _two_membranes(read: Numbers, membrane, seen, counts, what: str) -> LabError:
    turned = ""
    if len(seen) == 3 and membrane == seen[-1]:
        turned = " --invert-labels"
    return LabError(
        f"{what} has the values {histogram(seen, counts)}, of which {_plain(membrane)} lies between"
        f" the others as membrane does; give --ignore {_plain(read.zero)}{turned} if"
        f" {_plain(read.zero)} means not labelled, else save membrane as 0."
    )


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
