"""How a large image is cut into tiles that each are one chip's whole image.

A chip holds one tile. Its own borders are padded with zeros, as an image's
are, so neurons near a cut differ from those of the uncut network: tiles
overlap, and of each only what lies away from its cuts is kept.
"""

from dataclasses import dataclass
from itertools import pairwise

Span = tuple[int, int]


@dataclass(frozen=True)
class ChipTile:
    """A tile.

    Attributes
    ----------
    top, left : int
        Where its image begins, in pixels.
    rows, columns : tuple of int
        First and behind the last pixel of the part that is kept, in the whole image.
    """

    top: int
    left: int
    rows: Span
    columns: Span

    @property
    def kept(self) -> tuple[int, int, int, int]:
        """The part that is kept, counted in the tile; as a `needed.Box`."""
        (top, bottom), (left, right) = self.rows, self.columns
        return top - self.top, bottom - self.top, left - self.left, right - self.left


def tile_shape(shape: tuple[int, int], side: int, multiple: int) -> tuple[int, int]:
    """Height and width of the tiles of an image: at most ``side``, and four multiples at least."""
    most = max(side // multiple * multiple, 4 * multiple)
    return min(shape[0], most), min(shape[1], most)


def cut(shape: tuple[int, int], tile: tuple[int, int], multiple: int) -> list[ChipTile]:
    """Tiles that cover an image, their kept parts once.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)``, multiples of ``multiple``.
    tile : tuple of int
        As `tile_shape` gives it.
    multiple : int
        Pixels that one neuron of the coarsest layer stands for.
    """
    rows, columns = (_along(*sides, multiple) for sides in zip(shape, tile, strict=True))
    return [ChipTile(top, left, high, wide) for top, high in rows for left, wide in columns]


def _along(size: int, tile: int, multiple: int) -> list[tuple[int, Span]]:
    """Starts of tiles along an axis, and what is kept of each."""
    if size <= tile:
        return [(0, (0, size))]
    step = max((tile // 2) // multiple * multiple, multiple)
    starts = [*range(0, size - tile, step), size - tile]
    # two neighbours part in the middle of what they share
    between = [
        (first + tile + second) // 2 // multiple * multiple for first, second in pairwise(starts)
    ]
    edges = [0, *between, size]
    return [(start, span) for start, span in zip(starts, pairwise(edges), strict=True)]
