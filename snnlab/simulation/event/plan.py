"""A feed-forward network as stages in the order in which they are run."""

from dataclasses import dataclass, field

import nengo
import numpy as np

from snnlab.simulation.event.operators import Operator


@dataclass(frozen=True)
class Filter:
    """First-order low-pass: ``y <- decay y + gain x``, and ``y`` of the step before goes out."""

    decay: float
    gain: float


@dataclass(frozen=True)
class Link:
    """What a stage gets from an earlier one, through one operator and perhaps a filter."""

    source: int
    operator: Operator
    filter: Filter | None


@dataclass(frozen=True)
class Steady:
    """A constant input that arrives through a filter, so that it is not constant."""

    values: np.ndarray
    filter: Filter


@dataclass(frozen=True)
class Stage:
    """A population, or a node whose values are wanted.

    Attributes
    ----------
    target : nengo.Ensemble or nengo.Node
    kind : int
        One of the kinds of `kernels`.
    shape : tuple of int
        ``(height, width, channels)``.
    links : tuple of Link
    steady : tuple of Steady
    bias : numpy.ndarray
        Bias plus constant inputs, before any scaling; ``(channels,)`` if all
        pixels share it, else ``(neurons,)``.
    gain : numpy.ndarray
        Of everything that arrives; ``(1,)``, ``(channels,)`` or ``(neurons,)``.
    amplitude : float
        A spike puts out ``amplitude / dt`` for one step.
    voltage : float or numpy.ndarray
        At the start.
    lower : float
        Lower bound of the potential.
    """

    target: nengo.Ensemble | nengo.Node
    kind: int
    shape: tuple[int, int, int]
    links: tuple[Link, ...]
    steady: tuple[Steady, ...] = ()
    bias: np.ndarray = field(default_factory=lambda: np.zeros(1))
    gain: np.ndarray = field(default_factory=lambda: np.ones(1))
    amplitude: float = 1.0
    voltage: float | np.ndarray = 0.0
    lower: float = -np.inf

    @property
    def neurons(self) -> int:
        """Number of neurons, or of a node's values."""
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class Plan:
    """All stages, each after those that feed it, and the constant nodes' values."""

    stages: tuple[Stage, ...]
    constants: dict
