"""Which label file belongs to which image: by the numbers in their names.

``s2.png`` goes with ``s02.png`` and ``cell-2-labels.tif``, in whatever order the files
came. Numbers that are the same in all names of a list (``em2012-s1``, ``em2012-s2``) say nothing.
Where numbers do not decide, files go by their order, and that is said.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from snnlab.errors import LabError
from snnlab.images.limits import shown

_NAMED = 4  # files that an error names


@dataclass(frozen=True)
class Pairing:
    """Pairs of files.

    Attributes
    ----------
    pairs : tuple of (int, int)
        Places of the images and of their labels in what was given.
    by_number : bool
        Whether numbers decided; else the order did.
    """

    pairs: tuple[tuple[int, int], ...]
    by_number: bool

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
        If there are not as many of both.
    """
    one, other = _numbers(images), _numbers(labels)
    numbered = one is not None and other is not None
    if len(images) != len(labels):
        missing = ""
        if numbered:
            lacking = [images[one[key]] for key in sorted(set(one) - set(other))]
            spare = [labels[other[key]] for key in sorted(set(other) - set(one))]
            missing = _missing(lacking, "no labels") + _missing(spare, "no image")
        raise LabError(
            f"there are {len(images)} files of images and {len(labels)} of labels{missing}; give"
            " one of labels for each of images."
        )
    if numbered and set(one) == set(other):
        return Pairing(tuple((one[key], other[key]) for key in sorted(one)), True)
    places = range(len(images))
    if in_order:
        return Pairing(tuple(zip(places, places, strict=True)), False)
    first = sorted(places, key=lambda i: natural(images[i]))
    second = sorted(places, key=lambda i: natural(labels[i]))
    return Pairing(tuple(zip(first, second, strict=True)), False)


def _missing(names: Sequence[str], what: str) -> str:
    if not names:
        return ""
    told = ", ".join(shown(name) for name in names[:_NAMED])
    return f" ({told}{', ...' if len(names) > _NAMED else ''}: {what})"


def _numbers(names: Sequence[str]) -> dict[tuple[int, ...], int] | None:
    """Place by number, if each name has one of its own."""
    found = [tuple(int(part) for part in re.findall(r"\d+", _last(name))) for name in names]
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


def _last(name: str) -> str:
    """Name of the file without its folders and its ending."""
    last = str(name).replace("\\", "/").rpartition("/")[2]
    return last.rpartition(".")[0] or last
