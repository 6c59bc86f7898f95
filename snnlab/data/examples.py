"""Images with what they show, for nets of any kind: an ``.npz``, or a folder of class folders.

What is read is as large as the net takes; nothing of a file is run.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from snnlab.errors import LabError
from snnlab.images.limits import fit, guarded, shown
from snnlab.work import stored

IMAGES = ("x_test", "images", "x", "x_train", "data")
LABELS = ("y_test", "labels", "y", "y_train", "masks")
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")
FORMATS = ("PNG", "JPEG", "BMP")
PIXELS = 4096 * 4096  # of an image
VALUES = 1 << 29  # of all images together
MOST = 100_000  # files of a folder
FILE = 64 << 20  # bytes of an image in a zip


@dataclass(frozen=True)
class Examples:
    """Images and what they show.

    Attributes
    ----------
    images : numpy.ndarray
        float32 ``(n, height, width, channels)``.
    labels : numpy.ndarray or None
        Whole numbers, ``(n,)`` or ``(n, height, width)``.
    classes : tuple of str
        Names of the classes, where folders have them.
    notes : tuple of str
        What was assumed, a sentence each.
    """

    images: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def first(self, most: int) -> "Examples":
        """The first ones."""
        labels = None if self.labels is None else self.labels[:most]
        return Examples(self.images[:most], labels, self.classes, self.notes)


def read(path: str | Path, shape: tuple[int, int, int], most: int = 10_000) -> Examples:
    """Read examples for a net that takes images of a shape.

    Parameters
    ----------
    path : path
        A folder with a folder for each class, or an ``.npz``.
    shape : tuple of int
        ``(height, width, channels)``.
    most : int
        Images that are read. Of folders, the first of each class in turn.

    Raises
    ------
    LabError
        One sentence that says what to do.
    """
    path = Path(path)
    try:
        if path.is_dir():
            return _folders(path, shape, most)
        if not path.is_file():
            raise LabError(f"{shown(str(path))} is not there; name a folder or an .npz file.")
        return _arrays(path, shape, most)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise LabError(f"{shown(str(path))} cannot be read: {reason}; choose another.") from error


def unpacked(data: bytes, file: str, shape: tuple[int, int, int], most: int) -> Examples:
    """The same from a file that somebody hands in: an ``.npz``, or a zip of class folders.

    Parameters
    ----------
    data : bytes
    file : str
        Its name.
    shape, most
        As of `read`.

    Raises
    ------
    LabError
    """
    name = shown(file)
    with stored.as_one_sentence(
        f"{name} is damaged; give an .npz, or a zip with a folder for each class."
    ):
        if not data.startswith(b"PK"):
            raise LabError(f"{name} is neither an .npz nor a zip; give one of these.")
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            listed = opened.infolist()
            if all(item.filename.endswith(".npy") for item in listed):
                return _of_arrays(data, name, shape, most)
            return _zipped(opened, listed, name, shape, most)


def _zipped(opened: zipfile.ZipFile, listed: list, name: str, shape, most: int) -> Examples:
    if len(listed) > MOST:
        raise LabError(f"{name} has more than {MOST:,} files; give fewer.")
    classes: dict[str, list] = {}
    for item in sorted(listed, key=lambda one: one.filename):
        place = item.filename.replace("\\", "/").split("/")
        hidden = any(part.startswith((".", "__MACOSX")) for part in place)
        if item.is_dir() or hidden or not place[-1].lower().endswith(ENDINGS):
            continue
        if len(place) < 2:
            raise LabError(f"{name} has images outside folders; give each class a folder.")
        if item.file_size > FILE or item.compress_type not in (0, 8) or item.flag_bits & 1:
            raise LabError(
                f"{shown(place[-1])} is too large, or packed in another way; leave it out."
            )
        classes.setdefault(place[-2], []).append(item)
    if not classes:
        raise LabError(f"{name} has no PNG or JPEG files in folders; give each class a folder.")

    def pixels(item):
        with opened.open(item) as stream:
            data = stream.read(FILE + 1)
        return _pixels(shown(item.filename), io.BytesIO(data), shape)

    names = sorted(classes)
    return _in_turn([classes[one] for one in names], names, pixels, shape, most)


def _arrays(path: Path, shape, most: int) -> Examples:
    return _of_arrays(stored.content(path), shown(str(path)), shape, most)


def _of_arrays(data: bytes, name: str, shape, most: int) -> Examples:
    try:
        found = stored.arrays(data)
    except stored.Damaged as error:
        raise LabError(f"{name} {error}; write it with numpy.savez, without pickles.") from error
    key = next((one for one in IMAGES if one in found), None)
    if key is None:
        raise LabError(f"{name} has no images; name their array {IMAGES[0]} or {IMAGES[1]}.")
    images = found[key]
    if images.dtype.kind not in "buif" or images.ndim not in (3, 4) or not len(images):
        raise LabError(f"{name} has a {key} that is not a stack of images; give it four axes.")
    images = images[..., None] if images.ndim == 3 else images
    if images.shape[1:] != tuple(shape):
        has, wants = ("x".join(map(str, one)) for one in (images.shape[1:], shape))
        raise LabError(f"{name} has images of {has}, and the net takes {wants}; resize them.")
    own = next((one for one in LABELS if one in found), None)
    labels = None if own is None else _labels(found[own], len(images), own, name)
    whole = images.dtype.kind in "ui"
    return _made(images[:most].astype(np.float32), labels, (), whole, most)


def _labels(labels: np.ndarray, many: int, key: str, name: str) -> np.ndarray:
    if len(labels) != many:
        raise LabError(f"{name} has {many} images and {len(labels)} {key}; give each one.")
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(1)  # one-hot
    elif labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.ndim not in (1, 3) or labels.dtype.kind not in "buif":
        raise LabError(f"{name} has {key} that are not classes; give one whole number per image.")
    return np.rint(labels).astype(np.int64)


def _folders(path: Path, shape, most: int) -> Examples:
    classes = sorted(one for one in path.iterdir() if one.is_dir())
    if not classes:
        raise LabError(f"{shown(str(path))} has no folders; put each class into one of its own.")
    by_class = [_files(folder) for folder in classes]
    if not any(by_class):
        raise LabError(f"{shown(str(path))} has no PNG or JPEG files in its folders; add some.")
    names = [folder.name for folder in classes]
    return _in_turn(
        by_class, names, lambda one: _pixels(shown(one.name), one, shape), shape, most
    )  # fmt: skip


def _in_turn(by_class: list[list], names: list[str], pixels_of, shape, most: int) -> Examples:
    """The first of each class, then the second of each, and so on."""
    found, labels, resized = [], [], False
    most = min(most, VALUES // int(np.prod(shape)))
    for turn in range(max(map(len, by_class))):
        for number, files in enumerate(by_class):
            if turn < len(files) and len(found) < most:
                pixels, other = pixels_of(files[turn])
                resized = resized or other
                found.append(pixels)
                labels.append(number)
    notes = ("Images of another size were resized to what the net takes.",) if resized else ()
    classes = tuple(map(fit, names))
    return _made(np.stack(found), np.array(labels), classes, True, most, notes)


def _files(folder: Path) -> list[Path]:
    files = sorted(one for one in folder.iterdir() if one.suffix.lower() in ENDINGS)
    if len(files) > MOST:
        raise LabError(f"{shown(str(folder))} has more than {MOST:,} files; name fewer.")
    return files


def _pixels(name: str, file, shape) -> tuple[np.ndarray, bool]:
    """One image, 0..255, and whether it had another size."""
    if shape[2] not in (1, 3):
        raise LabError(
            f"the net takes {shape[2]} channels, and image files have 1 or 3; give an .npz."
        )
    with guarded(name), Image.open(file, formats=FORMATS) as opened:
        if opened.width * opened.height > PIXELS:
            raise LabError(f"{name} has more than {PIXELS:,} pixels; make it smaller.")
        image = opened.convert("RGB" if shape[2] == 3 else "L")
        other = image.size != (shape[1], shape[0])
        if other:
            image = image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR)
        return np.asarray(image, np.float32).reshape(shape), other


def _made(images, labels, classes, whole: bool, most: int, notes=()) -> Examples:
    if not np.isfinite(images).all():
        raise LabError("the images have values that are not numbers; write them again.")
    if whole and images.max(initial=0) > 1:
        notes = (*notes, WHOLE)
    labels = None if labels is None else labels[:most]
    return Examples(images[:most], labels, classes, notes)


WHOLE = "Grey values are whole numbers up to 255."


def scaled(examples: Examples, rescales: bool) -> Examples:
    """The images in the range that a net takes.

    Parameters
    ----------
    rescales : bool
        Whether the net's first layer brings grey values up to 255 into its own range.
    """
    if WHOLE not in examples.notes or rescales:
        return examples
    notes = tuple(one for one in examples.notes if one != WHOLE)
    notes += ("Grey values were divided by 255, since the net has no Rescaling of its own.",)
    return Examples(examples.images / np.float32(255), examples.labels, examples.classes, notes)
