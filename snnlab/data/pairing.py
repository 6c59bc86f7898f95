"""Which label file belongs to which image: by the numbers in their names.

``s2.png`` goes with ``s02.png`` and ``cell-2-labels.tif``, in whatever order the files
came. Numbers that are the same in all names of a list (``em2012-s1``, ``em2012-s2``) say nothing,
nor do those that only one of the lists has, such as dates. Where numbers do not decide, the names
do (``left.tif`` with ``left-labels.tif``), else the order of the files, and that is said. Where
some numbers of the one list lack in the other, nothing is guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from snnlab.errors import LabError
from snnlab.images.limits import shown

NUMBERS, NAMES, ORDER = "by the numbers in their names", "by their names", "in order, not by number"
_NAMED = 4  # files that an error names
_COLUMNS = 5  # numbers of a name that are looked at


@dataclass(frozen=True)
class Pairing:
    """Pairs of files.

    Attributes
    ----------
    pairs : tuple of (int, int)
        Places of the images and of their labels in what was given.
    how : str
        What decided, in words: `NUMBERS`, `NAMES`, `ORDER`, or numbers that differ.
    """

    pairs: tuple[tuple[int, int], ...]
    how: str

    def words(self, images: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
        """Each pair, as ``s1.png with s01.png``."""
        return tuple(f"{shown(images[i])} with {shown(labels[j])}" for i, j in self.pairs)


def natural(name: str) -> list:
    """Sorts names as people do: numbers in them by their value."""
    parts = re.split(r"(\d+)", _last(name).lower())
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]


def pair(images: Sequence[str], labels: Sequence[str], in_order: bool = False) -> Pairing:
    """Pair images with labels.

    Parameters
    ----------
    images, labels : sequence of str
        Names or paths.
    in_order : bool
        Where numbers do not decide, go by the order given rather than by the natural order of
        the names.

    Raises
    ------
    LabError
        If there are not as many of both, or some numbers of the one lack in the other.
    """
    one, other = _numbers(images), _numbers(labels)
    numbered = one is not None and other is not None
    lacking = spare = ""
    if numbered:
        lacking = _missing([images[one[key]] for key in sorted(set(one) - set(other))], "no labels")
        spare = _missing([labels[other[key]] for key in sorted(set(other) - set(one))], "no image")
    if len(images) != len(labels):
        raise LabError(
            f"there are {len(images)} files of images and {len(labels)} of labels{lacking}{spare};"
            " each image needs its own labels."
        )
    if (pairs := _by_number(images, labels)) is not None:
        return Pairing(pairs, NUMBERS)
    if (pairs := _by_name(images, labels)) is not None:
        return Pairing(pairs, NAMES)
    places = range(len(images))
    if numbered and (by := _shift(one, other)):
        made = tuple((one[key], other[(key[0] + by,)]) for key in sorted(one))
        return Pairing(made, f"{ORDER}: labels have numbers that are {abs(by)} {_more(by)}")
    if numbered and set(one) & set(other):
        raise LabError(
            f"images and labels have different numbers{lacking}{spare}; give one file of labels"
            " for each image, with the same number in its name."
        )
    if in_order:
        return Pairing(tuple(zip(places, places, strict=True)), ORDER)
    first = sorted(places, key=lambda i: natural(images[i]))
    second = sorted(places, key=lambda i: natural(labels[i]))
    return Pairing(tuple(zip(first, second, strict=True)), ORDER)


def _more(by: int) -> str:
    return "higher" if by > 0 else "lower"


def _shift(one: dict, other: dict) -> int:
    """By how much all labels' numbers differ from the images', as counted from 0 and from 1."""
    if any(len(key) != 1 for key in (*one, *other)):
        return 0
    by = {second[0] - first[0] for first, second in zip(sorted(one), sorted(other), strict=True)}
    return by.pop() if len(by) == 1 else 0


def _by_number(images: Sequence[str], labels: Sequence[str]) -> tuple[tuple[int, int], ...] | None:
    """Pairs by the most numbers that both lists have alike."""
    for (many, one), (more, other) in product(_keys(images), _keys(labels)):
        telling = len(next(iter(one)))
        if telling == len(next(iter(other))) == min(many, more) and set(one) == set(other):
            return tuple((one[key], other[key]) for key in sorted(one))
    return None


def _keys(names: Sequence[str]) -> Iterator[tuple[int, dict[tuple[int, ...], int]]]:
    """Place by numbers that tell names apart, for all choices of these; and how many there are.

    Where names have not all as many numbers, these are counted from the first, then from the last.
    """
    found = [_found(name) for name in names]
    most = min(map(len, found), default=0)
    if not most:
        return
    ragged = len(set(map(len, found))) > 1
    for from_the_last in (False, True) if ragged else (False,):
        cut = [numbers[-most:] if from_the_last else numbers[:most] for numbers in found]
        columns = [column for column in zip(*cut, strict=True) if len(set(column)) > 1][:_COLUMNS]
        columns = columns or list(zip(*cut, strict=True))[-1:]
        for count in range(len(columns), 0, -1):
            for chosen in combinations(columns, count):
                keys = list(zip(*chosen, strict=True))
                if len(set(keys)) == len(names):
                    yield len(columns), {key: place for place, key in enumerate(keys)}


def _by_name(images: Sequence[str], labels: Sequence[str]) -> tuple[tuple[int, int], ...] | None:
    """Pairs where each label's name holds the whole name of one image, and of no longer one."""
    stems = [_last(name).lower() for name in images]
    pairs = []
    for place, name in enumerate(labels):
        inside = [i for i, stem in enumerate(stems) if stem and stem in _last(name).lower()]
        if not inside:
            return None
        pairs.append((max(inside, key=lambda i: len(stems[i])), place))
    whole = len({i for i, _ in pairs}) == len(images)
    pairs.sort(key=lambda pair: natural(images[pair[0]]))
    return tuple(pairs) if whole and len(images) > 1 else None


def _missing(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    told = ", ".join(shown(name) for name in names[:_NAMED])
    return f" ({told}{', ...' if len(names) > _NAMED else ''}: {what})"


def _numbers(names: Sequence[str]) -> dict[tuple[int, ...], int] | None:
    """Place by number, if each name has one of its own."""
    found = [_found(name) for name in names]
    if not found or len({len(numbers) for numbers in found}) > 1:
        return None
    columns = list(zip(*found, strict=True))
    telling = [column for column in columns if len(set(column)) > 1]
    if len(names) == 1:
        telling = columns[-1:]
    keys = list(zip(*telling, strict=True))
    if len(set(keys)) != len(names):
        return None
    return {key: place for place, key in enumerate(keys)}


def _found(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", _last(name)))


def _last(name: str) -> str:
    """Name of the file without its folders and its ending."""
    last = str(name).replace("\\", "/").rpartition("/")[2]
    return last.rpartition(".")[0] or last
