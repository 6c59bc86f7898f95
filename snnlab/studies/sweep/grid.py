"""The settings of a sweep, and how few runs they take.

A network without loops knows nothing of how long it will be run: what it does
in the first T steps of a long run is what a run of T steps does. So all
timesteps of a sweep are read from one run of the longest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from snnlab.errors import LabError, many
from snnlab.settings import Settings

MOST = 5000  # points
KNOBS = ("model", "method", "percentile", "upper", "timesteps")


@dataclass(frozen=True)
class Run:
    """One simulation, and the timesteps at which it is read.

    Attributes
    ----------
    settings : Settings
        With the largest number of timesteps.
    timesteps : tuple of int
        Ascending; the last is that number.
    """

    settings: Settings
    timesteps: tuple[int, ...]

    def at(self, steps: int) -> Settings:
        """The settings of one point."""
        return self.settings.replace(timesteps=steps)


@dataclass(frozen=True)
class Grid:
    """All combinations of the values given.

    Attributes
    ----------
    base : Settings
        For whatever is not varied. The lower bound keeps its share of the
        upper one, to three digits: of 75..150 Hz, an upper bound of 300 Hz makes 150..300 Hz.
    percentiles, uppers : tuple of float
    timesteps : tuple of int
    methods, models : tuple of str
    without : tuple of (str, str)
        Models and methods that do not go together, and are left out.

    Raises
    ------
    LabError
        If a value is out of range, or there are more than `MOST` points.
    """

    base: Settings
    percentiles: tuple[float, ...]
    uppers: tuple[float, ...]
    timesteps: tuple[int, ...]
    methods: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    without: tuple[tuple[str, str], ...] = ()

    def __post_init__(self):
        for name, otherwise in (("methods", self.base.method), ("models", self.base.model)):
            object.__setattr__(self, name, _unique(getattr(self, name) or (otherwise,)))
        for name in ("percentiles", "uppers", "timesteps"):
            object.__setattr__(self, name, _ascending(getattr(self, name), name))
        if self.points > MOST:
            raise LabError(
                f"this sweep has {many(self.points, 'point')}; take out values until there are at"
                f" most {MOST}."
            )
        self.runs()  # Settings checks every value
        for steps in self.timesteps:
            self.base.replace(timesteps=steps)

    @property
    def points(self) -> int:
        """Combinations, timesteps included."""
        return len(self.timesteps) * self.simulations

    @property
    def simulations(self) -> int:
        """Runs for one section: timesteps cost none."""
        return len(self.percentiles) * len(self.uppers) * len(self.pairs)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Models with their methods."""
        everything = product(self.models, self.methods)
        return tuple(pair for pair in everything if pair not in self.without)

    @property
    def lower_share(self) -> float:
        """The lower bound as a share of the upper one."""
        return self.base.lower_hz / self.base.upper_hz

    def lower(self, upper: float) -> float:
        """The lower bound that goes with an upper one (Hz), as a person would write it."""
        if upper == self.base.upper_hz:
            return self.base.lower_hz
        return min(float(f"{upper * self.lower_share:.3g}"), upper)

    def runs(self) -> tuple[Run, ...]:
        """The simulations, models outermost."""
        return tuple(
            Run(
                self.base.replace(
                    model=model,
                    method=method,
                    percentile=percentile,
                    lower_hz=self.lower(upper),
                    upper_hz=upper,
                    timesteps=self.timesteps[-1],
                ),
                self.timesteps,
            )
            for (model, method), percentile, upper in product(
                self.pairs, self.percentiles, self.uppers
            )
        )


def _unique(values: Sequence) -> tuple:
    return tuple(dict.fromkeys(values))


def _ascending(values: Sequence, name: str) -> tuple:
    if not values:
        raise LabError(f"a sweep needs at least one value of {name}.")
    return tuple(sorted(set(values)))


def numbers(text: str, kind: type, name: str) -> tuple:
    """Numbers separated by commas, as people type them.

    Raises
    ------
    LabError
    """
    try:
        return tuple(kind(part) for part in text.replace(" ", "").split(",") if part)
    except ValueError:
        whole = "whole numbers" if kind is int else "numbers"
        raise LabError(f"--{name} takes {whole} separated by commas, as 16,32,64.") from None
