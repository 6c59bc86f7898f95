"""A map of a picture held against its labels, in the pixels that the labels are of.

Where an image was resampled for the networks, its labels were drawn in the file's pixels, and what
is downloaded has these too. So that is where scores are taken: labels that are resampled move
their edges, and a score of the image as it is could not stand beside one of the resampled image.
"""

import numpy as np

from snnlab.images.pictures import Picture
from snnlab.results import counted, metrics


def marks(picture: Picture, probability: np.ndarray, at: float, cancel=None) -> metrics.Marks:
    """What `metrics.together` needs of a section with labels.

    Parameters
    ----------
    probability : numpy.ndarray
        Of cell, ``(height, width)`` of the picture's pixels.
    at : float
        The threshold in use.
    cancel : callable, optional

    Raises
    ------
    LabError, Cancelled
        As `metrics.marks`.
    """
    labels, left_out = picture.judged_by
    return metrics.marks(picture.judged(probability), labels, at, ignore=left_out, cancel=cancel)


def accuracy(picture: Picture, probability: np.ndarray, at: float) -> float:
    """Share of the pixels that count whose class is right; cell is ``at`` and above."""
    labels, left_out = picture.judged_by
    return counted.mean((picture.judged(probability) >= at) == labels, left_out)


def v_rand(picture: Picture, probability: np.ndarray, at: float, cancel=None) -> float:
    """V_Rand at one threshold; errors as of `metrics.segments_score`."""
    labels, left_out = picture.judged_by
    return metrics.segments_score(picture.judged(probability) > at, labels, cancel, left_out)[0]
