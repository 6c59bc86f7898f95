"""A worksheet to print, and the sheet with its answers: PDF by ReportLab, A4."""

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

LINE = 24  # points between two lines to write on
LINES = 4  # of them under an open question
LINES_BELOW = 2  # and where there are frames to draw in
FRAME, GAP = 150, 12  # points: height of a frame, and between two
_SIGNS = {"▶": "the play button", "\u202f": " ", "→": "to"}  # what the typeface lacks


@dataclass(frozen=True)
class Asked:
    """A question with a number or a choice for an answer.

    Attributes
    ----------
    label : str
    options : tuple of str
        Empty if a number is asked for.
    answer : str
        Only on the sheet for teachers.
    """

    label: str
    options: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Item:
    """One lesson on the sheet.

    Attributes
    ----------
    title, task : str
        Markdown, of which bold and italic are read.
    asked : tuple of Asked
    ponder, reply : str
        An open question, and what a good answer says.
    note : str
        What the answers are of.
    drawing : tuple of str
        If drawings are asked for: what each is of. There is a frame for each.
    """

    title: str
    task: str
    asked: tuple[Asked, ...]
    ponder: str
    reply: str = ""
    note: str = ""
    drawing: tuple[str, ...] = ()


def pdf(items: Sequence[Item], where: str, about: str, answers: bool) -> bytes:
    """The sheet.

    Parameters
    ----------
    items : sequence of Item
    where : str
        How the lessons are found: an address.
    about : str
        What the run is that the numbers are of.
    answers : bool
        Whether it is the teacher's: answers in place of space to write.

    Returns
    -------
    bytes
        The same for the same sheet.
    """
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    file = io.BytesIO()
    title = "Answers, for teachers" if answers else "Worksheet"
    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=20 * mm, rightMargin=20 * mm, topMargin=16 * mm,
        bottomMargin=18 * mm, title=f"SNN Lab: {title}", author="SNN Lab", lang="en", invariant=1,
    )  # fmt: skip
    document.build(story(items, where, about, answers), onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def story(items: Sequence[Item], where: str, about: str, answers: bool) -> list:
    """What is on it, from top to bottom, as ReportLab's flowables."""
    from reportlab.platypus import KeepTogether, Paragraph, Spacer

    styles = _styles()
    title = "Answers, for teachers" if answers else "Worksheet"
    made = [Paragraph(f"SNN Lab: {title}", styles["title"])]
    if not answers:
        made.append(Paragraph(f"Name {'_' * 34} &nbsp; Date {'_' * 14}", styles["text"]))
    made += [
        Paragraph(_markup(f"Open {where} and choose the lesson at the top."), styles["small"]),
        Paragraph(_markup(about), styles["small"]),
    ]
    for item in items:
        parts = [
            Paragraph(_markup(item.title), styles["head"]),
            Paragraph(_markup(item.task), styles["text"]),
        ]
        for one in item.asked:
            parts += _answered(one, styles) if answers else _space(one, styles)
        parts.append(Paragraph(_markup(item.ponder), styles["ponder"]))
        if answers:
            parts.append(Paragraph(_markup(item.reply), styles["answer"]))
            if item.note:
                parts.append(Paragraph(_markup(item.note), styles["small"]))
        else:
            parts += [_frames(item.drawing, styles)] if item.drawing else []
            parts += [_rule() for _ in range(LINES_BELOW if item.drawing else LINES)]
        parts.append(Spacer(1, 8))
        made.append(KeepTogether(parts))
    return made


def _space(one: Asked, styles) -> list:
    """A question with a line, or with boxes to tick."""
    from reportlab.platypus import Paragraph

    if not one.options:
        return [Paragraph(f"{_before(one.label)} {'_' * 18}", styles["question"])]
    listed = [Paragraph(_before(one.label), styles["question"])]
    return listed + [_boxed(option, styles) for option in one.options]


def _answered(one: Asked, styles) -> list:
    from reportlab.platypus import Paragraph

    text = f"{_before(one.label)} <b>{_markup(one.answer)}</b>"
    return [Paragraph(text, styles["question"])]


def _before(label: str) -> str:
    """A question as it stands before its answer."""
    return _markup(label if label.endswith("?") else f"{label}:")


def _boxed(text: str, styles):
    """A box to tick, and what it stands for."""
    from reportlab.platypus import Paragraph, Table

    box = Table(
        [[""]], colWidths=9, rowHeights=9, style=[("BOX", (0, 0), (-1, -1), 0.8, "#000000")]
    )
    return Table(
        [[box, Paragraph(_markup(text), styles["text"])]],
        colWidths=[22, None],
        style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("TOPPADDING", (0, 0), (-1, -1), 1),
               ("BOTTOMPADDING", (0, 0), (-1, -1), 1)],
    )  # fmt: skip


def _frames(names: Sequence[str], styles):
    """Frames to draw in, side by side, what each is of above it."""
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Table

    columns = 2 * len(names) - 1  # every other one is a gap
    # as wide as the text, which ReportLab sets 6 points from each margin
    wide = (170 * mm - 12 - GAP * (len(names) - 1)) / len(names)
    above = [
        "" if place % 2 else Paragraph(f"{_markup(names[place // 2])}:", styles["text"])
        for place in range(columns)
    ]
    return Table(
        [above, [""] * columns],
        colWidths=[GAP if place % 2 else wide for place in range(columns)],
        rowHeights=[None, FRAME],
        style=[("BOX", (place, 1), (place, 1), 0.8, "#000000") for place in range(0, columns, 2)]
        + [("LEFTPADDING", (0, 0), (-1, 0), 0)],
    )


def _rule():
    """A line to write on."""
    from reportlab.platypus import HRFlowable

    return HRFlowable(width="100%", thickness=0.4, color="#8a8f8e", spaceBefore=LINE, spaceAfter=0)


def _foot(canvas, document) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawCentredString(document.pagesize[0] / 2, 28, f"SNN Lab, page {document.page}")


FONT = "Vera"  # comes with ReportLab, and is put into the file: every printer has it


def _styles() -> dict:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    faces = {"normal": "Vera", "bold": "VeraBd", "italic": "VeraIt", "boldItalic": "VeraBI"}
    for face in faces.values():
        pdfmetrics.registerFont(TTFont(face, f"{face}.ttf"))
    pdfmetrics.registerFontFamily(FONT, **faces)
    text = ParagraphStyle("text", fontName=FONT, fontSize=9.5, leading=13.5, spaceAfter=4)
    return {
        "text": text,
        "title": ParagraphStyle("title", text, fontName="VeraBd", fontSize=16, leading=22,
                                spaceAfter=8),
        "head": ParagraphStyle("head", text, fontName="VeraBd", fontSize=11.5, leading=16,
                               spaceBefore=6),
        "small": ParagraphStyle("small", text, fontSize=8, leading=11, textColor="#4c5452"),
        "question": ParagraphStyle("question", text, spaceBefore=5),
        "ponder": ParagraphStyle("ponder", text, fontName="VeraIt", spaceBefore=5),
        "answer": ParagraphStyle("answer", text, leftIndent=10),
    }  # fmt: skip


def _markup(text: str) -> str:
    """Markdown's bold and italic as ReportLab's, and signs that the typeface has."""
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
