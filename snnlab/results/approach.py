"""How the SNN approaches the ANN, and the truth, as spikes arrive."""

from collections.abc import Callable, Collection

import numpy as np

from snnlab.results import counted, judging, metrics
from snnlab.results.segmentation import Segmentation


def error_curve(
    result: Segmentation, points: int = 32, also: Collection[int] = ()
) -> dict[str, np.ndarray | None]:
    """How the SNN approaches the ANN as spikes arrive.

    Parameters
    ----------
    points : int
        Steps, evenly apart.
    also : collection of int
        Further steps, of `Segmentation.steps_shown`.

    Returns
    -------
    dict
        ``step``; ``error``, the mean absolute difference of the probabilities;
        ``agreement``, the share of pixels on the same side of the threshold;
        ``pixel_accuracy`` against the labels, or None without.
    """
    shown = np.array(result.steps_shown)
    steps = shown[np.unique(np.linspace(0, len(shown) - 1, points).round().astype(int))]
    steps = np.union1d(steps, np.array(tuple(also), int))
    picture, at = result.picture, result.settings.threshold
    decided = result.ann >= at  # see `Segmentation.agreement`
    error, agreement, accuracy = [], [], []
    for snn in result.snn_over_time(steps.tolist()):
        error.append(counted.mean(np.abs(snn - result.ann), picture.beside))
        agreement.append(counted.mean((snn >= at) == decided, picture.beside))
        if picture.labels is not None:
            accuracy.append(judging.accuracy(picture, snn, at))
    return {
        "step": steps,
        "error": np.array(error),
        "agreement": np.array(agreement),
        "pixel_accuracy": np.array(accuracy) if accuracy else None,
    }


def marks_at(result: Segmentation, step: int, cancel: Callable[[], bool] | None = None):
    """What `metrics.together` needs of the SNN after ``step`` steps.

    Raises
    ------
    Cancelled
    """
    return judging.marks(result.picture, result.snn(step), result.settings.threshold, cancel)


def score_at(result: Segmentation, step: int, cancel: Callable[[], bool] | None = None):
    """Scores of the SNN after ``step`` steps, or None without labels.

    Raises
    ------
    Cancelled
        If ``cancel()``, asked every few milliseconds, said so.
    """
    if result.picture.labels is None:
        return None
    return metrics.together([marks_at(result, step, cancel)])
