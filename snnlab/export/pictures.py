"""Masks and probabilities as PNG, and as TIFF that carries the size of its pixels.

ImageJ, Fiji and readers of OME-TIFF open it at the right scale; see
`snnlab.images.calibrated`.
"""

import io

import numpy as np

from snnlab.images import calibrated
from snnlab.images.pixel_size import UNKNOWN, Size, made, pair
from snnlab.results.segmentation import Segmentation

LEVELS = 65535  # of a 16-bit PNG: probability 1
FRAMES = 64  # of a stack over time, at most


def mask(probability: np.ndarray, threshold: float) -> np.ndarray:
    """Cells as the scores count them: where the probability is *above* the threshold."""
    return np.asarray(probability) > threshold


def probability_png(probability: np.ndarray) -> bytes:
    """A probability map as a 16-bit grey PNG, 65535 = 1.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, 0..1.
    """
    from PIL import Image

    levels = np.rint(np.clip(probability, 0, 1) * LEVELS).astype(np.uint16)
    return png(Image.fromarray(levels))


def mask_png(probability: np.ndarray, threshold: float) -> bytes:
    """The mask as an 8-bit PNG, cells white, which the lab reads back as labels."""
    from snnlab.images import reading as images

    return images.write_png(mask(probability, threshold))


def grey_png(values: np.ndarray) -> bytes:
    """Values 0..1 as an 8-bit grey PNG, for looking at."""
    from PIL import Image

    return png(Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)))


def png(image) -> bytes:
    """A Pillow image as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def probability_tiff(probability: np.ndarray, nm: Size | None) -> bytes:
    """A probability map as a 32-bit float TIFF for Fiji.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``.
    nm : float, (float, float) or None
        Width of a pixel in nanometres, or height and width; None leaves Fiji's unit at pixels.
    """
    return _fiji(np.asarray(probability, np.float32), nm, {"min": 0.0, "max": 1.0})


def mask_tiff(probability: np.ndarray, threshold: float, nm: Size | None) -> bytes:
    """The mask as an 8-bit TIFF for Fiji: cell 255, membrane 0."""
    cells = mask(probability, threshold)
    return _fiji(cells.astype(np.uint8) * 255, nm, {"min": 0.0, "max": 255.0})


def over_time_tiff(result: Segmentation, nm: Size | None) -> bytes:
    """How the SNN's segmentation forms: an 8-bit stack over time for Fiji, 255 = 1.

    At most `FRAMES` frames, evenly apart and the last step among them; Fiji's
    frame interval is their distance in seconds, each slice's label its step.
    """
    import tifffile

    steps = moments(result.steps_shown)
    own = result.picture.in_file
    frames = [np.rint(own(result.snn(step)) * 255).astype(np.uint8) for step in steps]
    apart = (steps[1] - steps[0] if len(steps) > 1 else 1) * result.recording.dt
    about = {
        "axes": "TYX",
        "min": 0.0,
        "max": 255.0,
        "finterval": apart,
        "fps": round(1 / apart, 6),
        "Labels": [f"after {step} steps" for step in steps],
    }
    scale = {}
    if nm is not None:
        height, width = pair(nm)
        scale, about = {"resolution": (1 / width, 1 / height)}, about | {"unit": "nm"}
    file = io.BytesIO()
    tifffile.imwrite(file, np.stack(frames), imagej=True, metadata=about, **scale)
    return file.getvalue()


def moments(steps: tuple[int, ...]) -> tuple[int, ...]:
    """At most `FRAMES` of the steps, the last among them and evenly apart."""
    apart = -(-len(steps) // FRAMES)
    return tuple(steps[len(steps) - 1 :: -apart][::-1])


def _fiji(pixels: np.ndarray, nm: Size | None, about: dict) -> bytes:
    known = UNKNOWN if nm is None else made((None, *pair(nm)), "")
    file = io.BytesIO()
    calibrated.write(file, [pixels], pixels.shape, pixels.dtype, known, **about)
    return file.getvalue()
