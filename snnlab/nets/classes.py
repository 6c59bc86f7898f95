"""One softmax of several classes, the first of them membrane: cell is whatever is not membrane.

Nothing but NumPy, since the readout of a spiking network uses it too.
"""

import numpy as np


def one_logit(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Logit of cell: its sigmoid is 1 minus the softmax of membrane.

    Parameters
    ----------
    logits : numpy.ndarray
        Along ``axis`` one, which is cell's already, or one a class.

    Returns
    -------
    numpy.ndarray
        Without that axis.
    """
    first, *others = np.moveaxis(logits, axis, 0)
    if not others:
        return first
    rest = others[0]
    for other in others[1:]:
        rest = np.logaddexp(rest, other)
    return rest - first


def shares(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Probabilities of the classes: their softmax, float32 of the same shape."""
    raised = np.exp(logits - logits.max(axis, keepdims=True))
    return (raised / raised.sum(axis, keepdims=True)).astype(np.float32)
