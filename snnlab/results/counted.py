"""Means over the pixels that count: not those beside tissue, nor those that labels leave out."""

import numpy as np


def split(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Labels as they are trained on, as they are scored with.

    Parameters
    ----------
    labels : numpy.ndarray
        bool, True = cell; or numbers: above 0 cell, 0 membrane, below 0 does not count.

    Returns
    -------
    cells : numpy.ndarray
        bool, same shape.
    uncounted : numpy.ndarray or None
        bool; None if all counts.
    """
    if labels.dtype == bool:
        return labels, None
    uncounted = labels < 0
    return labels > 0, uncounted if uncounted.any() else None


def mean(values: np.ndarray, uncounted: np.ndarray | None) -> float:
    """Mean over the pixels that count.

    Parameters
    ----------
    values : numpy.ndarray
        ``(height, width)``; of bool, the mean is a share.
    uncounted : numpy.ndarray or None
        bool, True where nothing counts; None: nowhere.

    Returns
    -------
    float
        NaN if no pixel counts.
    """
    if uncounted is None:
        return float(np.mean(values))
    kept = values[~uncounted]
    return float(np.mean(kept)) if kept.size else float("nan")
