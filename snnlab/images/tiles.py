"""Images of any size through a network that wants multiples and fits in memory.

The image is padded once, by reflection, to a multiple of what the network
needs. A large one is then cut into tiles that overlap: each tile is asked
only for its core, and around the core it sees a halo as wide as the network
looks. So no seam can exist, and the result does not depend on the size of the
tiles. At a border of the image a tile has no halo: there the network's own
padding with zeros must act as it does on the whole.

    for tile, values in map_tiles(network, padded, 512, halo, multiple): ...
    probability = apply(network, image, multiple, 512, halo)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

Slices = tuple[slice, slice]


@dataclass(frozen=True)
class Tile:
    """A piece of a padded image.

    Attributes
    ----------
    outer : tuple of slice
        Rows and columns that the network is given, core and halo.
    target : tuple of slice
        Rows and columns that the tile answers for: its core, in the padded image.
    inner : tuple of slice
        The core again, counted from the tile's own corner.
    """

    outer: Slices
    target: Slices

    @property
    def inner(self) -> Slices:
        """Where the core lies within the tile."""
        rows, columns = (
            slice(core.start - whole.start, core.stop - whole.start)
            for core, whole in zip(self.target, self.outer, strict=True)
        )
        return rows, columns


def pad(image: np.ndarray, multiple: int) -> np.ndarray:
    """Reflect an image at its lower and right border until its sides are multiples.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width, ...)``, at least 2 pixels a side.
    multiple : int

    Returns
    -------
    numpy.ndarray
        ``image[:height, :width]`` is the image; the image itself if nothing is missing.
    """
    rows, columns = (-side % multiple for side in image.shape[:2])
    if not rows and not columns:
        return image
    return np.pad(image, ((0, rows), (0, columns), *[(0, 0)] * (image.ndim - 2)), mode="reflect")


def plan(shape: tuple[int, int], tile: int, halo: int, multiple: int) -> list[Tile]:
    """Cut a padded image into tiles whose cores cover it once.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)``, multiples of `multiple`.
    tile : int
        Side of a core in pixels, rounded up to a multiple; the last of a row
        or column may be smaller. The network sees up to ``tile + 2 * halo``.
    halo : int
        At least as far as an output sees, in pixels; rounded up to a multiple.
    multiple : int
        Tiles start at multiples of this, so that strides fall as on the whole.

    Returns
    -------
    list of Tile
        Row by row.

    Raises
    ------
    ValueError
        If the shape is not a multiple, or a number is out of range.
    """
    if multiple < 1 or tile < 1 or halo < 0:
        raise ValueError(f"no tiles of {tile} with halo {halo} at multiples of {multiple}")
    if any(side < 1 or side % multiple for side in shape[:2]):
        raise ValueError(f"{shape} is not a multiple of {multiple}; pad the image first")
    core, margin = (-(-length // multiple) * multiple for length in (tile, halo))
    rows, columns = (_cut(side, core, margin) for side in shape[:2])
    return [
        Tile((outer_rows, outer_columns), (target_rows, target_columns))
        for outer_rows, target_rows in rows
        for outer_columns, target_columns in columns
    ]


def _cut(side: int, core: int, halo: int) -> list[tuple[slice, slice]]:
    return [
        (
            slice(max(start - halo, 0), min(start + core + halo, side)),
            slice(start, min(start + core, side)),
        )
        for start in range(0, side, core)
    ]


def map_tiles(
    function: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    tile: int,
    halo: int,
    multiple: int,
) -> Iterator[tuple[Tile, np.ndarray]]:
    """Run a function over an image tile by tile, holding one tile's result at a time.

    Parameters
    ----------
    function : callable
        ``(h, w, ...) -> (h, w, ...)``; its output must keep height and width.
    image : numpy.ndarray
        ``(height, width, ...)``, padded.
    tile, halo, multiple : int
        As in `plan`.

    Yields
    ------
    tile : Tile
    values : numpy.ndarray
        The function's result on the tile's core, which belongs at ``tile.target``.

    Raises
    ------
    ValueError
        As `plan`, or if the function's output has another size than its input.
    """
    for piece in plan(image.shape[:2], tile, halo, multiple):
        given = image[piece.outer]
        values = function(given)
        if values.shape[:2] != given.shape[:2]:
            raise ValueError(f"{given.shape} went in and {values.shape} came out")
        yield piece, values[piece.inner]


def stitch(parts: Iterable[tuple[Tile, np.ndarray]], shape: tuple[int, int]) -> np.ndarray:
    """Put the cores together.

    Parameters
    ----------
    parts : iterable of (Tile, numpy.ndarray)
        As `map_tiles` yields them.
    shape : tuple of int
        ``(height, width)`` of the image before it was padded.

    Returns
    -------
    numpy.ndarray
        ``(height, width, ...)``.

    Raises
    ------
    ValueError
        If there are no parts.
    """
    whole = None
    height, width = shape[:2]
    for tile, values in parts:
        if whole is None:
            whole = np.empty((height, width, *values.shape[2:]), values.dtype)
        rows, columns = tile.target
        # what lies in the padding falls off
        kept = values[: max(height - rows.start, 0), : max(width - columns.start, 0)]
        whole[tile.target] = kept
    if whole is None:
        raise ValueError("there is nothing to stitch")
    return whole


def apply(
    function: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    multiple: int,
    tile: int | None = None,
    halo: int = 0,
    progress: Callable[[float], None] | None = None,
) -> np.ndarray:
    """Pad, run, and crop; in tiles where asked.

    Parameters
    ----------
    function : callable
        As in `map_tiles`.
    image : numpy.ndarray
        ``(height, width, ...)``.
    multiple : int
        Of the sides that the function wants.
    tile : int or None
        Side of the tiles' cores; None runs the whole image at once.
    halo : int
        As in `plan`.
    progress : callable or None
        Given the fraction that is done, after each tile.

    Returns
    -------
    numpy.ndarray
        ``(height, width, ...)``.
    """
    padded = pad(image, multiple)
    tile = max(padded.shape[:2]) if tile is None else tile
    count = len(plan(padded.shape[:2], tile, halo, multiple))

    def counted() -> Iterator[tuple[Tile, np.ndarray]]:
        for done, part in enumerate(map_tiles(function, padded, tile, halo, multiple), start=1):
            yield part
            if progress:
                progress(done / count)

    return stitch(counted(), image.shape[:2])
