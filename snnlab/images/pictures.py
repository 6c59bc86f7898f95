"""An image to segment, and where it comes from: a shipped sample, an upload."""

import os
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images.choice import Choice
from snnlab.images.contrast import normalise
from snnlab.images.pixel_size import Size, plain, square, told
from snnlab.images.resampling import planned, resampled

SAMPLES = Path(__file__).parents[2] / "assets" / "samples"
SAMPLE_NM = 4.0  # what `snnlab.data.synthetic.tissue` draws lengths in


@dataclass(frozen=True)
class Picture:
    """An image to segment and what is known of it.

    Attributes
    ----------
    pixels : numpy.ndarray
        float32 ``(height, width)``, grey as it came, 0..1.
    labels : numpy.ndarray or None
        bool ``(height, width)``, True = cell.
    name : str
        For people.
    section, sections : int
        Which of how many.
    sha256 : str
        Of the file that it came from.
    nm : float or None
        Width of a pixel in nanometres, where it is known; the networks see these.
    file, labels_file : str
        Names of the files, for a command line; empty if there is none.
    inverted : bool
        Whether the labels' file holds 0 = cell.
    file_nm : float, (float, float) or None
        Width of the file's pixels, or their height and width, where the pixels here were
        resampled from them.
    file_shape : tuple of int or None
        How many they are, then.
    asked_nm : float, (float, float) or None
        What the person said of the file's pixels; else the file itself may have.
    where : str
        Where in the file the size of its pixels was read; empty if it was not.
    options : tuple of str
        What was chosen of channels, times or data sets, as a command line has it.
    notes : tuple of str
        What was taken for granted, a sentence each.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    name: str
    section: int
    sections: int
    sha256: str
    nm: float | None = None
    file: str = ""
    labels_file: str = ""
    inverted: bool = False
    file_nm: Size | None = None
    file_shape: tuple[int, int] | None = None
    asked_nm: Size | None = None
    where: str = ""
    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """Tells its pixels from others of the same section: the file, its part, how resampled."""
        parts = [self.sha256, *self.options]
        if self.file_nm is not None:
            # to which width is decided by whether it was asked for
            parts.append(f"at {self.file_nm!r} nm")
            parts += [f"as {self.nm!r} nm"] if self.asked_nm is None else []
        return " ".join(parts)

    @property
    def called(self) -> str:
        """Its name, which section of a visitor's stack it is, and whether it was resampled."""
        among = self.sections > 1 and self.name == self.file
        called = f"{self.name}, section {self.section}" if among else self.name
        if self.file_nm is None:
            return called
        return f"{called}, {told(self.file_nm)} nm pixels resampled to {self.nm:g} nm"

    def in_file(self, values: np.ndarray) -> np.ndarray:
        """A map of these pixels, ``(height, width)``, 0..1, in those of the file."""
        return values if self.file_shape is None else resampled(values, self.file_shape)

    @property
    def nm_in_file(self) -> Size | None:
        """Width of the file's pixels, or their height and width, where it is known."""
        return self.nm if self.file_nm is None else self.file_nm

    @property
    def title(self) -> str:
        """The same at the beginning of a line; a visitor's file is called what it is called."""
        called = self.called
        return called if self.name == self.file else called[:1].upper() + called[1:]

    @cached_property
    def normalised(self) -> np.ndarray:
        """What the networks see: float32 ``(height, width)``, 0..1."""
        return normalise(self.pixels)


def samples() -> tuple[str, ...]:
    """Names of the shipped synthetic sections, the default first."""
    return tuple(
        sorted(path.stem for path in SAMPLES.glob("*.png") if not path.stem.endswith("-labels"))
    )


@lru_cache(maxsize=4)
def sample(index: int) -> Picture:
    """A shipped synthetic section with its exact labels.

    Raises
    ------
    LabError
        If there is no such section.
    """
    names = samples()
    if not 0 <= index < len(names):
        raise LabError(f"there are {len(names)} sample sections; choose 0 to {len(names) - 1}.")
    name = names[index]
    data = (SAMPLES / f"{name}.png").read_bytes()
    truth = (SAMPLES / f"{name}-labels.png").read_bytes()
    picture = upload(data, f"{name}.png", 0, truth, f"{name}-labels.png")
    return replace(
        picture,
        name=name.split("-", 1)[1].replace("-", " "),
        section=index,
        sections=len(names),
        nm=SAMPLE_NM,
        file=f"assets/samples/{name}.png",
        labels_file=f"assets/samples/{name}-labels.png",
    )


def upload_sections(data: bytes, name: str) -> int:
    """Number of sections in a file.

    Raises
    ------
    LabError
    """
    from snnlab.images import reading as images

    return images.open_stack(data, name).sections


def upload(
    data: bytes | str | os.PathLike,
    name: str,
    section: int = 0,
    labels: bytes | str | os.PathLike | None = None,
    labels_name: str = "labels",
    invert: bool = False,
    nm: Size | None = None,
    choice: Choice | None = None,
) -> Picture:
    """A section of a visitor's file, with labels if there are any.

    Parameters
    ----------
    data, name : bytes or path, str
        The image file; of a path no more is read than is needed.
    section : int
    labels, labels_name : bytes or path, str
        A label file of the same size: 0 = membrane, else cell.
    invert : bool
        The labels are the other way round.
    nm : float, (float, float) or None
        Width of its pixels, or their height and width, to be resampled to those that the
        shipped models learned from. None: as it is, but for pixels that are no squares as
        the file says: these become squares of the finer of the two.
    choice : Choice, optional
        Of channels, times or data sets, where the file has several.

    Raises
    ------
    LabError
    """
    from snnlab.images import reading as images

    stack = images.open_stack(data, name, choice=choice)
    image = stack.section(section)
    truth, shape = None, image.pixels.shape
    if labels is not None:
        truth = images.read_labels(labels, labels_name, shape, section, invert)
    said = plain(stack.calibration.nm)
    own = plain(nm) if nm is not None else said
    wanted, width, note = planned(shape, nm, said)
    found = Picture(
        image.pixels,
        truth,
        name,
        section,
        stack.sections,
        image.sha256,
        own if wanted == shape and nm is not None and square(nm) else width,
        name,
        labels_name if labels is not None else "",
        invert,
        asked_nm=plain(nm),
        where=stack.calibration.where if nm is None and said is not None else "",
        options=stack.header.choice.options,
        notes=(*stack.notes, *([note] if note else [])),
    )
    if wanted == shape:
        return found
    return replace(
        found,
        pixels=resampled(found.pixels, wanted),
        # a new pixel is what most of it was
        labels=None if truth is None else resampled(truth, wanted) > 0.5,
        file_nm=own,
        file_shape=shape,
    )
