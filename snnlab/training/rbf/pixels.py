"""Labelled pixels to train an RBF network on: features and classes, drawn from sections."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.images import tiles
from snnlab.nets import rbf_features

LEAST = 20  # labelled pixels of each class, below which nothing can be learned


@dataclass(frozen=True)
class Pixels:
    """What is trained on.

    Attributes
    ----------
    features : numpy.ndarray
        float32 ``(n, features)``.
    cell : numpy.ndarray
        float32 ``(n,)``: 1 = cell, 0 = membrane.
    labelled : int
        Of how many labelled pixels these were drawn.
    """

    features: np.ndarray
    cell: np.ndarray
    labelled: int


def drawn(
    sections: Iterable[tuple[np.ndarray, np.ndarray]],
    most: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    features: Callable[[np.ndarray], np.ndarray] = rbf_features.features,
    reach: int = rbf_features.HALO,
) -> Pixels:
    """Draw labelled pixels, as many of each section as its share of all that are labelled.

    Parameters
    ----------
    sections : iterable of (numpy.ndarray, numpy.ndarray)
        Images, float32 ``(h, w)``, normalised; and labels: bool, True = cell, or numbers, of
        which those below 0 do not count: scribbles are labels with nearly all below 0.
    most : int
        Pixels; if fewer are labelled, all of them.
    progress : callable, optional
        Told the share that is done.
    features : callable
        From an image to what is seen of its pixels.
    reach : int
        Pixels that it sees to either side.

    Raises
    ------
    LabError
        If there are fewer than `LEAST` of either class.
    Cancelled
    """
    sections = list(sections)
    random = np.random.default_rng(seed)
    places = [np.flatnonzero(np.asarray(labels, np.int8) >= 0) for _, labels in sections]
    labelled = sum(len(place) for place in places)
    share = min(1.0, most / max(labelled, 1))
    found, cell = [], []
    for index, ((image, labels), place) in enumerate(zip(sections, places, strict=True)):
        if cancel and cancel():
            raise Cancelled
        count = min(len(place), round(share * len(place)))
        chosen = np.sort(random.choice(place, count, replace=False)) if count else place[:0]
        if count:
            values = _seen(image, features, reach)
            found.append(values.reshape(-1, values.shape[-1])[chosen])
            cell.append(np.asarray(labels).ravel()[chosen] > 0)
        if progress:
            progress((index + 1) / len(sections))
    classes = np.concatenate(cell).astype(np.float32) if cell else np.zeros(0, np.float32)
    if min(classes.sum(), len(classes) - classes.sum()) < LEAST:
        raise LabError(
            f"an RBF network needs at least {LEAST} labelled pixels each of cell and of membrane;"
            " label more."
        )
    return Pixels(np.concatenate(found), classes, labelled)


def _seen(image: np.ndarray, features, reach: int) -> np.ndarray:
    tile = rbf_features.TILE if image.size > rbf_features.WHOLE else None
    return tiles.apply(features, image, 1, tile, reach)
