"""The lessons' questions as data: fields on the page, and lines on the worksheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from snnlab.ui.learn.setups import RESETS

CHANGES = {"smaller": "smaller", "same": "about the same", "larger": "larger"}
AGREEMENT = {"fell": "fell by more than a point", "same": "stayed", "rose": "rose"}
WHO = {"busy": "busy neurons", "quiet": "quiet neurons"}
GAPS = {"one": "taken for one", "two": "still two", "none": "both lost"}
WINNERS = {"snn": "the spiking net", "ann": "the ANN"}


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    label : str
    key : str
        Names its field.
    options : mapping of str to str
        What can be chosen: the answer, and how it is written. A number, if there are none.
    whole : bool
        Whether the number is a whole one.
    two : bool
        Whether it compares two runs.
    """

    label: str
    key: str
    options: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False
    two: bool = False


QUESTIONS: dict[str, tuple[Question, ...]] = {
    "picture": (
        Question("Width of the picture (µm)", "width"),
        Question("How many times is it halved?", "halved", whole=True),
        Question("If a membrane has a gap, the two cells beside it are", "gap", GAPS),
    ),
    "spike": (
        Question("Spikes of this neuron", "count", whole=True),
        Question("Its firing rate (Hz)", "rate"),
    ),
    "rates": (
        Question("Distance between two rungs (Hz)", "apart"),
        Question(
            "With more timesteps, the error of the last layer gets", "change", CHANGES, two=True
        ),
    ),
    "few": (Question("From which step on do they agree on at least 95 %?", "step", whole=True),),
    "reset": (
        Question("More spikes are sent with", "more", RESETS, two=True),
        Question("Which neurons lose more of their signal?", "who", WHO, two=True),
    ),
    "bounds": (
        Question("How many times fewer spikes?", "factor", two=True),
        Question("The agreement with the ANN", "agreement", AGREEMENT, two=True),
    ),
    "chips": (
        Question("How many times fewer deliveries between chips than round-robin?", "chips-factor"),
        Question("Share of its deliveries that leave their chip (%)", "chips-share"),
    ),
    "energy": (
        Question("How many times as much energy does the GPU need?", "energy-factor"),
        Question("In 45 nm arithmetic, less energy is needed by", "winner", WINNERS),
    ),
}


def draw(question: Question) -> str | float | None:
    """Its field; nothing is answered before the visitor does: a guess is theirs."""
    key = f"answer-{question.key}"
    if question.options:
        options = dict(question.options)
        return st.radio(question.label, list(options), None, format_func=options.get, key=key)
    if question.whole:
        return st.number_input(question.label, 0, 1_000_000, None, key=key)
    return st.number_input(question.label, 0.0, 1e9, None, format="%.10g", step=1.0, key=key)
