"""Which sections a model was trained on, by content: as its card carries it, and asked of it.

A score on a section that weights were trained on flatters. A model's name says nothing of that, so
its card lists its sections: the picture's file and part by a digest, without its name, and how
much of each section was trained on.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from snnlab.data import isbi

OWN, BEFORE = "trained_on", "trained_on_before"  # of a card: by itself, and by what it began with
TEXT, TEXT_BEFORE = "data", "data_before"  # the same in words, where ISBI's sections are named
ENTRIES, SECTIONS = 600, 1 << 20
_MARK = re.compile("[0-9a-f]{64}")
_PLACE = re.compile("(.*) (?:inverted)? ([0-9]{1,9})")


@dataclass(frozen=True)
class Section:
    """A section that was trained on.

    Attributes
    ----------
    image : str
        Of its picture; see `mark`.
    number : int
        In its file, from 0.
    share : float
        Of its rows that were trained on, 0..1.
    """

    image: str
    number: int
    share: float = 1.0


def mark(sha256: str, options: Sequence[str] = ()) -> str:
    """Tells a picture from others whatever was done to its pixels: 64 hexadecimal digits.

    Parameters
    ----------
    sha256, options : str, tuple of str
        As of `snnlab.images.pictures.Picture`.
    """
    return hashlib.sha256(" ".join((sha256, *options)).encode()).hexdigest()


def place(in_the_file: str) -> tuple[str, int]:
    """The mark and the number of a section, from `Picture.in_the_file`, turned or not.

    Of what is none, as a session file of anybody's may have it, those of no section.
    """
    found = _PLACE.fullmatch(in_the_file)
    return (mark(found[1]), int(found[2])) if found else ("", -1)


def numbered(in_the_file: str, number: int) -> str:
    """Another section of the same file, as `Picture.in_the_file` has it."""
    return f"{in_the_file.rsplit(' ', 1)[0]} {number}"


def on_card(sections: Iterable[Section]) -> list[dict]:
    """For a card: ``image``, ``share`` and ``sections``, pairs of a first and a last one."""
    found: dict[tuple[str, float], list[list[int]]] = {}
    for one in sorted(set(sections), key=lambda one: (one.image, one.share, one.number)):
        blocks = found.setdefault((one.image, round(one.share, 3)), [])
        if blocks and one.number == blocks[-1][1] + 1:
            blocks[-1][1] = one.number
        else:
            blocks.append([one.number, one.number])
    return [
        {"image": image, "share": share, "sections": blocks}
        for (image, share), blocks in found.items()
    ][:ENTRIES]


def fits(told) -> bool:
    """Whether this is what `on_card` gives; a card may be anybody's."""
    return (
        isinstance(told, list)
        and len(told) <= ENTRIES
        and all(isinstance(one, dict) and _entry(one) for one in told)
    )


def _entry(one: Mapping) -> bool:
    image, share, blocks = (one.get(key) for key in ("image", "share", "sections"))
    return (
        isinstance(image, str)
        and _MARK.fullmatch(image) is not None
        and type(share) in (int, float)
        and 0 < share <= 1
        and isinstance(blocks, list)
        and len(blocks) <= SECTIONS
        and all(
            isinstance(block, list)
            and len(block) == 2
            and all(type(end) is int and 0 <= end < SECTIONS for end in block)
            for block in blocks
        )
    )


def inherited(card: Mapping) -> dict:
    """What goes from the card of a model into the card of one that begins with its weights."""
    texts = "; ".join(card.get(key, "") for key in (TEXT_BEFORE, TEXT)).split("; ")
    told = [*card.get(BEFORE, []), *card.get(OWN, [])][-ENTRIES:]
    kept = {TEXT_BEFORE: "; ".join(dict.fromkeys(filter(None, texts)))}
    return {key: value for key, value in (kept | {BEFORE: told}).items() if value}


def shares(card: Mapping, source: str, in_the_file: str) -> tuple[float, float]:
    """How much of a section a model was trained on: by itself, and by what it began with.

    Parameters
    ----------
    card : mapping
        Of the model.
    source : str
        Of the section, as in the settings.
    in_the_file : str
        Of its picture: `Picture.in_the_file`, or `Summary.file`.

    Returns
    -------
    float, float
        0 (nothing, as far as the card says) to 1 (all of it).
    """
    image, number = place(in_the_file)
    return tuple(
        max(
            float(source == "isbi" and isbi.trained_on(card.get(text, ""), number)),
            *(
                one["share"]
                for one in card.get(listed, [])
                if one["image"] == image
                and any(first <= number <= last for first, last in one["sections"])
            ),
            0.0,
        )
        for text, listed in ((TEXT, OWN), (TEXT_BEFORE, BEFORE))
    )
