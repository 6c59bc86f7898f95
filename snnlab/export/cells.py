"""Cells as files: a picture of numbers for Fiji, and a table."""

import numpy as np

from snnlab.export import pictures, tables
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size
from snnlab.results.cells.measuring import Measured
from snnlab.settings import Settings


def label_tiff(cells: np.ndarray, nm: Size | None) -> bytes:
    """Numbers of cells as a TIFF: 16 bits, or 32 where there are more than 65535.

    Parameters
    ----------
    cells : numpy.ndarray of int
        ``(height, width)``, 0 is none.
    nm : float, (float, float) or None
        Width of a pixel, or height and width.
    """
    most = int(cells.max(initial=0))
    kind = np.uint16 if most <= np.iinfo(np.uint16).max else np.float32
    return pictures.fiji(cells.astype(kind), nm, {"min": 0.0, "max": float(max(most, 1))})


def class_tiff(kinds: np.ndarray, nm: Size | None) -> bytes:
    """Classes as an 8-bit TIFF: 0 membrane, 1 cell, 2 mitochondria, 255 what is not tissue.

    The lab reads it as labels of cells. Parameters as of `label_tiff`.
    """
    return pictures.fiji(kinds.astype(np.uint8), nm, {"min": 0.0, "max": 2.0})


def cells_csv(
    table: Measured, network: str, picture: Picture, settings: Settings, called: str = "cell"
) -> str:
    """The table, a line a cell or what they are called, with image and settings in each.

    Centres are in pixels of the file, as in the picture of numbers; where the file was resampled,
    sizes are as they were measured in what the networks saw.
    """
    columns = table.columns(called)
    if picture.file_shape is not None:
        sides = zip(("row", "column"), picture.file_shape, picture.pixels.shape, strict=True)
        for name, new, old in sides:
            columns[name] = (columns[name] + 0.5) * new / old - 0.5
    lines = (
        (network, *(_plain(value) for value in line))
        for line in zip(*columns.values(), strict=True)
    )
    return tables.write(("network", *columns), lines, tables.run(picture, settings))


def _plain(value):
    if isinstance(value, np.bool_ | np.integer):
        return int(value)
    return round(float(value), 4)
