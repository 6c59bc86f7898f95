"""What is measured of each cell: area, perimeter, diameter, shape, and whether it is cut off."""

from dataclasses import dataclass

import numpy as np

_READ = ("label", "area", "perimeter", "equivalent_diameter_area", "eccentricity", "centroid",
         "bbox")  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """The cells of a section, a line each; lengths in pixels or, times `nm`, in nanometres.

    Attributes
    ----------
    number : numpy.ndarray of int
        Of the cell in the picture of numbers.
    area : numpy.ndarray
        Pixels, membranes not counted.
    perimeter, diameter : numpy.ndarray
        Pixels; the diameter is that of a circle of the same area.
    eccentricity : numpy.ndarray
        Of the ellipse with the same second moments: 0 a circle, towards 1 a line.
    border : numpy.ndarray of bool
        Whether it touches the border of the tissue, so that part of it may be missing.
    row, column : numpy.ndarray
        Its centre, pixels.
    box : numpy.ndarray of int
        ``(n, 4)``: first row and column, and those behind the last.
    nm : float or None
        Width of a pixel.
    """

    number: np.ndarray
    area: np.ndarray
    perimeter: np.ndarray
    diameter: np.ndarray
    eccentricity: np.ndarray
    border: np.ndarray
    row: np.ndarray
    column: np.ndarray
    box: np.ndarray
    nm: float | None = None

    def __len__(self) -> int:
        return len(self.number)

    @property
    def unit(self) -> str:
        """Of lengths."""
        return "px" if self.nm is None else "nm"

    def columns(self, called: str = "cell") -> dict[str, np.ndarray]:
        """The table: its heads, with units, and a column of each; nm² where a pixel has a size.

        Parameters
        ----------
        called : str
            What each of them is.
        """
        each, unit = self.nm or 1.0, self.unit
        square = "px2" if self.nm is None else "nm2"
        return {
            called: self.number,
            f"area_{square}": self.area * each**2,
            f"perimeter_{unit}": self.perimeter * each,
            f"diameter_{unit}": self.diameter * each,
            "eccentricity": self.eccentricity,
            "touches_border": self.border,
            "row": self.row,
            "column": self.column,
        }


def measure(
    cells: np.ndarray, nm: float | None = None, tissue: np.ndarray | None = None
) -> Measured:
    """Measure cells.

    Parameters
    ----------
    cells : numpy.ndarray of int
        ``(height, width)``, 0 is none.
    nm : float or None
        Width of a pixel, which is a square.
    tissue : numpy.ndarray of bool, optional
        Same shape; what lies beside it is beyond the border.
    """
    from skimage.measure import regionprops_table

    found = regionprops_table(cells, properties=_READ)
    number = found["label"]
    box = np.stack([found[f"bbox-{i}"] for i in range(4)], axis=1)
    return Measured(
        number,
        found["area"].astype(float),
        found["perimeter"],
        found["equivalent_diameter_area"],
        found["eccentricity"],
        np.isin(number, at_border(cells, tissue)),
        found["centroid-0"],
        found["centroid-1"],
        box.reshape(-1, 4),
        nm,
    )


def at_border(cells: np.ndarray, tissue: np.ndarray | None) -> np.ndarray:
    """Numbers that have a pixel at the edge of the image, or of the tissue."""
    edge = np.zeros(cells.shape, bool)
    edge[[0, -1]], edge[:, [0, -1]] = True, True
    if tissue is not None:
        beside = np.pad(~tissue, 1)
        edge |= beside[:-2, 1:-1] | beside[2:, 1:-1] | beside[1:-1, :-2] | beside[1:-1, 2:]
    return np.unique(cells[edge])
