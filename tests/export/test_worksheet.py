"""What is on the sheets, read back from the flowables; and that the PDF is one."""

import re
from dataclasses import replace

import pytest

from snnlab.export import worksheet
from snnlab.export.worksheet import Asked, Item

ITEMS = (
    Item(
        "3. Too few steps",
        "Press ▶ and **wait**, 5 < 6 & *so on*.",
        (Asked("From step", answer="16"), Asked("Cells are", ("one", "two"), "one")),
        "What is missing?",
        "Thin membranes.",
        "Of two runs.",
    ),
)


def texts(found) -> list[str]:
    """All that is written, in order."""
    said = []
    for one in found:
        if hasattr(one, "getPlainText"):
            said.append(one.getPlainText())
        for inner in getattr(one, "_content", None) or ():
            said += texts([inner])
        for row in getattr(one, "_cellvalues", None) or ():
            said += texts([cell for cell in row if not isinstance(cell, str)])
    return said


def test_questions_have_space_and_no_answers():
    story = worksheet.story(ITEMS, "http://lab/learn", "A run.", answers=False)
    said = texts(story)
    assert said[0] == "SNN Lab: Worksheet" and said[1].startswith("Name ____")
    assert "Open http://lab/learn and choose the lesson at the top." in said
    assert "Press the play button and wait, 5 < 6 & so on." in said
    assert said[said.index("Cells are:") + 1 :][:2] == ["one", "two"]
    assert "From step: __________________" in said
    whole = " ".join(said)
    assert "16" not in whole and "Thin membranes" not in whole
    kinds = [type(one).__name__ for one in story[-1]._content]
    assert kinds.count("HRFlowable") == worksheet.LINES


def test_where_a_drawing_is_asked_for_there_is_room_to_draw():
    drawn = replace(ITEMS[0], drawing=("After few steps", "After many"))
    story = worksheet.story([drawn], "x", "A run.", answers=False)
    assert {"After few steps:", "After many:"} <= set(texts(story))
    (frames,) = [one for one in story[-1]._content if worksheet.FRAME in getattr(one, "_argH", ())]
    assert worksheet.FRAME > 4 * worksheet.LINE
    assert [one[1] for one in frames._linecmds if one[0] == "BOX"] == [(0, 1), (2, 1)]
    kinds = [type(one).__name__ for one in story[-1]._content]
    assert kinds.count("HRFlowable") == worksheet.LINES_BELOW
    with_answers = worksheet.story([drawn], "x", "A run.", answers=True)
    assert "After few steps:" not in texts(with_answers)
    assert worksheet.pdf([drawn], "x", "A run.", answers=False).startswith(b"%PDF-")


def test_teachers_have_the_answers():
    said = texts(worksheet.story(ITEMS, "x", "A run.", answers=True))
    assert said[0] == "SNN Lab: Answers, for teachers" and "Name" not in " ".join(said)
    assert "From step: 16" in said and "Cells are: one" in said
    assert said[-2:] == ["Thin membranes.", "Of two runs."]


@pytest.mark.parametrize("answers", [True, False])
def test_the_file_is_a_pdf_that_can_be_printed_anywhere(answers):
    made = worksheet.pdf(ITEMS * 8, "x", "A run.", answers)
    assert made.startswith(b"%PDF-") and made.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", made)) > 1
    assert b"/FontFile2" in made and len(made) < 300_000
    assert made == worksheet.pdf(ITEMS * 8, "x", "A run.", answers)
