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
  measure for itself. Of several sections it is the maximum of their mean: one
  threshold for all (`together`), as in the official script.

References
----------
Arganda-Carreras et al. (2015), Front. Neuroanat. 9:142,
doi:10.3389/fnana.2015.00142; ``RandError.getMaximalVRandAfterThinning`` and
``VariationOfInformation.getMaximalVInfoAfterThinning`` of Fiji's Trainable
Segmentation for the treatment of predicted membrane and of several sections.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from snnlab.errors import LabError
from snnlab.results.scores import CURVES, Marks, Scores, together
from snnlab.results.segments.pieces import heed

if TYPE_CHECKING:
    from snnlab.results.segments.overlapping import Overlap

__all__ = ["CURVES", "HALF", "OFFICIAL", "QUICK", "Marks", "Scores", "components", "looks_inverted",
           "marks", "score", "segments_score", "thin", "together", "v_rand_v_info"]  # fmt: skip

Cancel = Callable[[], bool] | None

OFFICIAL = tuple(step / 10 for step in range(11))  # ISBI 2012
QUICK = (0.3, 0.5, 0.7)  # for use while training: the best is seldom outside
HALF = 0.5
_SLACK = 1e-6  # rounding of a float32 probability
_NO_CELL = (
    "The labels hold no cell pixel, so there is nothing to score; "
    "choose other labels or invert their polarity."
)


def score(
    probability: np.ndarray,
    labels: np.ndarray,
    threshold: float = 0.5,
    thresholds: Sequence[float] = OFFICIAL,
    ignore: np.ndarray | None = None,
    cancel: Cancel = None,
) -> Scores:
    """Score one section against its labels; parameters and errors as of `marks`."""
    return together([marks(probability, labels, threshold, thresholds, ignore, cancel)])


def marks(
    probability: np.ndarray,
    labels: np.ndarray,
    threshold: float = 0.5,
    thresholds: Sequence[float] = OFFICIAL,
    ignore: np.ndarray | None = None,
    cancel: Cancel = None,
) -> Marks:
    """Compare one section with its labels at every threshold.

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
        Tried for the best V_Rand and V_Info. `QUICK` gives a lower bound in a
        third of the time that `OFFICIAL` takes.
    ignore : numpy.ndarray of bool, optional
        ``(height, width)``, True where nothing counts. Segments end there, of the labels and
        of the prediction alike, as they do where the image ends.
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.

    Raises
    ------
    LabError
        If the shapes differ, a probability is not a number in 0..1, or the
        labels hold no cell: then no pixel counts for V_Rand and V_Info.
    Cancelled
        If ``cancel`` said so.
    """
    from snnlab.results.segments.judging import Judge

    if not thresholds:
        raise LabError("Give at least one threshold to score at.")
    heed(cancel)
    probability, labels = _checked(probability, labels, ignore)
    judge = Judge(labels, cancel, ignore)
    known: dict[int, tuple[float, float]] = {}

    def segment_scores(at: float) -> tuple[float, float]:
        heed(cancel)
        cells = probability > at
        # raising a threshold only takes pixels away: as many, so the same ones
        count = int(np.count_nonzero(cells))
        if count not in known:
            known[count] = _v_rand_v_info(judge.overlap(cells))
        return known[count]

    tried = tuple(sorted(thresholds))
    rand, info = zip(*(segment_scores(at) for at in tried), strict=True)
    here = segment_scores(threshold)
    half = _pixel_scores(probability > HALF, labels, ignore)["pixel_accuracy"]
    heed(cancel)
    return Marks(
        **_pixel_scores(probability > threshold, labels, ignore),
        here=here,
        half=(half, segment_scores(HALF)[0]),
        thresholds=tried,
        v_rand=rand,
        v_info=info,
    )


def segments_score(
    cells: np.ndarray,
    labels: np.ndarray,
    cancel: Cancel = None,
    ignore: np.ndarray | None = None,
) -> tuple[float, float]:
    """V_Rand and V_Info of a mask, its membranes thinned.

    Parameters
    ----------
    cells, labels : numpy.ndarray of bool
        ``(height, width)``, True = cell.
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.
    ignore : numpy.ndarray of bool, optional
        True where nothing counts; see `score`.

    Raises
    ------
    LabError
        If the labels hold no cell.
    Cancelled
    """
    from snnlab.results.segments.judging import Judge

    return _v_rand_v_info(Judge(labels, cancel, ignore).overlap(cells))


def looks_inverted(cells: np.ndarray, labels: np.ndarray, ignore: np.ndarray | None = None) -> bool:
    """Whether a segmentation overlaps the labels' opposite far better than the labels.

    Both classes must say so, since nearly all pixels of a section are cell.
    """
    if ignore is not None:
        cells, labels = cells[~ignore], labels[~ignore]
    right = _dice(cells, labels) + _dice(~cells, ~labels)
    wrong = _dice(cells, ~labels) + _dice(~cells, labels)
    return wrong > right + 0.5


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    total = np.count_nonzero(one) + np.count_nonzero(other)
    return 2 * np.count_nonzero(one & other) / total if total else 1.0


def components(cells: np.ndarray, cancel: Cancel = None) -> np.ndarray:
    """Number the 4-connected regions of True from 1, as they are met; the rest is 0.

    Parameters
    ----------
    cells : numpy.ndarray of bool
        ``(height, width)``.
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.

    Returns
    -------
    numpy.ndarray of int32
        Same shape.

    Raises
    ------
    LabError, Cancelled
    """
    from snnlab.results.segments import judging
    from snnlab.results.segments.numbering import number

    grid = judging.frame(cells.shape, cancel)
    number(np.require(cells, bool, ["C", "W"]), grid, judging.scratch(cells.shape), cancel)
    return grid[1:-1, 1:-1].copy()


def thin(segments: np.ndarray, cancel: Cancel = None) -> np.ndarray:
    """Grow segments into the background until one pixel is left between them.

    All grow at the same pace, a ring of 4-neighbours at a time (the watershed
    of a flat landscape). A pixel that two of them reach stays 0, so no two
    segments ever touch. A membrane that does not separate two segments
    disappears.

    Parameters
    ----------
    segments : numpy.ndarray of int
        ``(height, width)``, 4-connected segments that do not touch, 0 = background.
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.

    Returns
    -------
    numpy.ndarray of int
        Same shape and numbers; unchanged if there is no segment.

    Raises
    ------
    LabError, Cancelled
    """
    numbers = int(segments.max(initial=0))
    if numbers <= 1:
        return np.full_like(segments, numbers)
    from snnlab.results.segments import judging
    from snnlab.results.segments.thinning import grow

    grid = judging.framed(segments, cancel)
    grow(grid, judging.scratch(segments.shape), cancel)
    return np.maximum(grid[1:-1, 1:-1], 0).astype(segments.dtype, copy=False)


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
    from snnlab.results.segments import judging
    from snnlab.results.segments.overlapping import overlap

    grids = judging.framed(segments), judging.framed(truth_segments)
    most = tuple(int(grid.max()) for grid in grids)
    return _v_rand_v_info(overlap(*grids, judging.scratch(segments.shape), None, most))


def _v_rand_v_info(found: "Overlap") -> tuple[float, float]:
    n = found.pixels
    if n == 0:
        raise LabError(_NO_CELL)
    v_rand = found.both.squares / (0.5 * found.predicted.squares + 0.5 * found.true.squares)
    # with c the pixel counts, - sum c/n log(c/n) = log(n) - sum c log(c) / n
    h_s, h_t, h_both = (
        math.log(n) - sums.logs / n for sums in (found.predicted, found.true, found.both)
    )
    mutual = h_s + h_t - h_both
    # h of a single segment is 0 but for rounding
    v_info = 2 * mutual / (h_s + h_t) if h_s + h_t > 1e-12 else 1.0
    return min(max(v_rand, 0.0), 1.0), min(max(v_info, 0.0), 1.0)


def _pixel_scores(
    cells: np.ndarray, labels: np.ndarray, ignore: np.ndarray | None
) -> dict[str, float]:
    if ignore is not None:
        cells, labels = cells[~ignore], labels[~ignore]
    both = int(np.count_nonzero(cells & labels))
    total = int(np.count_nonzero(cells)) + int(np.count_nonzero(labels))
    return {
        "pixel_accuracy": float(np.mean(cells == labels)),
        "dice": 2 * both / total,
        "iou": both / (total - both),
    }


def _checked(
    probability: np.ndarray, labels: np.ndarray, ignore: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    probability, labels = np.asarray(probability), np.asarray(labels)
    if probability.shape != labels.shape or probability.ndim != 2:
        raise LabError(
            f"The labels are {_size(labels)} but the segmentation is {_size(probability)}; "
            "choose labels of the same image."
        )
    # written so that NaN fails too: the least of numbers and NaN is NaN
    lowest, highest = probability.min(initial=1), probability.max(initial=0)
    if not (lowest >= -_SLACK and highest <= 1 + _SLACK):
        raise LabError(
            "A cell probability is not a number between 0 and 1; segment the image again."
        )
    labels = labels.astype(bool)
    if ignore is not None:
        labels = labels & ~ignore
    if not labels.any():
        raise LabError(_NO_CELL)
    return probability, labels


def _size(array: np.ndarray) -> str:
    return " x ".join(str(side) for side in array.shape) or "a single number"
