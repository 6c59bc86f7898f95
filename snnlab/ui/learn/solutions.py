"""The answers to the lessons' questions, from the runs that a sheet is of."""

from collections.abc import Sequence

from snnlab.chips.board import Mapping
from snnlab.figures.numbers import digits
from snnlab.results import read_rates
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import Summary
from snnlab.ui.learn import checks as learn_checks
from snnlab.ui.learn import questions as learn_questions
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.learn.asked import Question
from snnlab.ui.learn.checks import POINT


def of(
    key: str, result: Segmentation, runs: Sequence[Summary], mapping: Mapping
) -> tuple[float | str, ...] | None:
    """What is right, question by question; None if these runs do not tell.

    Parameters
    ----------
    key : str
        Of the lesson.
    result : Segmentation
        The run on the sheet.
    runs : sequence of Summary
        The one on the sheet last, before it those that it is compared with.
    mapping : Mapping
        On the page Chips.

    Raises
    ------
    LabError
        If the run only counted spikes.
    """
    pair = learn_setups.PAIRS[key](runs) if key in learn_setups.PAIRS else None
    if key in learn_setups.PAIRS and pair is None:
        return None
    if key == "picture":
        return *learn_questions.picture_facts(result), "one"
    if key == "spike":
        sent, seconds = learn_questions.spike_facts(result)
        return sent, sent / seconds
    if key == "rates":
        apart = 1 / (read_rates.steps_read(result) * result.recording.dt)
        return apart, learn_checks.compared(
            *(run.layers[-1].error for run in (pair.low, pair.high))
        )
    if key == "few":
        found = learn_checks.settling(runs[-1:])
        return None if found is None else (found[2],)
    if key == "reset":
        if learn_checks.alike(pair):
            return None
        more = "subtraction" if pair.low.spikes >= pair.high.spikes else "zero"
        lost = learn_checks.losses(pair)
        return more, max(lost, key=lost.get)
    if key == "bounds":
        points = 100 * (pair.low.agreement - pair.high.agreement)
        change = "fell" if points < -POINT else "rose" if points > POINT else "same"
        return pair.high.spikes / max(pair.low.spikes, 1), change
    if key == "chips":
        compared = learn_questions.partitions(mapping)
        if compared is None:
            return None
        best, dealt = (mapping.partitions[name] for name in compared)
        share = best.interchip / max(best.interchip + best.intrachip, 1)
        return dealt.interchip / max(best.interchip, 1), 100 * share
    joules = learn_questions.energy_facts(result)
    return joules["gpu"] / joules["chip"], min(("snn", "ann"), key=joules.get)


def written(question: Question, answer: float | str) -> str:
    """An answer as it stands on the sheet."""
    if question.options:
        return question.options[answer]
    return f"{answer:,.0f}" if question.whole else digits(answer)
