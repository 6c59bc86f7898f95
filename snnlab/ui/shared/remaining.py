"""Time left that does not jump about: it counts down, and leans towards what is estimated now."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

LEANING = 30.0  # seconds after which two thirds of a wrong estimate are put right


@dataclass
class Remaining:
    """Seconds that a job will still take.

    Attributes
    ----------
    seconds : float or None
        What was said last, or what is expected before it begins.
    clock : callable
        Seconds, never running backwards.
    """

    seconds: float | None = None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _at: float | None = field(default=None, repr=False)

    def told(self, estimate: float | None) -> float | None:
        """What to say now, given what the job's own progress makes of it."""
        now = self.clock()
        passed = 0.0 if self._at is None else now - self._at
        self._at = now
        if self.seconds is None:
            self.seconds = estimate
        else:
            self.seconds = max(self.seconds - passed, 0.0)
            if estimate is not None:
                share = 1 - math.exp(-passed / LEANING)
                self.seconds += share * (estimate - self.seconds)
        return self.seconds


def minutes(seconds: float) -> str:
    """Minutes and seconds, as 2:05."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def spoken(seconds: float) -> str:
    """A time that is only roughly known."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
