"""The two kernels of an RBF network, and their fusion.

Of a feature vector ``x`` and the centre ``c_k`` of unit ``k``::

    euclid_k = exp(-|x - c_k|^2 / (2 width^2))         how near: 0..1
    cosine_k = x . c_k / (|x| |c_k|)                   in which direction: -1..1
    phi_k    = a1 euclid_k + a2 cosine_k
    y        = sum_k w_k phi_k + b                      the log-odds of cell

``a1``, ``a2`` are learned with ``w`` and ``b`` (`snnlab.training.rbf`), one pair for all units.

References
----------
Khan, Naseem, Togneri, Bennamoun (2017), Circuits, Systems, and Signal Processing 36:1639,
doi:10.1007/s00034-016-0375-7, arXiv:1905.03546.
"""

import numpy as np

TINY = 1e-6
FAINT = -80.0  # exp of less is no normal float32, and sums of such take ten times as long


def euclid(x: np.ndarray, centres: np.ndarray, width: float) -> np.ndarray:
    """The Gaussian of the Euclidean distance.

    Parameters
    ----------
    x : numpy.ndarray
        float32 ``(n, features)``.
    centres : numpy.ndarray
        float32 ``(units, features)``.
    width : float
        Standard deviation, in units of the features.

    Returns
    -------
    numpy.ndarray
        float32 ``(n, units)``, 0..1.
    """
    squared = x @ centres.T
    squared *= -2
    squared += np.einsum("ij,ij->i", x, x)[:, None]
    squared += np.einsum("ij,ij->i", centres, centres)
    np.maximum(squared, 0, out=squared)  # rounding leaves less than nothing of equal vectors
    squared *= np.float32(-0.5 / width**2)
    np.maximum(squared, FAINT, out=squared)
    return np.exp(squared, out=squared)


def cosine(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The cosine of the angle; 0 of a vector without length. Shapes as `euclid`, -1..1."""
    return directions(x) @ directions(centres).T


def directions(x: np.ndarray) -> np.ndarray:
    """Vectors ``(n, features)`` of length 1; those without any length stay so."""
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), TINY)
