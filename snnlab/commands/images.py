"""The image that a command is of: its arguments, and the file that they name."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images import formats, pixel_size, resampling
from snnlab.images.choice import COLOURS, SECTIONS, Choice
from snnlab.images.labels import named
from snnlab.images.limits import MIB
from snnlab.images.origin import Origin
from snnlab.images.pictures import Picture
from snnlab.images.reading import open_labels
from snnlab.images.resampling import MODEL_NM, alike
from snnlab.lab import segmenting as lab

LARGE = 16 * MIB  # bytes of a packed file, from which on it is said that it is being read
ACCEPTED = "an image or a stack; docs/formats.md lists the formats"


def add_pixels(command) -> None:
    """Arguments that say what the pixels of a file are."""
    add = command.add_argument
    add(
        "--nm",
        metavar="NM",
        help="width of a pixel, or width x height such as 4x6; the image is resampled to"
        f" {MODEL_NM:g} nm, which the models know",
    )
    add(
        "--as-is",
        action="store_true",
        help="leave the pixels as they are, whatever the file says of their size",
    )
    add("--invert", action="store_true", help="swap dark and light, for light membranes")
    add_choice(command)


def add_choice(command) -> None:
    """Arguments that choose from what a file holds several of."""
    add = command.add_argument
    add("--channel", metavar="N", help=f"of a file with several, from 0; or '{SECTIONS}'")
    add("--frame", metavar="N", help=f"of a file with several times, from 0; or '{SECTIONS}'")
    add("--dataset", metavar="NAME", help="of a file with several images or arrays")


def add_labels(command, what: str = "0 = membrane, else cell; for scores") -> None:
    """Arguments that name labels and say what they mean."""
    add = command.add_argument
    add("--labels", metavar="FILE", help=what)
    add_meaning(command)


def add_meaning(command) -> None:
    """Arguments that say what labels mean."""
    add = command.add_argument
    add("--invert-labels", action="store_true", help="the labels are the other way round")
    add(
        "--ignore",
        metavar="VALUE",
        help="a value in the labels that does not count, or several, such as 0,3; write"
        " --ignore=-5 for one below 0 (those are always left out)",
    )
    for option, what in (("channel", "N"), ("frame", "N"), ("dataset", "NAME")):
        add(f"--labels-{option}", metavar=what, help=f"as --{option}, of the labels' file")


def ignored_of(arguments) -> tuple[float, ...]:
    """Values of the labels that are not to count.

    Raises
    ------
    LabError
    """
    try:
        return named(getattr(arguments, "ignore", None))
    except ValueError:
        raise LabError("--ignore takes a number, or several, such as 0,3.") from None


def choice_of(arguments, of: str = "") -> Choice:
    """What the arguments choose of channels, times and data sets.

    Parameters
    ----------
    arguments : argparse.Namespace
    of : {"", "labels_"}
        Which file.

    Raises
    ------
    LabError
    """
    channel, frame, dataset = (
        getattr(arguments, f"{of}{name}", None) for name in ("channel", "frame", "dataset")
    )
    return Choice(_number(channel, "channel"), _number(frame, "frame"), dataset)


def _number(text: str | None, option: str) -> int | str | None:
    if text in (None, SECTIONS) or (text == COLOURS and option.endswith("channel")):
        return text
    try:
        return int(text)
    except ValueError:
        raise LabError(f"--{option} takes a number, counted from 0, or '{SECTIONS}'.") from None


def nm_of(arguments) -> pixel_size.Size | None:
    """The pixel size that was given.

    Raises
    ------
    LabError
    """
    if arguments.nm is None:
        return None
    if getattr(arguments, "as_is", False):
        raise LabError("--nm resamples the image and --as-is leaves it; give one of them.")
    try:
        return pixel_size.parsed(arguments.nm)
    except ValueError:
        raise LabError(
            "--nm takes the width of a pixel in nanometres, such as 4, or width x height, such as"
            " 4x6."
        ) from None


def unasked_of(arguments, said: pixel_size.Size | None) -> pixel_size.Size | None:
    """From which size the image is resampled though ``--nm`` is not given; None: it is not.

    Where several models see the same image, all of them must gain by it.
    """
    if arguments.as_is or arguments.nm is not None:
        return None
    cards = lab.cards()
    names = getattr(arguments, "model", None) or getattr(arguments, "models", None) or ""
    sizes = [resampling.unasked(said, cards.get(name.strip(), {})) for name in names.split(",")]
    return None if None in sizes else said


def pictures_of(arguments, sections: Sequence[int], blank: bool = False) -> list[Picture]:
    """Sections of the image that was named, with labels if the command takes them.

    Where it need not name an image and does not, they are shipped samples.

    Parameters
    ----------
    sections : sequence of int
    blank : bool
        Whether a section may be blank.

    Raises
    ------
    LabError
    """
    if arguments.image is None:
        for name in ("labels", "ignore", "nm", "as_is", "invert", "channel", "frame", "dataset"):
            if getattr(arguments, name, None) not in (None, False):
                raise LabError(f"--{name.replace('_', '-')} needs an image; name one.")
        return [lab.sample(section) for section in sections]
    image, labels = arguments.image, getattr(arguments, "labels", None)
    name, labels_name = Path(image).name, Path(labels).name if labels else "labels"
    invert = getattr(arguments, "invert_labels", False)
    nm, choice = nm_of(arguments), choice_of(arguments)
    if labels:  # what is wrong with their file is said before the image is read
        open_labels(Path(labels), labels_name, choice_of(arguments, "labels_"))

    def read(section: int, nm: pixel_size.Size | None) -> Picture:
        return lab.upload(
            Path(image),
            name,
            section,
            Path(labels) if labels else None,
            labels_name,
            invert,
            nm,
            choice,
            ignored_of(arguments),
            arguments.invert,
            choice_of(arguments, "labels_"),
        )

    found = [read(section, nm) for section in sections]
    if nm is None and (nm := unasked_of(arguments, found[0].nm_in_file)) is not None:
        try:
            found = [read(section, nm) for section in sections]
            note = resampling.told(nm)
        except LabError as error:  # nobody asked for it
            note = f"{name} was not resampled: {error}"
        found = [replace(picture, notes=(*picture.notes, note)) for picture in found]
    if not blank and (empty := next((one for one in found if one.blank), None)) is not None:
        raise LabError(f"section {empty.section} of {name} is blank; choose another section.")
    tell(dict.fromkeys(note for picture in found for note in notes_of(picture)))
    return found


def waits(path: str | os.PathLike) -> str:
    """What is said of a file that is read as a whole before anything else happens; mostly nothing.

    Formats that are read in pieces answer at once, whatever their size.
    """
    try:
        origin = Origin(path)
        if origin.folder or origin.size < LARGE or not formats.whole(origin.head):
            return ""
    except (LabError, EOFError):
        return ""  # said when it is opened
    return f"reading the whole of {Path(path).name}, {origin.size / 1e6:.0f} MB ..."


def notes_of(picture: Picture) -> tuple[str, ...]:
    """What was taken for granted of an image, and what is doubtful, a sentence each."""
    notes = list(picture.notes)
    if picture.light_membranes:
        notes.append(
            "The membranes of this image look light, and the models know dark ones:"
            + (" leave --invert out." if picture.negative else " --invert turns them dark.")
        )
    width = picture.nm
    if picture.asked_nm is None and width is not None and not alike(width):
        notes.append(
            f"{picture.name} says that its pixels are {width:.4g} nm wide, and the shipped models"
            f" learned from {MODEL_NM:g} nm; --nm {width:.4g} resamples it."
        )
    return tuple(notes)


def tell(notes: Iterable[str]) -> None:
    """What the person should know, on the terminal."""
    for note in notes:
        print(f"snnlab: {note}", file=sys.stderr)
