"""A new readout for a U-Net, learned from scribbles in a second or two.

A U-Net that was trained on other tissue has features that are worth keeping. Here its weights stay,
and cell is told from membrane by all that its layers say of a pixel (its column, the coarser layers
interpolated), linearly::

    logit = share * (the U-Net's own logit) + sum over layers of weights . column + bias

It starts from the U-Net as it is: the fewer scribbles, the less the weights may say. How much they
may is chosen by strokes that are left out in turn. An interpolation of sums is the sum of
interpolations, so no layer is blown up to the image's size.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

from snnlab.errors import Cancelled, LabError
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
from snnlab.nets.classes import one_logit
from snnlab.nets.inference import TILE, WHOLE
from snnlab.nets.model import Model

MOST = 6000  # labelled pixels that are learned from
PENALTIES = (0.3, 0.1, 0.03, 0.01)  # on the squared weights, of which one is chosen; the first
# where there are too few strokes to choose by
FOLDS = 3
OWN = 0.01  # penalty on how far the share of the U-Net's own logit moves from 1
STEPS = 100  # of the descent
_SMALL = 1e-6  # spread below which a channel says nothing


@dataclass(frozen=True)
class Columns:
    """A readout of all layers.

    Attributes
    ----------
    model : Model
        The U-Net.
    weights : dict of str to numpy.ndarray
        By layer, float64 ``(channels,)``, of its activations as they are.
    share, bias : float
    penalty : float
        That was chosen.
    """

    model: Model
    weights: dict[str, np.ndarray]
    share: float
    bias: float
    penalty: float

    def segment(
        self,
        image: np.ndarray,
        progress: Callable[[float], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> np.ndarray:
        """Probability of cell, float32 of the image's shape.

        Parameters
        ----------
        image : numpy.ndarray
            float32 ``(height, width)``, normalised.
        progress : callable, optional
            Told the share that is done, tile by tile.

        Raises
        ------
        Cancelled
        """
        padded, plan = _plan(self.model, image)

        def parts() -> Iterator[tuple[tiles.Tile, np.ndarray]]:
            for done, tile in enumerate(plan, start=1):
                shape = padded[tile.outer].shape
                logits = np.full(shape, self.bias, np.float32)
                for name, values, own in _layers(self.model, padded[tile.outer], cancel):
                    if own:
                        logits += np.float32(self.share) * values
                    else:
                        weights = self.weights[name].astype(np.float32)
                        logits += _grown(np.tensordot(weights, values, 1), shape)
                if progress:
                    progress(done / len(plan))
                yield tile, expit(logits)[tile.inner]

        return tiles.stitch(parts(), image.shape)


def learned(
    model: Model,
    image: np.ndarray,
    labels: np.ndarray,
    strokes: np.ndarray,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Columns:
    """Learn a readout.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised.
    labels : numpy.ndarray
        int8, same shape: 0 = membrane, 1 = cell, -1 = not labelled.
    strokes : numpy.ndarray
        int, same shape: which stroke each labelled pixel is of.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    LabError
        If one of the classes is missing.
    Cancelled
    """
    places = np.argwhere(labels >= 0)
    if len(places) > MOST:
        chosen = np.random.default_rng(0).choice(len(places), MOST, replace=False)
        places = places[np.sort(chosen)]
    cell = labels[tuple(places.T)] > 0
    if cell.all() or not cell.any():
        raise LabError("paint both membrane and cell: of one alone nothing can be learned.")
    names, columns, own, mean, spread = _seen(model, image, places, progress, cancel)
    x = (columns - mean) / spread
    groups = strokes[tuple(places.T)]
    # products are so small that threads wait for each other longer than they compute: with two,
    # all of it took 7 s of processor time in place of 1.3
    with threadpool_limits(1, "blas"):
        penalty = _chosen(x, own, cell, groups, cancel)
        share, bias, weights = _fitted(x, own, cell, penalty)
    weights = weights / spread
    bias -= float(weights @ mean)
    found, first = {}, 0
    for name, count in names:
        found[name] = weights[first : first + count]
        first += count
    return Columns(model, found, share, bias, penalty)


# ---- what the layers say -----------------------------------------------------------------------


def _plan(model: Model, image: np.ndarray) -> tuple[np.ndarray, list[tiles.Tile]]:
    side = multiple(model.layers)
    padded = tiles.pad(image, side)
    core = TILE if image.size > WHOLE else max(padded.shape)
    return padded, list(tiles.plan(padded.shape, core, halo(model.layers), side))


def _layers(model: Model, image: np.ndarray, cancel) -> Iterator[tuple[str, np.ndarray, bool]]:
    """Layer by layer ``(channels, h, w)``, and last the U-Net's own logit ``(h, w)``."""
    from snnlab.nets.forward import forward  # numba's import takes a second

    neurons = {layer.name for layer in model.populations()}
    for name, values in forward(model, image):
        if cancel and cancel():
            raise Cancelled
        if name in neurons:
            yield name, values, False
        last = values
    yield "", one_logit(last, 0), True


def _seen(model: Model, image: np.ndarray, places: np.ndarray, progress=None, cancel=None):
    """What the layers say of some pixels.

    Returns
    -------
    list of (str, int)
        Names of the layers, and their channels.
    numpy.ndarray
        Columns, float64 ``(pixels, channels)``.
    numpy.ndarray
        The U-Net's own logits, float64 ``(pixels,)``.
    numpy.ndarray, numpy.ndarray
        Mean and spread of each channel over the image.
    """
    padded, plan = _plan(model, image)
    own = np.empty(len(places))
    names: dict[str, int] = {}
    rows, totals, squares, counts = [], [], [], []
    for done, tile in enumerate(plan, start=1):
        inside, at = _within(tile, places)
        pieces, total, square, count = [], [], [], []
        for name, values, is_own in _layers(model, padded[tile.outer], cancel):
            shape = padded[tile.outer].shape
            if is_own:
                own[inside] = values[tuple(at.T)]
                continue
            names[name] = len(values)
            pieces.append(_sampled(values, at, shape))
            flat = values.reshape(len(values), -1)
            total.append(flat.sum(1, dtype=np.float64))
            square.append(np.einsum("cp,cp->c", flat, flat, dtype=np.float64))
            count.append(np.full(len(values), flat.shape[1]))
        rows.append((inside, np.concatenate(pieces, axis=1)))
        for kept, new in ((totals, total), (squares, square), (counts, count)):
            kept.append(np.concatenate(new))
        if progress:
            progress(done / len(plan))
    columns = np.empty((len(places), sum(names.values())))
    for inside, values in rows:
        columns[inside] = values
    pixels = np.sum(counts, axis=0)
    mean = np.sum(totals, axis=0) / pixels
    spread = np.sqrt(np.maximum(np.sum(squares, axis=0) / pixels - mean**2, 0))
    return list(names.items()), columns, own, mean, np.where(spread > _SMALL, spread, 1.0)


def _within(tile: tiles.Tile, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which places a tile is to tell of, and where they lie in its outer part."""
    corner, first = ([part.start for part in box] for box in (tile.outer, tile.target))
    last = [part.stop for part in tile.target]
    inside = np.flatnonzero(((places >= first) & (places < last)).all(1))
    return inside, places[inside] - corner


def _between(count: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two of ``size`` coarse pixels beside each of ``count`` fine ones; the latter's share."""
    at = np.clip((np.arange(count) + 0.5) * size / count - 0.5, 0, size - 1)
    low = np.minimum(at.astype(int), max(size - 2, 0))
    return low, np.minimum(low + 1, size - 1), (at - low).astype(np.float32)


def _grown(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A coarse map interpolated to a finer shape."""
    low, high, share = _between(shape[0], values.shape[0])
    values = values[low] * (1 - share)[:, None] + values[high] * share[:, None]
    low, high, share = _between(shape[1], values.shape[1])
    return values[:, low] * (1 - share) + values[:, high] * share


def _sampled(values: np.ndarray, at: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The same of ``(channels, h, w)``, at some pixels alone: ``(pixels, channels)``."""
    (top, bottom, down), (left, right, across) = (
        tuple(part[at[:, axis]] for part in _between(shape[axis], values.shape[1 + axis]))
        for axis in (0, 1)
    )
    above = values[:, top, left] * (1 - across) + values[:, top, right] * across
    below = values[:, bottom, left] * (1 - across) + values[:, bottom, right] * across
    return (above * (1 - down) + below * down).T


# ---- learning ----------------------------------------------------------------------------------


def _fitted(x, own, cell, penalty: float) -> tuple[float, float, np.ndarray]:
    """Share, bias and weights of the least loss; both classes count alike."""
    weight = np.where(cell, 0.5 / cell.sum(), 0.5 / (~cell).sum())
    sign = np.where(cell, 1.0, -1.0)

    def loss(v):
        share, bias, weights = v[0], v[1], v[2:]
        margin = sign * (share * own + bias + x @ weights)
        slope = -weight * sign * expit(-margin)
        value = weight @ np.logaddexp(0, -margin)
        value += 0.5 * (penalty * weights @ weights + OWN * (share - 1) ** 2)
        by_weights = slope @ x + penalty * weights
        return value, np.concatenate([[slope @ own + OWN * (share - 1), slope.sum()], by_weights])

    start = np.zeros(2 + x.shape[1])
    start[0] = 1.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    return float(found[0]), float(found[1]), found[2:]


def _chosen(x, own, cell, strokes, cancel) -> float:
    """The penalty with the least loss on strokes that are left out in turn."""
    fold = np.empty(len(cell), int)
    for kind in (False, True):
        numbers = np.unique(strokes[cell == kind])
        if len(numbers) < FOLDS:
            return PENALTIES[0]
        there = cell == kind
        fold[there] = np.searchsorted(numbers, strokes[there]) % FOLDS
    losses = dict.fromkeys(PENALTIES, 0.0)
    for out in range(FOLDS):
        kept = fold != out
        for penalty in PENALTIES:
            if cancel and cancel():
                raise Cancelled
            share, bias, weights = _fitted(x[kept], own[kept], cell[kept], penalty)
            logit = share * own[~kept] + bias + x[~kept] @ weights
            wrong = np.logaddexp(0, np.where(cell[~kept], -logit, logit))
            losses[penalty] += sum(wrong[cell[~kept] == kind].mean() for kind in (False, True))
    return min(losses, key=losses.get)
