"""A stack that was segmented, as parts of a session, and back.

One part a section, so that a browser which keeps them is told of what is new alone. Whoever hands
them in may have them from anybody: sizes are counted before anything is unpacked.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from snnlab.results import summary_kept
from snnlab.work import stored
from snnlab.work.stored import Damaged

if TYPE_CHECKING:  # what it takes to segment a stack is not loaded before somebody has one
    from snnlab.lab.stack import Stack

SECTIONS = 600  # that are kept of a stack, at most
FOLDER = "stack/"
PART = r"stack/[0-9]{1,3}\.npz"
_MARK = re.compile("[0-9a-f]{64}")
_LARGEST = 1e9  # nanometres


@dataclass(frozen=True, eq=False)
class Held:
    """A stack as somebody has it.

    Attributes
    ----------
    mark : str
        What it is of: 64 hexadecimal digits, the same for the same sections and settings.
    stack : Stack
    places : range
        Sections that were asked for last.
    thickness : float or None
        From section to section, nanometres.
    """

    mark: str
    stack: "Stack"
    places: range
    thickness: float | None = None

    def sections(self) -> list:
        """Those that are done, in their order."""
        return self.stack.among(list(self.stack.sections.copy()))[:SECTIONS]


def parts(held: Held, once: Callable) -> tuple[dict, dict[str, bytes]]:
    """What is said of a stack, ready for JSON, and its parts by name.

    Parameters
    ----------
    held : Held
    once : callable
        ``once(section, make)`` gives the bytes of a section; it may know them from before.
    """
    from snnlab.results import stacked_kept

    made, told = {}, []
    for index, section in enumerate(held.sections()):
        name = f"{FOLDER}{index}.npz"
        made[name] = once(section, lambda section=section: stacked_kept.packed(section))
        told.append(stacked_kept.written(section) | {"part": name})
    stack = held.stack
    about = {
        "mark": held.mark,
        "name": _printable(stack.name),
        "settings": asdict(stack.settings),
        "region": None if stack.region is None else list(stack.region),
        "nm": None if stack.nm is None else float(stack.nm),
        "image": _printable(stack.image),
        "places": [held.places.start, held.places.stop],
        "thickness": held.thickness,
        "sections": told,
    }
    return about, made


def read(about, part: Callable[[Mapping], bytes]) -> Held:
    """A stack from what `parts` gave.

    Parameters
    ----------
    about : object
        From JSON.
    part : callable
        ``part(one)`` gives the bytes that an entry of its sections names.

    Raises
    ------
    Damaged
        If anything is not as this lab writes it.
    """
    from snnlab.lab.stack import MOST, Stack
    from snnlab.results import stacked_kept

    wrong = Damaged("holds a stack that is none")
    if not isinstance(about, dict):
        raise wrong
    mark, listed, region = about.get("mark"), about.get("sections"), about.get("region")
    if not isinstance(mark, str) or not _MARK.fullmatch(mark):
        raise wrong
    if not isinstance(listed, list) or not 1 <= len(listed) <= SECTIONS:
        raise wrong
    if region is not None:
        region = tuple(_whole(value) for value in _listed(region, 4))
    places = range(*(_whole(value) for value in _listed(about.get("places"), 2)))
    settings = summary_kept.settings_of(about.get("settings"))
    stack = Stack(summary_kept.text(about.get("name")), settings, region, nm=_nm(about.get("nm")))
    stack.image = summary_kept.text(about.get("image", ""))
    voxels = 0
    for one in listed:
        if not isinstance(one, dict):
            raise wrong
        room = (MOST - voxels) * stacked_kept.BYTES
        section = stacked_kept.read(one, stored.arrays(part(one), room, len(stacked_kept.ARRAYS)))
        voxels += section.grey.size
        if voxels > MOST:
            raise Damaged("holds more sections than are held at a time")
        if section.place in stack.sections:
            raise Damaged("holds a section twice")
        stack.sections[section.place] = section
    _alike(list(stack.sections.values()), region)
    return Held(mark, stack, places, _nm(about.get("thickness")))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "_" for c in text)[-summary_kept.TEXT :]


def _alike(sections: list, region) -> None:
    """Refuse sections that cannot be of one stack."""
    shape = sections[0].grey.shape if region is None else region[2:]
    if any(one.grey.shape != shape for one in sections):
        raise Damaged("holds sections of several sizes")
    if len({one.marks["snn"].thresholds for one in sections if one.marks}) > 1:
        raise Damaged("holds sections that were scored at several thresholds")


def _listed(value, count: int) -> list:
    if not isinstance(value, list) or len(value) != count:
        raise Damaged("holds a stack that is none")
    return value


def _whole(value) -> int:
    if type(value) is not int or not 0 <= value <= 1 << 20:
        raise Damaged("holds a number of a stack that is none")
    return value


def _nm(value) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 < value < _LARGEST:
        raise Damaged("holds a size of pixels that is none")
    return float(value)
