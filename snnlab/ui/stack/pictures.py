"""Sections as small pictures for the browser: grey, and what lies over it."""

import base64
import io

import numpy as np

from snnlab.figures import palette
from snnlab.figures.cells import FILLS
from snnlab.lab.stack import Section
from snnlab.settings import Settings

WIDE = 1024  # pixels of the longer side, at most
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
