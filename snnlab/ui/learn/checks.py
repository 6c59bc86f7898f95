"""Whether an answer is right, worked out from the visitor's own runs.

No answer is written down anywhere: each check reads it off the run on screen,
or off two runs that differ in the one thing that the lesson is about. Pure
functions; the page is `snnlab.ui.learn.lessons`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from snnlab.figures.numbers import digits, joules, many
from snnlab.results.summary import ENOUGH, NEVER, Summary, settled
from snnlab.ui.learn.runs import Pair

SAME = 0.1  # a relative change below is called none
HAIR = 70.0  # µm: a human hair is 50 to 100 wide
POINT = 1.0  # percentage point of agreement: a smaller change is called none
ALIKE = 0.005  # spikes, or what is lost of them, that differ by less say nothing


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


def picture(width: float, halved: int, gap: str, true: float, levels: int) -> Verdict:
    """How wide a picture is, how often a net halves it, and what a gap in a membrane does.

    Parameters
    ----------
    width, halved, gap
        The answers; a width in µm.
    true : float
        The width, µm.
    levels : int
        How often it is halved.
    """
    if not _near(width, true, 0.02):
        return Verdict(
            False,
            "Multiply the pixels from left to right by the width of one, under the first figure."
            " That is in nm; 1 µm is 1,000 nm.",
        )
    if halved != levels:
        return Verdict(
            False,
            "The width is right. In the drawing of the net, count how many times the line steps"
            " down.",
        )
    if gap != "one":
        return Verdict(
            False,
            "The numbers are right. A cell is a patch that membranes close in: what if they do not"
            " close?",
        )
    return Verdict(
        True,
        f"It is {digits(true)} µm wide: about {round(HAIR / true)} such pictures side by side are"
        f" as wide as a hair. It is halved {many(levels, 'time')}, and one gap makes two cells"
        " one.",
    )


def spike(count: int, rate: float, sent: int, seconds: float) -> Verdict:
    """Spikes that a neuron sent, and its rate."""
    true = sent / seconds
    if count != sent:
        return Verdict(False, "Count the marks in the top row again: each is one spike.")
    if not _near(rate, true, 0.02):
        return Verdict(
            False,
            f"{many(sent, 'spike')} is right. A rate is spikes per second, and the run lasted"
            f" {1000 * seconds:g} ms, which is {seconds:g} s.",
        )
    return Verdict(True, f"{many(sent, 'spike')} in {seconds:g} s: that is {true:.4g} Hz.")


def rungs(apart: float, change: str, read: int, dt: float, runs: Pair | None) -> Verdict:
    """Distance of two rates that a run can tell apart, and what more timesteps do."""
    true = 1 / (read * dt)
    if not _near(apart, true, 0.02):
        return Verdict(
            False,
            f"Only the {many(read, 'step')} that are read out are counted, which are {read} ms. A"
            " neuron can send 0, 1, 2 … spikes in them. What rate is 1 spike?",
        )
    if runs is None:
        return Verdict(
            None,
            f"{true:.4g} Hz is right. Now run the same settings with at least twice as many"
            " timesteps, or at most half as many, and come back.",
        )
    before, after = runs.low.layers[-1].error, runs.high.layers[-1].error
    if change != compared(before, after):
        return Verdict(
            False,
            f"{true:.4g} Hz is right. For the error, compare the two columns of the table beside"
            " the task.",
        )
    return Verdict(
        True,
        f"In your runs, the error of the last layer went from {100 * before:.1f} % at"
        f" {many(runs.low.settings.timesteps, 'step')} to {100 * after:.1f} % at"
        f" {runs.high.settings.timesteps}.",
    )


def compared(before: float, after: float) -> str:
    """``smaller``, ``larger`` or ``same``, by more than a tenth."""
    if after < before * (1 - SAME):
        return "smaller"
    return "larger" if after > before * (1 + SAME) else "same"


def settling(runs: Sequence[Summary]) -> tuple[Summary, int, int] | None:
    """The latest run that comes to agree with the ANN for good, and between which steps."""
    for run in reversed(runs):
        after, by = settled(**run.course)
        if by != NEVER:
            return run, after, by
    return None


def too_few(answer: int, runs: Sequence[Summary]) -> Verdict:
    """When the SNN has settled on the ANN, and whether the visitor has seen it fail.

    The answer is held against the latest run that settles: the one that fails may
    have come before the answer was given.

    Parameters
    ----------
    answer : int
    runs : sequence of Summary
        On one image, the oldest first.
    """
    found = settling(runs)
    if found is None:
        return Verdict(False, "No run on this image gets there yet. Start with one that does.")
    run, after, by = found
    length = many(run.settings.timesteps, "step")
    slack = max(1, 0.1 * by)
    if not after + 1 - slack <= answer <= by + slack:
        hint = "too early" if answer <= after else "too late"
        return Verdict(
            False,
            f"That is {hint} for your run of {length}: look for the first dot above the dashed"
            " line after which no dot is below it.",
        )
    when = f"from step {by} on" if by == after + 1 else f"from between steps {after} and {by} on"
    said = f"{when}, your run of {length} agrees on 95 % or more"
    failed = [run for run in runs if run.agreement < ENOUGH]
    if not failed:
        return Verdict(
            None, f"Right: {said}. Now see it fail: press the button above, and watch the picture."
        )
    worst = min(failed, key=lambda run: run.agreement)
    return Verdict(
        True,
        f"{said[0].upper()}{said[1:]}; the one of {many(worst.settings.timesteps, 'step')} with *"
        f"{worst.settings.model}* ended at {100 * worst.agreement:.1f} %.",
    )


def reset(more: str, who: str, runs: Pair | None) -> Verdict:
    """Which reset sends more spikes, and whose rates suffer."""
    if runs is None:
        return Verdict(
            None, "First run the same settings with both resets: you need two runs to compare."
        )
    if alike(runs):
        return Verdict(None, "Your two runs hardly differ: they cannot show what a reset loses.")
    subtraction, zero = runs.low, runs.high
    spikes = {"subtraction": subtraction.spikes, "zero": zero.spikes}
    if more != max(spikes, key=spikes.get):
        return Verdict(False, "Look at the row *Spikes* of the table.")
    lost = losses(runs)
    if who != max(lost, key=lost.get):
        return Verdict(
            False,
            "You are right about the spikes. Now look at the two lower rows of the table: in which"
            " of them is the difference between the two runs larger?",
        )
    return Verdict(
        True,
        f"{subtraction.spikes:,} spikes with subtraction, {zero.spikes:,} with reset to zero. In"
        f" the first layer, with reset to zero busy neurons {_lost(lost['busy'])} of their signal,"
        f" and quiet ones {_lost(lost['quiet'])}.",
    )


def _lost(share: float) -> str:
    return f"{'gained' if share < 0 else 'lost'} {100 * abs(share):.1f} %"


def alike(runs: Pair) -> bool:
    """Whether two resets differ too little to tell which sends more, or takes more from whom."""
    spikes = sorted((runs.low.spikes, runs.high.spikes))
    lost = losses(runs)
    # what is not known is no difference either
    differ = abs(lost["busy"] - lost["quiet"]) >= ALIKE
    return spikes[1] - spikes[0] <= ALIKE * spikes[1] or not differ


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
    if not _near(factor, true, 0.1):
        return Verdict(
            False, "Divide the *Spikes* of one run by those of the other; the table has both."
        )
    points = 100 * (runs.low.agreement - runs.high.agreement)
    if change != ("fell" if points < -POINT else "rose" if points > POINT else "same"):
        return Verdict(
            False,
            "The factor is right. You will find the agreement in the row *SNN = ANN* of the table.",
        )
    return Verdict(
        True,
        f"{runs.high.spikes:,} spikes at {runs.high.settings.upper_hz:g} Hz,"
        f" {runs.low.spikes:,} at {runs.low.settings.upper_hz:g} Hz: {true:.2f} times fewer."
        f" Agreement with the ANN changed by {points:+.2f} points.".replace("-", "−"),
    )


def chips(factor: float, share: float, best: str, spikes: dict[str, int]) -> Verdict:
    """How much a good partition saves, and how much still crosses; in deliveries of spikes.

    Parameters
    ----------
    factor : float
        Deliveries between chips of round-robin over those of the best.
    share : float
        Of the best one's deliveries, those between chips, in percent.
    best : str
        What its row is called.
    spikes : dict of str to int
        ``between`` and ``within`` chips of the best, and between chips when ``dealt`` out.
    """
    between, within = spikes["between"], spikes["within"]
    true = spikes["dealt"] / max(between, 1)
    if not _near(factor, true, 0.1):
        return Verdict(
            False, f"Divide *between chips* of *round-robin* by *between chips* of *{best}*."
        )
    crossing = 100 * between / max(between + within, 1)
    if not _near(share, crossing, 0.15):
        return Verdict(
            False,
            "The factor is right. The share: *between chips* divided by the sum of *between chips*"
            f" and *within chips*, all in the row of *{best}*.",
        )
    return Verdict(
        True,
        f"*{best}* has {digits(true)} times fewer deliveries between chips than round-robin;"
        f" {digits(crossing)} % of its deliveries leave their chip.",
    )


def energy(factor: float, winner: str, used: dict[str, float]) -> Verdict:
    """How spikes fare against a GPU, and against an ANN on the same kind of hardware.

    Parameters
    ----------
    factor : float
        The GPU's joules over the chip's.
    winner : str
        ``"snn"`` or ``"ann"``, in 45 nm arithmetic.
    used : dict of str to float
        Joules of ``gpu``, ``chip``, ``ann`` and ``snn``.
    """
    true = used["gpu"] / used["chip"]
    if not _near(factor, true, 0.1):
        return Verdict(
            False, "Divide the joules of the GPU, one image at a time, by those of Loihi 1."
        )
    if winner != min(("snn", "ann"), key=used.get):
        return Verdict(
            False,
            "The factor is right. Now look at the two dots under *Like arithmetic*.",
        )
    gpu, chip, ann, snn = (joules(used[name]) for name in ("gpu", "chip", "ann", "snn"))
    return Verdict(
        True,
        f"Your run: {chip} on Loihi 1, {gpu} on the GPU, {digits(true)} times as much. In 45 nm"
        f" arithmetic, {snn} for spikes and {ann} for the ANN.",
    )


def _near(value: float, true: float, slack: float) -> bool:
    return abs(value - true) <= slack * abs(true)
