"""Sections as small pictures for the browser: grey, and what lies over it."""

import base64
import io

import numpy as np

from snnlab.figures import palette
from snnlab.figures.cells import CHOSEN, FILLS
from snnlab.lab.stack import Section
from snnlab.settings import Settings

WIDE = 1024  # pixels of the longer side, at most
SMALL = 256  # of a picture that only shows where a region is
_CLEAR = (0, 0, 0)


def grey(section: Section) -> str:
    """The image, its contrast as the viewer shows it."""
    from PIL import Image

    values = _fitted(section.grey).astype(np.float32)
    low, high = np.percentile(values, (0.5, 99.5))
    shown = np.clip((values - low) / max(float(high - low), 1.0), 0, 1) * 255
    return _url(Image.fromarray(np.rint(shown).astype(np.uint8)), "JPEG", quality=85)


def membranes(section: Section, network: str, settings: Settings) -> str:
    """Where a network sees membrane at its threshold, in its colour."""
    at = settings.ann_at if network == "ann" else settings.threshold
    values = _fitted(section.probability[network])
    there = (values > 0) & (values <= 1 + 254 * at)
    return _painted(there.astype(np.uint8), [palette.ANN if network == "ann" else palette.SNN])


def cells(numbers: np.ndarray) -> str:
    """Cells in colours that go by their numbers in the stack."""
    numbers = _fitted(numbers)
    # neighbours are met one after the other, and are to differ
    which = np.where(numbers > 0, 1 + numbers * 5 % len(FILLS), 0)
    return _painted(which.astype(np.uint8), FILLS.astype(int))


def mark(numbers: np.ndarray, number: int) -> str:
    """The rim of one cell."""
    from scipy import ndimage

    there = _fitted(numbers == number)
    broad = max(2, round(max(there.shape) / 250))
    rim = there & ~ndimage.binary_erosion(there, iterations=broad)
    return _painted(rim.astype(np.uint8), [CHOSEN])


def framed(grey: np.ndarray, region: tuple[int, int, int, int]) -> np.ndarray:
    """A section, small, with a frame around a region: uint8 ``(height, width, 3)``.

    Parameters
    ----------
    grey : numpy.ndarray
        ``(height, width)``, 0..1.
    region : tuple of int
        Top, left, height and width, in its pixels; may lie beside it.
    """
    each = -(-max(grey.shape) // SMALL)
    small = grey[::each, ::each]
    low, high = np.percentile(small, (0.5, 99.5))
    shown = np.clip((small - low) / max(float(high - low), 1e-6), 0, 1) * 255
    made = np.repeat(np.rint(shown).astype(np.uint8)[..., None], 3, axis=2)
    top, left, height, width = (side // each for side in region)
    inside = np.zeros(small.shape, bool)
    inside[top : top + height, left : left + width] = True
    made[~inside] //= 3
    return made


def _fitted(values: np.ndarray) -> np.ndarray:
    each = -(-max(values.shape) // WIDE)
    return values[::each, ::each]


def _painted(which: np.ndarray, colours) -> str:
    """0 is clear, 1, 2 .. are the colours."""
    from PIL import Image, ImageColor

    image = Image.fromarray(which, "P")
    flat = [*_CLEAR]
    for colour in colours:
        flat += ImageColor.getrgb(colour) if isinstance(colour, str) else [int(c) for c in colour]
    image.putpalette(flat)
    return _url(image, "PNG", transparency=0)


def _url(image, form: str, **more) -> str:
    file = io.BytesIO()
    image.save(file, form, **more)
    return f"data:image/{form.lower()};base64," + base64.b64encode(file.getvalue()).decode()
