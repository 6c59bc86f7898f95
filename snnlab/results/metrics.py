"""How good a segmentation is: by pixels, and by cells.

Pixel accuracy, Dice and IoU count pixels. They hardly notice a gap of three
pixels in a membrane, which merges two cells, so EM segmentation is judged by
V_Rand and V_Info, which compare the *segments* that the membranes enclose.
With ``p_ij`` the share of pixels in predicted segment ``i`` and true segment
``j``, and ``s_i``, ``t_j`` its marginals::

    V_Rand = sum_ij p_ij^2 / (1/2 sum_i s_i^2 + 1/2 sum_j t_j^2)
    V_Info = 2 I(S; T) / (H(S) + H(T))

both 1 for a perfect segmentation, and harmonic means of a score that falls
with merged cells and one that falls with split cells. As in the official ISBI
2012 measure,

- they are foreground-restricted: only pixels that are not membrane in the
  truth count, so how wide the truth draws its membranes plays no role;
- the prediction's membranes are thinned to one pixel (`thin`), so how wide
  the prediction draws them plays hardly any;
- segments are 4-connected, so that a membrane one pixel wide that runs
  diagonally still separates;
- a cell pixel of the truth that the thinned prediction still calls membrane
  is a segment of its own, as in the official code: it adds ``1/n^2`` to
  ``sum p^2`` and ``sum s^2``, and ``log(n)/n`` to the entropies, for ``n``
  pixels that count. (scikit-image, fed a 0 there, would take all those pixels
  for one segment.) So V_Info of a prediction without any cell is not 0;
- the score is the maximum over the thresholds 0.0, 0.1 .. 1.0, of each
  measure for itself.

References
----------
Arganda-Carreras et al. (2015), Front. Neuroanat. 9:142,
doi:10.3389/fnana.2015.00142; ``RandError`` and ``VariationOfInformation`` of
Fiji's Trainable Segmentation for the treatment of predicted membrane.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

from snnlab.errors import LabError

OFFICIAL = tuple(step / 10 for step in range(11))  # ISBI 2012
QUICK = (0.3, 0.5, 0.7)  # for use while training: the best is seldom outside
_SLACK = 1e-6  # rounding of a float32 probability


@dataclass(frozen=True)
class Scores:
    """Scores of one section, all 0..1, larger is better.

    Attributes
    ----------
    pixel_accuracy : float
        Share of pixels whose class (cell or membrane) is right.
    dice, iou : float
        Of the **cell** class (not averaged with the membrane's):
        ``2 |A and B| / (|A| + |B|)`` and ``|A and B| / |A or B|``.
    v_rand, v_info : float
        The largest over the thresholds, each for itself.
    v_rand_at_threshold, v_info_at_threshold : float
        At the threshold in use, as are the pixel scores.
    best_threshold : float
        Where V_Rand is largest; the lowest one of several.
    """

    pixel_accuracy: float
    dice: float
    iou: float
    v_rand: float
    v_info: float
    v_rand_at_threshold: float
    v_info_at_threshold: float
    best_threshold: float

    def as_dict(self) -> dict[str, float]:
        """The scores by name, ready for JSON."""
        return asdict(self)


def score(
    probability: np.ndarray,
    labels: np.ndarray,
    threshold: float = 0.5,
    thresholds: Sequence[float] = OFFICIAL,
) -> Scores:
    """Score one section against its labels.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, 0..1, probability of cell. A pixel is cell where
        it is larger than the threshold.
    labels : numpy.ndarray of bool
        ``(height, width)``, True = cell.
    threshold : float
        The one in use, 0..1.
    thresholds : sequence of float
        Tried for the best V_Rand and V_Info. `OFFICIAL` takes about a third
        of a second for 512x512, `QUICK` about a tenth and is a lower bound.

    Raises
    ------
    LabError
        If the shapes differ, a probability is not a number in 0..1, or the
        labels hold no cell: then no pixel counts for V_Rand and V_Info.
    """
    probability, labels = _checked(probability, labels)
    if not thresholds:
        raise LabError("Name at least one threshold to score at.")
    truth = components(labels)
    known: dict[int, tuple[float, float]] = {}

    def segment_scores(at: float) -> tuple[float, float]:
        cells = probability > at
        # raising a threshold only takes pixels away: as many, so the same ones
        count = int(np.count_nonzero(cells))
        if count not in known:
            known[count] = v_rand_v_info(thin(components(cells)), truth)
        return known[count]

    tried = sorted(thresholds)
    rand, info = zip(*(segment_scores(at) for at in tried), strict=True)
    rand_here, info_here = segment_scores(threshold)
    return Scores(
        **_pixel_scores(probability > threshold, labels),
        v_rand=max(rand),
        v_info=max(info),
        v_rand_at_threshold=rand_here,
        v_info_at_threshold=info_here,
        best_threshold=float(tried[int(np.argmax(rand))]),
    )


def looks_inverted(cells: np.ndarray, labels: np.ndarray) -> bool:
    """Whether a segmentation overlaps the labels' opposite far better than the labels.

    Both classes must say so, since nearly all pixels of a section are cell.
    """
    right = _dice(cells, labels) + _dice(~cells, ~labels)
    wrong = _dice(cells, ~labels) + _dice(~cells, labels)
    return wrong > right + 0.5


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else 1.0


def components(cells: np.ndarray) -> np.ndarray:
    """Number the 4-connected regions of True from 1; the rest is 0."""
    return ndimage.label(cells)[0]


def thin(segments: np.ndarray) -> np.ndarray:
    """Grow segments into the background until one pixel is left between them.

    All grow at the same pace, a ring of 4-neighbours at a time (the watershed
    of a flat landscape). A pixel that two of them reach stays 0, so no two
    segments ever touch. A membrane that does not separate two segments
    disappears.

    Parameters
    ----------
    segments : numpy.ndarray of int
        ``(height, width)``, 4-connected segments that do not touch, 0 = background.

    Returns
    -------
    numpy.ndarray of int
        Same shape and numbers; unchanged if there is no segment.
    """
    numbers = int(segments.max(initial=0))
    if numbers <= 1:
        return np.full_like(segments, numbers)
    # -1: outside the image, or a pixel where two segments met
    grid = np.pad(segments, 1, constant_values=-1)
    rows, columns = np.indices(grid.shape, sparse=True)
    odd = ((rows + columns) % 2).astype(bool).ravel()
    beside = np.array([-grid.shape[1], -1, 1, grid.shape[1]])
    flat = grid.reshape(-1)
    grown = np.flatnonzero(flat > 0)
    reached = np.zeros(flat.shape, bool)
    while grown.size:
        around = (grown[:, None] + beside).ravel()
        # each once, in order: far quicker than np.unique where there are many specks
        reached[around] = flat[around] == 0
        ring = np.flatnonzero(reached)
        reached[ring] = False
        # neighbours have opposite parity: each half decides without conflict,
        # and of two pixels that face each other only one is taken
        halves = [_grow(flat, ring[odd[ring] == parity], beside) for parity in (False, True)]
        grown = np.concatenate(halves)
    return np.maximum(grid[1:-1, 1:-1], 0)


def _grow(flat: np.ndarray, pixels: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """Give each pixel to the only segment beside it, or to none; return those given."""
    near = flat[pixels[:, None] + beside]
    highest = near.max(axis=1, initial=-1)
    lowest = np.where(near > 0, near, np.iinfo(near.dtype).max).min(axis=1)
    one = highest == lowest
    flat[pixels] = np.where(one, highest, -1)
    return pixels[one]


def v_rand_v_info(segments: np.ndarray, truth_segments: np.ndarray) -> tuple[float, float]:
    """V_Rand and V_Info of one segmentation, as the module's text defines them.

    Parameters
    ----------
    segments, truth_segments : numpy.ndarray of int
        Same shape, >= 0. Where ``truth_segments`` is 0 nothing counts; where
        only ``segments`` is 0 each pixel is a segment of its own.

    Returns
    -------
    tuple of float
        Two segmentations into one and the same segment carry no information
        to compare (0/0) and agree: V_Info is 1 there.

    Raises
    ------
    LabError
        If no pixel of the truth is a segment.
    """
    counts = truth_segments > 0
    s, t = segments[counts], truth_segments[counts]
    n = s.size
    if n == 0:
        raise LabError(
            "The labels hold no cell pixel, so there is nothing to score; "
            "choose other labels or invert their polarity."
        )
    joint_i, joint = _contingency(s, t)
    alone = float(joint[joint_i == 0].sum()) / n
    p = joint[joint_i > 0] / n
    s_share = np.bincount(s)[1:] / n
    t_share = np.bincount(t) / n

    squares_p = p @ p + alone / n
    squares_s = s_share @ s_share + alone / n
    v_rand = squares_p / (0.5 * squares_s + 0.5 * (t_share @ t_share))

    entropy_alone = alone * np.log(n)
    h_s = _entropy(s_share) + entropy_alone
    h_t = _entropy(t_share)
    mutual = h_s + h_t - (_entropy(p) + entropy_alone)
    # h of a single segment is 0 but for rounding
    v_info = 2 * mutual / (h_s + h_t) if h_s + h_t > 1e-12 else 1.0
    return float(np.clip(v_rand, 0, 1)), float(np.clip(v_info, 0, 1))


def _contingency(s: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixel counts of the pairs of segments that occur, and each pair's ``s``."""
    width = int(t.max()) + 1
    pairs = s.astype(np.int64) * width + t
    size = (int(s.max()) + 1) * width
    if size <= 8 * s.size:
        table = np.bincount(pairs, minlength=size)
        codes = np.flatnonzero(table)
        return codes // width, table[codes]
    # thousands of specks against thousands of cells: a table would not fit
    codes, occurrences = np.unique(pairs, return_counts=True)
    return codes // width, occurrences


def _entropy(p: np.ndarray) -> float:
    p = p[p > 0]
    return float(-(p @ np.log(p)))


def _pixel_scores(cells: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    both = int(np.count_nonzero(cells & labels))
    total = int(np.count_nonzero(cells)) + int(np.count_nonzero(labels))
    return {
        "pixel_accuracy": float(np.mean(cells == labels)),
        "dice": 2 * both / total,
        "iou": both / (total - both),
    }


def _checked(probability: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    probability, labels = np.asarray(probability), np.asarray(labels)
    if probability.shape != labels.shape or probability.ndim != 2:
        raise LabError(
            f"The labels are {_size(labels)} but the segmentation is {_size(probability)}; "
            "choose labels of the same image."
        )
    # written so that NaN fails too
    if not np.all((probability >= -_SLACK) & (probability <= 1 + _SLACK)):
        raise LabError(
            "A cell probability is not a number between 0 and 1; segment the image again."
        )
    labels = labels.astype(bool)
    if not labels.any():
        raise LabError(
            "The labels hold no cell pixel, so there is nothing to score; "
            "choose other labels or invert their polarity."
        )
    return probability, labels


def _size(array: np.ndarray) -> str:
    return " x ".join(str(side) for side in array.shape) or "a single number"
