"""A stack as files: TIFFs of probabilities and of cells, and tables."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from snnlab.export import tables
from snnlab.images import calibrated
from snnlab.images.pixel_size import UNKNOWN, Calibration, made
from snnlab.results.cells.extent import Extent

PROBABILITY = "probability of cell = (value - 1) / 254; 0 = not tissue"


def calibration(nm: float | None, thickness: float | None) -> Calibration:
    """Of a voxel, nanometres; unknown where the pixel's size is."""
    return UNKNOWN if nm is None else made((thickness, nm, nm), "", None)


def tiff(
    pages: Iterable[np.ndarray],
    shape: tuple[int, int, int],
    voxel: Calibration,
    kind: type,
    most: float,
    **about: str,
) -> bytes:
    """A stack as one TIFF for Fiji.

    Parameters
    ----------
    pages : iterable of numpy.ndarray
        ``(height, width)`` each.
    shape : tuple of int
        ``(sections, height, width)``.
    voxel : Calibration
    kind : type
        uint8, uint16 or float32.
    most : float
        Largest value that the display is to show.
    **about
        More lines of its description, such as ``values``.
    """
    file = io.BytesIO()
    typed = (np.asarray(page).astype(kind) for page in pages)
    about = {"min": 0.0, "max": float(max(most, 1)), **about}
    calibrated.write(file, typed, shape, np.dtype(kind), voxel, "ZYX", **about)
    return file.getvalue()


def labels_tiff(
    pages: Callable[[], Iterable[np.ndarray]],
    shape: tuple[int, int, int],
    voxel: Calibration,
    cells: int,
) -> bytes:
    """Numbers of cells as one TIFF: 16 bits, or 32 where there are more than 65535."""
    kind = np.uint16 if cells <= np.iinfo(np.uint16).max else np.float32
    return tiff(pages(), shape, voxel, kind, cells)


def sections_csv(rows: Sequence[Mapping], of: Mapping) -> str:
    """The table of sections, with what holds for all in each line."""
    heads = tuple(rows[0]) if rows else ()
    heads = tuple(dict.fromkeys([*heads, *(name for row in rows for name in row)]))
    return tables.write(heads, ([row.get(name, "") for name in heads] for row in rows), of)


def cells_csv(table: Extent, network: str, of: Mapping) -> str:
    """The table of cells through the sections, with what holds for all in each line."""
    columns = table.columns()
    lines = (
        (network, *(value.item() if isinstance(value, np.generic) else value for value in line))
        for line in zip(*columns.values(), strict=True)
    )
    return tables.write(("network", *columns), lines, of)
