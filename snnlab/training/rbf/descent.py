"""Gradient descent on the mixture of the two kernels, the readout weights and the bias.

With ``E`` and ``C`` the kernel values of a batch (`snnlab.nets.rbf_kernels`), ``t`` the targets
and ``y = (a1 E + a2 C) w + b``::

    e = y - t                       of half the squared error (the paper's)
    e = sigmoid(y) - t              of the cross-entropy, for classes
    dL/dw  = (a1 E + a2 C)^T e / n + decay w
    dL/db  = sum(e) / n
    dL/da1 = e . (E w) / n          dL/da2 = e . (C w) / n

The paper descends after each sample with a constant rate; here batches go through Adam, which for
the many correlated units of a segmentation needs a hundredth of the steps.

References
----------
Khan et al. (2017), doi:10.1007/s00034-016-0375-7. Kingma, Ba (2015), arXiv:1412.6980.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from snnlab.errors import Cancelled

BATCH = 1024
RATE = 0.02  # of Adam, at the beginning; it falls to 0 along a cosine
BETAS = 0.9, 0.999
TOLD = 40  # times that the mixture is told of while it is trained


@dataclass
class Parameters:
    """What is trained: ``w`` ``(units,)``, ``b``, ``a1``, ``a2``, as one vector of `values`."""

    values: np.ndarray

    @classmethod
    def begin(cls, units: int, mixture: tuple[float, float], seed: int = 0) -> "Parameters":
        """Small random weights, no bias, and a mixture."""
        weights = 0.01 * np.random.default_rng(seed).standard_normal(units)
        return cls(np.concatenate([weights, [0.0], mixture]).astype(np.float32))

    @property
    def weights(self) -> np.ndarray:
        """Of the readout."""
        return self.values[:-3]

    @property
    def bias(self) -> float:
        """Of the readout."""
        return float(self.values[-3])

    @property
    def mixture(self) -> tuple[float, float]:
        """``a1`` of the Euclidean kernel, ``a2`` of the cosine kernel."""
        return float(self.values[-2]), float(self.values[-1])


@dataclass(frozen=True)
class Step:
    """How far a training is.

    Attributes
    ----------
    step : int
    a1, a2 : float
    euclid : float
        Share of the output's spread that comes from the Euclidean kernels, 0..1: the sizes of
        ``a1`` and ``a2`` alone do not say it, as the kernels differ in spread.
    loss : float
        Mean since the last one.
    """

    step: int
    a1: float
    a2: float
    euclid: float
    loss: float


def gradient(
    parameters: Parameters,
    euclid: np.ndarray,
    cosine: np.ndarray,
    target: np.ndarray,
    squared: bool = False,
    decay: float = 0.0,
) -> tuple[float, np.ndarray]:
    """Loss of a batch and its gradient by `Parameters.values`.

    Parameters
    ----------
    euclid, cosine : numpy.ndarray
        Kernel values ``(n, units)``.
    target : numpy.ndarray
        ``(n,)``: classes 0 and 1, or numbers if `squared`.
    squared : bool
        Half the mean squared error, in place of the mean cross-entropy.
    decay : float
        Of ``decay / 2 |w|^2``, which is added.
    """
    w, (a1, a2) = parameters.weights, parameters.mixture
    from_euclid, from_cosine = euclid @ w, cosine @ w
    y = a1 * from_euclid + a2 * from_cosine + parameters.bias
    if squared:
        error = y - target
        loss = 0.5 * float(np.mean(error * error))
    else:
        error = expit(y) - target
        loss = float(np.mean(np.logaddexp(0, y) - target * y))
    error = error / len(target)
    found = np.empty_like(parameters.values)
    found[:-3] = a1 * (error @ euclid) + a2 * (error @ cosine) + decay * w
    found[-3:] = error.sum(), error @ from_euclid, error @ from_cosine
    return loss + 0.5 * decay * float(w @ w), found


def descend(
    start: Parameters,
    euclid: np.ndarray,
    cosine: np.ndarray,
    target: np.ndarray,
    steps: int,
    adaptive: bool = True,
    squared: bool = False,
    rate: float = RATE,
    decay: float = 0.0,
    seed: int = 0,
    rounded: Callable[[np.ndarray], np.ndarray] | None = None,
    heard: Callable[[Step], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Parameters:
    """Train; parameters as of `gradient`, and these.

    Parameters
    ----------
    steps : int
    adaptive : bool
        Whether the mixture is trained too, or stays as it is.
    rounded : callable, optional
        Rounds weights to what will be stored; the last third of the steps is taken from there,
        with the gradient passed on as if nothing had been rounded.
    heard : callable, optional
        Told `Step` some `TOLD` times.

    Raises
    ------
    Cancelled
    """
    random = np.random.default_rng(seed)
    now = Parameters(start.values.copy())
    first, second = np.zeros_like(now.values), np.zeros_like(now.values)
    batch, every, loss = min(BATCH, len(target)), max(1, steps // TOLD), 0.0
    for step in range(1, steps + 1):
        if cancel and cancel():
            raise Cancelled
        rows = random.integers(len(target), size=batch) if batch < len(target) else slice(None)
        e, c = euclid[rows], cosine[rows]
        there = Parameters(now.values.copy())
        if rounded is not None and 3 * step > 2 * steps:
            there.values[:-3] = rounded(now.weights)
        value, slope = gradient(there, e, c, target[rows], squared, decay)
        if not adaptive:
            slope[-2:] = 0
        first += (1 - BETAS[0]) * (slope - first)
        second += (1 - BETAS[1]) * (slope * slope - second)
        size = rate * 0.5 * (1 + np.cos(np.pi * step / steps))
        size *= np.sqrt(1 - BETAS[1] ** step) / (1 - BETAS[0] ** step)
        now.values -= (size * first / (np.sqrt(second) + 1e-8)).astype(np.float32)
        loss += value
        if heard and (step % every == 0 or step == steps):
            done = step % every or every
            heard(Step(step, *now.mixture, euclids_share(now, e, c), loss / done))
            loss = 0.0
    return now


def euclids_share(parameters: Parameters, euclid: np.ndarray, cosine: np.ndarray) -> float:
    """Share of the output's spread (standard deviations) that comes from the Euclidean kernels."""
    a1, a2 = parameters.mixture
    near = abs(a1) * float(np.std(euclid @ parameters.weights))
    toward = abs(a2) * float(np.std(cosine @ parameters.weights))
    return near / (near + toward) if near + toward > 0 else 0.5
