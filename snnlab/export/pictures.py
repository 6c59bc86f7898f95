"""Masks and probabilities as PNG, and as TIFF that carries the size of its pixels.

ImageJ, Fiji and readers of OME-TIFF open it at the right scale; see
`snnlab.images.calibrated`.
"""

import io

import numpy as np

from snnlab.errors import many
from snnlab.images import calibrated
from snnlab.images.hatching import hatched
from snnlab.images.pixel_size import UNKNOWN, Size, made, pair
from snnlab.results.segmentation import Segmentation

NOT_TISSUE = 128  # in a mask
LEVELS = 65535  # of a 16-bit PNG: probability 1
FRAMES = 64  # of a stack over time, at most


def mask(probability: np.ndarray, threshold: float) -> np.ndarray:
    """Cells as the scores count them: where the probability is *above* the threshold."""
    return np.asarray(probability) > threshold


def levels(
    probability: np.ndarray, threshold: float, tissue: np.ndarray | None = None
) -> np.ndarray:
    """The mask as it is stored: uint8, membrane 0, cell 255, and 128 what is not tissue.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``.
    threshold : float
    tissue : numpy.ndarray or None
        bool, same shape; None: all of it is.
    """
    made = mask(probability, threshold).astype(np.uint8) * 255
    if tissue is not None:
        made[~tissue] = NOT_TISSUE
    return made


def probability_png(probability: np.ndarray, tissue: np.ndarray | None = None) -> bytes:
    """A probability map as a 16-bit grey PNG, 65535 = 1; what is not tissue is transparent.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, 0..1.
    tissue : numpy.ndarray or None
        bool, same shape.
    """
    from PIL import Image

    found = np.rint(np.clip(probability, 0, 1) * LEVELS).astype(np.uint16)
    if tissue is None:
        return png(Image.fromarray(found))
    import imagecodecs

    there = np.where(tissue, np.uint16(LEVELS), np.uint16(0))
    return imagecodecs.png_encode(np.stack([found, there], axis=-1))


def mask_png(probability: np.ndarray, threshold: float, tissue: np.ndarray | None = None) -> bytes:
    """The mask as an 8-bit PNG, which the lab reads back as labels; see `levels`."""
    from PIL import Image

    return png(Image.fromarray(levels(probability, threshold, tissue)))


def grey_png(values: np.ndarray) -> bytes:
    """Values 0..1 as an 8-bit grey PNG, for looking at."""
    from PIL import Image

    return png(Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)))


def png(image) -> bytes:
    """A Pillow image as PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def probability_tiff(
    probability: np.ndarray, nm: Size | None, tissue: np.ndarray | None = None
) -> bytes:
    """A probability map as a 32-bit float TIFF for Fiji.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``.
    nm : float, (float, float) or None
        Width of a pixel in nanometres, or height and width; None leaves Fiji's unit at pixels.
    tissue : numpy.ndarray or None
        bool, same shape; what is not tissue is NaN.
    """
    found = np.asarray(probability, np.float32)
    if tissue is not None:
        found = np.where(tissue, found, np.float32(np.nan))
    return fiji(found, nm, {"min": 0.0, "max": 1.0})


def mask_tiff(
    probability: np.ndarray,
    threshold: float,
    nm: Size | None,
    tissue: np.ndarray | None = None,
) -> bytes:
    """The mask as an 8-bit TIFF for Fiji; see `levels`."""
    return fiji(levels(probability, threshold, tissue), nm, {"min": 0.0, "max": 255.0})


def over_time_tiff(result: Segmentation, nm: Size | None) -> bytes:
    """How the SNN's segmentation forms: an 8-bit stack over time for Fiji, 255 = 1.

    At most `FRAMES` frames, evenly apart and the last step among them, what is not tissue
    hatched; Fiji's
    frame interval is their distance in seconds, each slice's label its step.
    """
    import tifffile

    steps = moments(result.steps_shown)
    own, tissue = result.picture.in_file, result.picture.tissue_in_file
    found = (hatched(own(result.snn(step)), tissue) for step in steps)
    frames = [np.rint(frame * 255).astype(np.uint8) for frame in found]
    apart = (steps[1] - steps[0] if len(steps) > 1 else 1) * result.recording.dt
    about = {
        "axes": "TYX",
        "min": 0.0,
        "max": 255.0,
        "finterval": apart,
        "fps": round(1 / apart, 6),
        "Labels": [f"after {many(step, 'step')}" for step in steps],
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


def fiji(pixels: np.ndarray, nm: Size | None, about: dict) -> bytes:
    """A picture as a TIFF for Fiji, with the size of its pixels and what else it is told."""
    known = UNKNOWN if nm is None else made((None, *pair(nm)), "")
    file = io.BytesIO()
    calibrated.write(file, [pixels], pixels.shape, pixels.dtype, known, **about)
    return file.getvalue()
