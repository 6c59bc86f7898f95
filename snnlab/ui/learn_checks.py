"""Whether an answer is right, worked out from the visitor's own runs.

No answer is written down anywhere: each check reads it off the run on screen,
or off two runs that differ in the one thing that the lesson is about. Pure
functions; the page is `snnlab.ui.learn`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from snnlab import summary
from snnlab.summary import Summary

ENOUGH = 0.95  # agreement with the ANN that lesson 3 asks for
SAME = 0.1  # a relative change below is called none
NEVER = 0  # the step from which it holds, if it never does


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes
    ----------
    right : bool or None
        None while there is something to be done before it can be judged.
    text : str
        Why, with the numbers of the visitor's runs.
    """

    right: bool | None
    text: str


@dataclass(frozen=True)
class Pair:
    """Two runs on one image that differ in one thing only, the smaller value first."""

    low: Summary
    high: Summary


def pair(
    runs: Sequence[Summary], names: tuple[str, ...], order: Callable[[Summary], object]
) -> Pair | None:
    """The latest two runs on one image that differ in just these settings, and in all.

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
            without = ("source", "section", "threshold")
            changed = set(summary.differing(one.settings, other.settings, without))
            if one.image == other.image and changed and changed <= set(names):
                return Pair(*sorted((one, other), key=order))
    return None


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


def spike(count: int, rate: float, sent: int, seconds: float) -> Verdict:
    """Spikes that a neuron sent, and its rate."""
    true = sent / seconds
    if count != sent:
        return Verdict(False, "Count the marks in the top row again: each is one spike.")
    if not _near(rate, true, 0.02):
        return Verdict(
            False,
            f"{sent} spikes is right. A rate is spikes per second, and the run lasted"
            f" {1000 * seconds:g} ms, which is {seconds:g} s.",
        )
    return Verdict(True, f"{sent} spikes in {seconds:g} s are {true:.4g} Hz.")


def rungs(apart: float, change: str, read: int, dt: float, runs: Pair | None) -> Verdict:
    """Distance of two rates that a run can tell apart, and what more timesteps do."""
    true = 1 / (read * dt)
    if not _near(apart, true, 0.02):
        return Verdict(
            False,
            f"A neuron can send 0, 1, 2 … spikes in the {read} ms that are read out. What rate is"
            " 1 spike?",
        )
    if runs is None:
        return Verdict(
            None,
            f"{true:.4g} Hz is right. Now run the same settings with at least twice or half as"
            " many timesteps, and come back.",
        )
    few, many = runs.low.layers[-1].error, runs.high.layers[-1].error
    told = (
        f"In your runs, the error of the last layer went from {100 * few:.1f} % at"
        f" {runs.low.settings.timesteps} steps to {100 * many:.1f} % at"
        f" {runs.high.settings.timesteps}."
    )
    return Verdict(change == compared(few, many), told)


def compared(before: float, after: float) -> str:
    """``smaller``, ``larger`` or ``same``, by more than a tenth."""
    if after < before * (1 - SAME):
        return "smaller"
    return "larger" if after > before * (1 + SAME) else "same"


def settled(step: np.ndarray, agreement: np.ndarray) -> tuple[int, int]:
    """Between which steps the agreement becomes high enough for good.

    Not every step need be known: it is not yet at the first of the two, and it is at
    the second. `NEVER` twice if it never is.
    """
    low = np.flatnonzero(np.asarray(agreement) < ENOUGH)
    first = 0 if not len(low) else int(low[-1]) + 1
    if first == len(step):
        return NEVER, NEVER
    return int(step[first - 1]) if first else 0, int(step[first])


def too_few(answer: int, runs: Sequence[Summary]) -> Verdict:
    """When the SNN has settled on the ANN, and whether the visitor has seen it fail.

    The answer is held against the latest run that settles: the one that fails may
    have come before the answer was given.
    """
    found = [(*settled(**run.course), run.settings.timesteps) for run in runs]
    settle = [one for one in found if one[1] != NEVER]
    if not settle:
        return Verdict(
            False,
            "None of your runs stays there. Begin with one that does: *Reset all to the model's"
            " settings* in the sidebar.",
        )
    after, by, length = settle[-1]
    failed = [run for run in runs if run.agreement < ENOUGH]
    slack = max(1, 0.1 * by)
    if not after + 1 - slack <= answer <= by + slack:
        hint = "too early" if answer <= after else "too late"
        return Verdict(
            False,
            f"That is {hint} for your run of {length} steps: look where the"
            " curve crosses 95 % for good.",
        )
    said = f"by step {by} your run of {length} steps is above 95 % for good"
    if not failed:
        return Verdict(
            None,
            f"Right: {said}. Now see it fail: choose the preset *Too few steps*, and run it.",
        )
    worst = min(failed, key=lambda run: run.agreement)
    return Verdict(
        True,
        f"{said[0].upper()}{said[1:]}; the one of {worst.settings.timesteps} steps with *"
        f"{worst.settings.model}* ended at {100 * worst.agreement:.1f} %.",
    )


def reset(more: str, who: str, runs: Pair | None) -> Verdict:
    """Which reset sends more spikes, and whose rates suffer."""
    if runs is None:
        return Verdict(
            None, "Run the same settings with both resets first: two runs are needed to compare."
        )
    subtraction, zero = runs.low, runs.high
    spikes = {"subtraction": subtraction.spikes, "zero": zero.spikes}
    lost = losses(runs)
    told = (
        f"In your runs: {subtraction.spikes:,} spikes with subtraction, {zero.spikes:,} with reset"
        f" to zero. Of what they say in the first layer, busy neurons lost"
        f" {100 * lost['busy']:.1f} %, quiet ones {100 * lost['quiet']:.1f} %."
    )
    right = more == max(spikes, key=spikes.get) and who == max(lost, key=lost.get)
    return Verdict(right, told if right else "Compare both runs once more. " + told)


def losses(runs: Pair) -> dict[str, float]:
    """What reset to zero takes of the first layer's activation, busy and quiet neurons."""
    before, after = runs.low.layers[0], runs.high.layers[0]
    return {
        "busy": before.busy - after.busy,
        "quiet": before.quiet - after.quiet,
    }


def bounds(factor: float, change: str, runs: Pair | None) -> Verdict:
    """By how much lower bounds cut the spikes, and what becomes of the agreement."""
    if runs is None:
        return Verdict(
            None, "Run the same settings with bounds at most two thirds as high, and come back."
        )
    true = runs.high.spikes / max(runs.low.spikes, 1)
    told = (
        f"{runs.high.spikes:,} spikes at {runs.high.settings.upper_hz:g} Hz,"
        f" {runs.low.spikes:,} at {runs.low.settings.upper_hz:g} Hz: {true:.2f} times fewer."
    )
    if not _near(factor, true, 0.1):
        return Verdict(False, "Divide the spikes of one run by those of the other, on *Compare*.")
    points = 100 * (runs.low.agreement - runs.high.agreement)
    fell = "fell" if points < -1 else "rose" if points > 1 else "same"
    told += f" Agreement with the ANN changed by {points:+.2f} points.".replace("-", "−")
    return Verdict(change == fell, told)


def chips(factor: float, share: float, interchip: dict[str, int], intrachip: dict[str, int]):
    """How much a good partition saves, and how much still crosses."""
    best = min(interchip, key=interchip.get)
    true = interchip["round-robin"] / max(interchip[best], 1)
    if not _near(factor, true, 0.1):
        return Verdict(
            False, "Divide *round-robin*'s spikes between chips by those of the best partitioner."
        )
    crossing = 100 * interchip[best] / max(interchip[best] + intrachip[best], 1)
    if not _near(share, crossing, 0.15):
        return Verdict(
            False,
            "The factor is right. The share: spikes between chips, divided by those between chips"
            " and within them together.",
        )
    return Verdict(
        True,
        f"*{best}* sends {true:.1f} times fewer spikes across than round-robin: {crossing:.1f} % of"
        " its messages leave their chip.",
    )


def energy(factor: float, winner: str, joules: dict[str, float]) -> Verdict:
    """How spikes fare against a GPU, and against an ANN on like hardware.

    Parameters
    ----------
    factor : float
        The GPU's joules over the chip's.
    winner : str
        ``"snn"`` or ``"ann"``, in 45 nm arithmetic.
    joules : dict of str to float
        ``gpu``, ``chip``, ``ann`` and ``snn``.
    """
    true = joules["gpu"] / joules["chip"]
    if not _near(factor, true, 0.1):
        return Verdict(
            False, "Divide the joules of the GPU, one image at a time, by those of Loihi 1."
        )
    cheaper = min(("snn", "ann"), key=joules.get)
    told = (
        f"Your run: {joules['chip']:.3g} J on Loihi 1, {joules['gpu']:.3g} J on the GPU, {true:.3g}"
        f" times as much. In 45 nm arithmetic, {joules['snn']:.3g} J for spikes and"
        f" {joules['ann']:.3g} J for the ANN."
    )
    return Verdict(winner == cheaper, told)


def _near(value: float, true: float, slack: float) -> bool:
    return abs(value - true) <= slack * abs(true)
