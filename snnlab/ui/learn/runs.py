"""Which of a visitor's runs a lesson compares: two that differ in the one thing it is about."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from snnlab.results import summary
from snnlab.results.summary import Summary


@dataclass(frozen=True)
class Pair:
    """Two runs on one image that differ in one thing only, the smaller value first."""

    low: Summary
    high: Summary


def pair(
    runs: Sequence[Summary], names: tuple[str, ...], order: Callable[[Summary], object]
) -> Pair | None:
    """The latest two runs on one image that differ in just these settings, and in all.

    Not two that are both mute: they differ in nothing that a lesson asks for. Nor of a blank
    section, whose agreement with the ANN is no number.

    Parameters
    ----------
    runs : sequence of Summary
        The oldest first.
    names : tuple of str
        Settings of which at least one differs, and no other but the threshold does.
    order : callable
        Of a run, what the two are sorted by.
    """
    for last in range(len(runs) - 1, 0, -1):
        for first in range(last - 1, -1, -1):
            one, other = runs[first], runs[last]
            without = ("source", "section", "threshold", "ann_threshold")
            changed = set(summary.differing(one.settings, other.settings, without))
            if (mute(one) and mute(other)) or not math.isfinite(one.agreement + other.agreement):
                continue
            if one.image == other.image and changed and changed <= set(names):
                return Pair(*sorted((one, other), key=order))
    return None


def mute(run: Summary) -> bool:
    """Whether the last layer, which the picture is read from, has sent nothing."""
    return not run.layers[-1].spikes


def by_timesteps(runs: Sequence[Summary]) -> Pair | None:
    """Two runs of different length, the shorter first; at least twice as long."""
    found = pair(runs, ("timesteps",), lambda run: run.settings.timesteps)
    if found and found.high.settings.timesteps < 2 * found.low.settings.timesteps:
        return None
    return found


def by_reset(runs: Sequence[Summary]) -> Pair | None:
    """Reset by subtraction, and reset to zero."""
    return pair(runs, ("reset",), lambda run: run.settings.reset)


def by_bounds(runs: Sequence[Summary]) -> Pair | None:
    """Lower bounds, and bounds at least 1.5 times as high."""
    found = pair(runs, ("lower_hz", "upper_hz"), lambda run: run.settings.upper_hz)
    if found and found.high.settings.upper_hz < 1.5 * found.low.settings.upper_hz:
        return None
    return found
