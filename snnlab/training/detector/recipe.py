"""Everything that a training of the detector depends on, but the sections."""

from dataclasses import dataclass, field

from snnlab.nets.detector.plan import Plan
from snnlab.training.detector.crops import Drawing
from snnlab.training.regulariser import RateRange


@dataclass(frozen=True)
class Recipe:
    """The recipe.

    Attributes
    ----------
    plan : Plan
    drawing : Drawing
    batch : int
        Squares a step.
    minutes, steps : float, int
        The budget; steps, if given, rules.
    rate : float
        Learning rate at the start (Adam).
    decay : float
        Share of each kernel that a step takes off, at a learning rate of 1.
    average : float
        Decay of the running average of the variables.
    validate_every : float
        Share of the budget.
    offsets : float
        Weight of the offsets' loss against the scores'.
    rates : RateRange or None
        Bounds on the percentile of each channel's rate.
    rate_hz : float
        Firing rate that stands for an activation of 1.
    seed : int
    """

    plan: Plan = field(default_factory=Plan)
    drawing: Drawing = field(default_factory=Drawing)
    batch: int = 6
    minutes: float = 45.0
    steps: int | None = None
    rate: float = 2e-3
    decay: float = 0.01
    average: float = 0.998
    validate_every: float = 0.04
    offsets: float = 0.5
    rates: RateRange | None = field(default_factory=lambda: RateRange(weight=1e-6))
    rate_hz: float = 150.0
    seed: int = 0
