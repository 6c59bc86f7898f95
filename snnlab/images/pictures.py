"""An image to segment, and where it comes from: a shipped sample, an upload."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images import matching
from snnlab.images.choice import Choice
from snnlab.images.contrast import mirrored, normalise
from snnlab.images.limits import shown
from snnlab.images.pixel_size import Size, plain, square, told
from snnlab.images.resampling import planned, resampled
from snnlab.images.tissue import told_partly

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
    tissue, ignored : numpy.ndarray or None
        bool ``(height, width)``: False where the section only fills its canvas, and True where
        the labels say that nothing counts; None: nowhere.
    file_labels, file_tissue, file_ignored : numpy.ndarray or None
        The labels and these two in the file's pixels, where they were resampled.
    ignore : tuple of float
        Values of the labels' file that were named as not counting.
    negative : bool
        Whether dark and light were turned, for an image with light membranes.
    notes : tuple of str
        What was taken for granted, a sentence each.
    labels_options : tuple of str
        As `options`, of the labels' file.
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
    tissue: np.ndarray | None = None
    file_tissue: np.ndarray | None = None
    ignored: np.ndarray | None = None
    file_labels: np.ndarray | None = None
    file_ignored: np.ndarray | None = None
    ignore: tuple[float, ...] = ()
    negative: bool = False
    notes: tuple[str, ...] = ()
    labels_options: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """Tells its pixels from others of the same section: the file, its part, how changed."""
        parts = [self.sha256, *self.options]
        if self.file_nm is not None:
            # to which width is decided by whether it was asked for
            parts.append(f"at {self.file_nm!r} nm")
            parts += [f"as {self.nm!r} nm"] if self.asked_nm is None else []
        parts += ["inverted"] if self.negative else []
        return " ".join(parts)

    @property
    def in_the_file(self) -> str:
        """Tells the section of the file from others, whatever pixels it was resampled to."""
        turned = "inverted" if self.negative else ""
        return " ".join((self.sha256, *self.options, turned, str(self.section)))

    @property
    def blank(self) -> bool:
        """Whether there is no tissue at all."""
        return self.tissue is not None and not self.tissue.any()

    @property
    def beside(self) -> np.ndarray | None:
        """bool, True where it is not tissue; None: nowhere."""
        return None if self.tissue is None else ~self.tissue

    @cached_property
    def uncounted(self) -> np.ndarray | None:
        """bool, True where no score counts: not tissue, or said so by the labels; None: nowhere."""
        return _either(self.ignored, self.beside)

    @property
    def truth(self) -> bytes:
        """The labels and what of them counts, packed: tells them from others; empty if none."""
        if self.labels is None:
            return b""
        labels, left_out = self.judged_by
        packed = np.packbits(labels).tobytes()
        return packed if left_out is None else packed + np.packbits(left_out).tobytes()

    @cached_property
    def judged_by(self) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Labels to score by, and where nothing counts: in the file's pixels; see `judged`."""
        if self.file_labels is None:
            return self.labels, self.uncounted
        beside = None if self.file_tissue is None else ~self.file_tissue
        return self.file_labels, _either(self.file_ignored, beside)

    def judged(self, values: np.ndarray) -> np.ndarray:
        """A map of these pixels, 0..1, in those of `judged_by`."""
        return values if self.file_labels is None else self.in_file(values)

    @property
    def scorable(self) -> bool:
        """Whether there are labels, and a pixel of a cell that counts."""
        if self.labels is None:
            return False
        left_out = self.uncounted
        return bool((self.labels if left_out is None else self.labels & ~left_out).any())

    def cut(self, part: tuple[slice, slice]) -> "Picture":
        """A part of it, scored in these pixels; without labels if none of them counts there."""
        made = replace(
            self,
            file_labels=None,
            file_ignored=None,
            **{
                name: None if (mask := getattr(self, name)) is None else mask[part]
                for name in ("pixels", "labels", "tissue", "ignored")
            },
        )
        return made if made.scorable else replace(made, labels=None)

    @cached_property
    def light_membranes(self) -> bool:
        """Whether it looks inverted, to nets that know dark membranes."""
        from snnlab.images import polarity

        return polarity.light_membranes(self.normalised, self.tissue)

    @property
    def called(self) -> str:
        """Its name, which section of a visitor's stack it is, and whether it was resampled."""
        among = self.sections > 1 and self.name == self.file
        called = f"{self.name}, section {self.section}" if among else self.name
        called += ", inverted" if self.negative else ""
        if self.file_nm is None:
            return called
        return f"{called}, {told(self.file_nm)} nm pixels resampled to {self.nm:g} nm"

    def in_file(self, values: np.ndarray) -> np.ndarray:
        """A map of these pixels, ``(height, width)``, 0..1, in those of the file."""
        return values if self.file_shape is None else resampled(values, self.file_shape)

    @property
    def tissue_in_file(self) -> np.ndarray | None:
        """`tissue` in the file's pixels."""
        return self.tissue if self.file_shape is None else self.file_tissue

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
        return normalise(self.pixels, self.tissue)


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
    ignore: Sequence[float] = (),
    negative: bool = False,
    labels_choice: Choice | None = None,
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
    ignore : sequence of float
        Values of the labels that do not count.
    negative : bool
        Turn dark and light: the image has light membranes.
    labels_choice : Choice, optional
        As `choice`, of the label file.

    Raises
    ------
    LabError
    """
    from snnlab.images import reading as images

    stack = images.open_stack(data, name, choice=choice)
    image = stack.section(section)
    pixels = 1 - image.pixels if negative else image.pixels
    truth, shape = None, pixels.shape
    if labels is not None:
        truth = images.read_labels(
            labels, labels_name, shape, section, invert, ignore, labels_choice, stack
        )
    said = plain(stack.calibration.nm)
    own = plain(nm) if nm is not None else said
    wanted, width, note = planned(shape, nm, said)
    found = Picture(
        pixels,
        None if truth is None else truth.cells,
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
        labels_options=labels_choice.of_labels if labels is not None and labels_choice else (),
        tissue=image.tissue,
        ignored=None if truth is None else truth.ignored,
        ignore=tuple(ignore) if truth is not None else (),
        negative=negative,
        notes=(*stack.notes, *([note] if note else []), *told_partly(image.tissue, image.section)),
    )
    if truth is not None:
        another = partial(_another_page, labels, labels_name, invert, labels_choice, stack)
        found = _labelled(found, (*truth.notes, *truth.doubts(image.tissue)), another)
    if wanted == shape:
        return found
    return _resampled(found, wanted, own)


def _another_page(labels, name, invert: bool, choice, image) -> tuple[int, Callable]:
    """How many pages a label file has, and what gives one of them."""
    from snnlab.images import reading as images

    stack = images.open_labels(labels, name, choice, image)

    def page(index: int) -> tuple[np.ndarray, np.ndarray | None]:
        try:
            truth = stack.labels(index, invert)
        except LabError:  # of a page that nobody asked for
            return np.zeros(stack.shape, bool), None
        return truth.cells, truth.ignored

    return stack.sections, page


def _labelled(picture: Picture, said: tuple[str, ...], pages: Callable) -> Picture:
    """With what is said of its labels; without labels, if nothing of them counts."""
    name = shown(picture.labels_file)
    notes = [f"{name}: {note}" for note in said]
    if picture.scorable:
        image, truth = picture.normalised, picture.labels
        doubt = matching.of_another(image, truth, picture.uncounted, picture.section, *pages())
        notes += [f"{name}: {doubt}"] if doubt else []
    else:
        notes.append(f"{name}: no cell that counts, so that there are no scores.")
        picture = replace(picture, labels=None, ignored=None)
    return replace(picture, notes=(*picture.notes, *notes))


def _resampled(picture: Picture, shape: tuple[int, int], own: Size | None) -> Picture:
    """The same in other pixels."""
    pixels, tissue = picture.pixels, picture.tissue
    if tissue is not None:  # so that fill does not run into tissue
        pixels = mirrored(pixels, tissue)

    def most(mask: np.ndarray | None) -> np.ndarray | None:
        # a new pixel is what most of it was
        return None if mask is None else resampled(mask, shape) > 0.5

    return replace(
        picture,
        pixels=resampled(pixels, shape),
        labels=most(picture.labels),
        file_nm=own,
        file_shape=picture.pixels.shape,
        tissue=most(tissue),
        ignored=most(picture.ignored),
        file_labels=picture.labels,
        file_tissue=tissue,
        file_ignored=picture.ignored,
    )


def _either(*masks: np.ndarray | None) -> np.ndarray | None:
    """Where one of them is True; None: nowhere."""
    found = [mask for mask in masks if mask is not None]
    return np.logical_or.reduce(found) if found else None
