"""Whether a trained net is worth anything: against calling every pixel the same.

A net that has learnt nothing finds out one thing, the commoner class, and scores that look
like something come of it: where 78 % of the pixels are cell, "always cell" is right in 78 %.
"""

from collections.abc import Callable

import numpy as np

from snnlab.nets.model import SCORES
from snnlab.results import counted, metrics

LEAST = 0.1  # of what calling every pixel the same leaves to be won
JUDGED_BY = {"pixel_accuracy": "pixel accuracy", "v_rand": "V_Rand"}
MARK = "Not usable yet."
ADVICE = "Train longer, label more, or start from a trained model (fine-tune)."


def constant(labels: np.ndarray, cancel: Callable[[], bool] | None = None) -> dict:
    """Scores of calling every pixel what most of them are.

    Parameters
    ----------
    labels : numpy.ndarray
        ``(n, height, width)``, 1 = cell; below 0 does not count.
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.

    Returns
    -------
    dict
        Of all sections together by `SCORES`, and ``class``, "cell" or "membrane".

    Raises
    ------
    Cancelled
    """
    cells, uncounted = counted.split(np.asarray(labels))
    cell = counted.mean(cells, uncounted) >= 0.5
    said = np.full(labels.shape[1:], float(cell), np.float32)
    parts = [counted.split(truth) for truth in labels]
    scored = metrics.together(
        [metrics.marks(said, truth, ignore=left_out, cancel=cancel) for truth, left_out in parts]
    )
    return {"class": "cell" if cell else "membrane"} | {key: getattr(scored, key) for key in SCORES}


def warning(ann: dict, snn: dict, constant: dict, advice: str = ADVICE) -> str:
    """What is wrong with a net that has learnt next to nothing, and what to do; or nothing.

    Parameters
    ----------
    ann, snn : dict of str to float
        Scores on what was held out.
    constant : dict
        Of `constant`, on the same.
    advice : str
        A sentence on what to do where the ANN itself is worth nothing.
    """
    if _dull(ann, constant):
        return f"This net has learnt next to nothing: {_told('', ann, constant)} {advice}"
    if _dull(snn, constant):
        return (
            f"The spiking net is worth next to nothing: {_told('as an SNN ', snn, constant)}"
            " Give it more timesteps or higher rate bounds, or train longer."
        )
    return ""


def marked(card: dict, scores: dict) -> dict:
    """The card with its scores; if they warn, the lists that show the card do so too."""
    card = card | {"scores": scores}
    if scores["warning"]:
        card["summary"] = f"{MARK} {card['summary']}"
        card["not"] = f"{scores['warning']} {card['not']}"
    return card


def _dull(scores: dict, constant: dict) -> bool:
    """Whether a score gains less than `LEAST` of what there is to be gained."""
    return any(
        scores[key] - constant[key] < LEAST * (1 - constant[key])
        for key in JUDGED_BY
        if constant[key] < 1
    )


def _told(who: str, scores: dict, constant: dict) -> str:
    def row(of: dict) -> str:
        return " and ".join(f"{name} {of[key]:.4f}" for key, name in JUDGED_BY.items())

    return (
        f"held out it reaches {who}{row(scores)}, and calling every pixel"
        f" {constant['class']} reaches {row(constant)}."
    )
