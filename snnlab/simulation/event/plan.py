"""A feed-forward network as stages in the order in which they are run."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

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
    plane: int = 0  # which size of a graded source's spikes


@dataclass(frozen=True)
class Steady:
    """A constant input that arrives through a filter, so that it is not constant."""

    values: np.ndarray
    filter: Filter


@dataclass(frozen=True)
class Behaviour:
    """What the neurons of a stage do; see `layout.Rule`.

    Attributes
    ----------
    least : float
        Currents below this count as this.
    lower : float
        Lower bound of the potential.
    above : bool
        A spike needs a potential above 1, not only of 1.
    several : bool
        There may be more than one spike in a step.
    to_zero : bool
        A spike resets the potential to zero, else it takes 1 away.
    graded : int
        0 for spikes, 1 for values ``amplitude max(J, 0)``, 2 for ``J``.
    amplitude : float
        A spike puts out ``amplitude / dt`` for one step.
    voltage : float or numpy.ndarray
        At the start.
    kind : int
        Of neurons that do something else; see `layout.Special`, also for the
        rest.
    sizes : tuple of float
        Of graded spikes.
    together : bool
        Several of them may be sent in one step.
    start, inputs, seed : int
    share : float
    leak : tuple of float
        Time constants of leaky neurons: of the potential, of the refractory
        period and of the synaptic current, 0 for none (s).
    clipped : bool
        See `layout.Leak`.
    kept : tuple of float or numpy.ndarray
        What neurons begin with beside their potential, if it is not 0; one a slot.
    rates : callable, optional
        Of graded neurons that put out another function of their currents:
        replaces these by it, in place.
    """

    least: float = -np.inf
    lower: float = -np.inf
    above: bool = False
    several: bool = False
    to_zero: bool = False
    graded: int = 0
    amplitude: float = 1.0
    voltage: float | np.ndarray = 0.0
    kind: int = 0
    sizes: tuple[float, ...] = ()
    together: bool = False
    start: int = 0
    inputs: int = 0
    share: float = 1.0
    seed: int = 0
    leak: tuple[float, float, float] = (0.0, 0.0, 0.0)
    clipped: bool = False
    kept: tuple = ()
    rates: Callable[[np.ndarray], None] | None = None

    @property
    def planes(self) -> int:
        """Words that tell 64 steps of a neuron."""
        return max(1, len(self.sizes))


@dataclass(frozen=True)
class Outer:
    """Constant input of many pixels, one value each, times weights of the channels; made by rows.

    For a large image it would take more memory than all else that is needed at one time.

    Attributes
    ----------
    pixels : numpy.ndarray
        ``(height * width,)``.
    weights, base : numpy.ndarray
        ``(channels,)``: a neuron gets ``base + pixel weights``.
    """

    pixels: np.ndarray
    weights: np.ndarray
    base: np.ndarray

    def rows(self, first: int, last: int, width: int) -> np.ndarray:
        """Of the neurons of rows ``first <= y < last``."""
        product = np.outer(self.pixels[first * width : last * width], self.weights)
        product += self.base  # as Nengo takes it: the product is rounded, then the sum
        return product.reshape(-1)


@dataclass(frozen=True)
class Stage:
    """A population, or a node whose values are wanted.

    Attributes
    ----------
    target : nengo.Ensemble or nengo.Node
    shape : tuple of int
        ``(height, width, channels)``.
    behaviour : Behaviour
    links : tuple of Link
    steady : tuple of Steady
    bias : numpy.ndarray or Outer
        Bias plus constant inputs times gain; ``(channels,)`` if all pixels
        share it, else ``(neurons,)``.
    gain : numpy.ndarray
        Of everything that arrives; ``(1,)``, ``(channels,)`` or ``(neurons,)``.
    """

    target: nengo.Ensemble | nengo.Node
    shape: tuple[int, int, int]
    behaviour: Behaviour
    links: tuple[Link, ...] = ()
    steady: tuple[Steady, ...] = ()
    bias: "np.ndarray | Outer" = field(default_factory=lambda: np.zeros(1))
    gain: np.ndarray = field(default_factory=lambda: np.ones(1))

    @property
    def neurons(self) -> int:
        """Number of neurons, or of a node's values."""
        return int(np.prod(self.shape))

    def part(self, first: int, last: int) -> "Stage":
        """Rows ``first <= y < last`` of a stage with an `Outer`, as a stage."""
        bias = self.bias.rows(first, last, self.shape[1])
        return replace(self, shape=(last - first, *self.shape[1:]), bias=bias)


@dataclass(frozen=True)
class Driven:
    """A node that computes its output from the time alone."""

    target: nengo.Node

    @property
    def neurons(self) -> int:
        """Number of values."""
        return self.target.size_out

    @property
    def shape(self) -> tuple[int, int, int]:
        """As one row of pixels."""
        return 1, self.neurons, 1


@dataclass(frozen=True)
class Plan:
    """A network, read.

    Attributes
    ----------
    stages : tuple of Stage or Driven
        Each after those that feed it.
    constants : dict
        Values of nodes and ensembles whose output is constant, by object.
    seed : callable
        Gives the seed with which Nengo's builder would sample an object.
    decoded : dict
        By probe of a decoded value: the stage that it looks at; None if it is constant.
    params : dict or None
        What Nengo's builder made, if anything is decoded.
    """

    stages: tuple[Stage | Driven, ...]
    constants: dict
    seed: Callable
    decoded: dict = field(default_factory=dict)
    params: dict | None = None
