"""How pictures show what is not tissue: hatched, so that it is neither cell nor membrane."""

import numpy as np

DARK, LIGHT = 0.36, 0.56  # grey of the lines and between them
APART, WIDE = 10, 3  # pixels from line to line, and of a line


def hatched(values: np.ndarray, tissue: np.ndarray | None) -> np.ndarray:
    """A picture in which what is not tissue is hatched; itself if all is.

    Parameters
    ----------
    values : numpy.ndarray
        ``(height, width)``, 0..1.
    tissue : numpy.ndarray or None
        bool, same shape.
    """
    if tissue is None:
        return values
    rows, columns = np.indices(values.shape, sparse=True)
    lines = np.where((rows + columns) % APART < WIDE, np.float32(DARK), np.float32(LIGHT))
    return np.where(tissue, values, lines)
