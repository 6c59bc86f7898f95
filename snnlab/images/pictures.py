"""An image to segment, and where it comes from: a shipped sample, an upload."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.images.resampling import MODEL_NM, resampled, shape_for

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
        Width of a pixel in nanometres, where it is known.
    file, labels_file : str
        Names of the files, for a command line; empty if there is none.
    inverted : bool
        Whether the labels' file holds 0 = cell.
    file_nm, file_shape : float, tuple of int, or None
        Width of the file's pixels, and how many they are, where the pixels here
        were resampled from them.
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
    file_nm: float | None = None
    file_shape: tuple[int, int] | None = None

    @property
    def content(self) -> str:
        """Tells its pixels from others of the same section: the file's hash, how resampled."""
        return self.sha256 if self.file_nm is None else f"{self.sha256} at {self.file_nm!r} nm"

    @property
    def called(self) -> str:
        """Its name, which section of a visitor's stack it is, and whether it was resampled."""
        among = self.sections > 1 and self.name == self.file
        called = f"{self.name}, section {self.section}" if among else self.name
        if self.file_nm is None:
            return called
        return f"{called}, {self.file_nm:g} nm pixels resampled to {self.nm:g} nm"

    def in_file(self, values: np.ndarray) -> np.ndarray:
        """A map of these pixels, ``(height, width)``, 0..1, in those of the file."""
        return values if self.file_shape is None else resampled(values, self.file_shape)

    @property
    def nm_in_file(self) -> float | None:
        """Width of the file's pixels, where it is known."""
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
    data: bytes,
    name: str,
    section: int = 0,
    labels: bytes | None = None,
    labels_name: str = "labels",
    invert: bool = False,
    nm: float | None = None,
) -> Picture:
    """A section of a visitor's file, with labels if there are any.

    Parameters
    ----------
    data, name : bytes, str
        The image file.
    section : int
    labels, labels_name : bytes, str
        A label file of the same size: 0 = membrane, else cell.
    invert : bool
        The labels are the other way round.
    nm : float or None
        Width of its pixels, to be resampled to those that the shipped models
        learned from; None: as it is.

    Raises
    ------
    LabError
    """
    from snnlab.images import pixel_size
    from snnlab.images import reading as images

    stack = images.open_stack(data, name)
    image = stack.section(section)
    truth, shape = None, image.pixels.shape
    if labels is not None:
        truth = images.read_labels(labels, labels_name, shape, section, invert)
    found = Picture(
        image.pixels,
        truth,
        name,
        section,
        stack.sections,
        image.sha256,
        pixel_size.of_file(data, name) if nm is None else nm,
        name,
        labels_name if labels is not None else "",
        invert,
    )
    wanted = shape if nm is None else shape_for(shape, nm)
    if wanted == shape:
        return found
    return replace(
        found,
        pixels=resampled(found.pixels, wanted),
        # a new pixel is what most of it was
        labels=None if truth is None else resampled(truth, wanted) > 0.5,
        nm=MODEL_NM,
        file_nm=nm,
        file_shape=shape,
    )
