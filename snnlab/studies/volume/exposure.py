"""Grey values of a section that need not fit into memory: those of `images.contrast.normalise`.

What that needs of the whole section is little: its background, as block
means, and its spread. They are found once, strip by strip, and kept in a
file; any window of the section can then be made ready by itself.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnlab.images import contrast
from snnlab.studies.volume.source import Source
from snnlab.work import stored

STRIP = 512  # rows read at a time; a multiple of contrast.COARSE
AT_ONCE = 4096 * 4096  # pixels up to which the spread is that of the whole, to the last bit


@dataclass(frozen=True)
class Exposure:
    """What is to be known of a section before a window of it is normalised.

    Attributes
    ----------
    blurred : numpy.ndarray
        float32, blurred block means; may be a file that is mapped.
    spread : float
        Standard deviation of the grey values above the background.
    largest : float
        Largest absolute grey value.
    """

    blurred: np.ndarray
    spread: float
    largest: float

    def normalised(self, window: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
        """A window of the section as the networks see it; see `images.contrast.normalise`."""
        if self.spread <= 1e-6 * max(self.largest, 1e-30):
            return np.full(window.shape, 0.5, np.float32)
        flat = window - contrast.background(self.blurred, rows, columns)
        return np.clip(0.5 + flat / (contrast.SPREAD * self.spread), 0.0, 1.0).astype(np.float32)


def measure(source: Source, section: int) -> Exposure:
    """Read a section once for its background and once for its spread."""
    _, height, width = source.shape
    columns = slice(0, width)
    strips = [slice(first, min(first + STRIP, height)) for first in range(0, height, STRIP)]
    blocks, largest = [], 0.0
    for rows in strips:
        part = source.read(section, rows, columns)
        blocks.append(contrast.block_means(part))
        largest = max(largest, float(np.abs(part).max()))
    blurred = contrast.blur(np.concatenate(blocks))
    if height * width <= AT_ONCE:
        everything = slice(0, height)
        image = source.read(section, everything, columns)
        spread = float((image - contrast.background(blurred, everything, columns)).std())
        return Exposure(blurred, spread, largest)
    total = squares = 0.0
    for rows in strips:
        part = source.read(section, rows, columns)
        flat = (part - contrast.background(blurred, rows, columns)).astype(np.float64)
        total += float(flat.sum())
        squares += float((flat * flat).sum())
    mean = total / (height * width)
    variance = max(squares / (height * width) - mean * mean, 0.0)
    return Exposure(blurred, float(np.sqrt(variance)), largest)


def save(exposure: Exposure, path: Path) -> None:
    """Write it into a file, which appears complete or not at all."""
    stored.write(
        path,
        lambda stream: np.savez(
            stream,
            blurred=exposure.blurred,
            spread=np.float64(exposure.spread),
            largest=np.float64(exposure.largest),
        ),
    )


def load(path: Path, shape: tuple[int, int]) -> Exposure:
    """Read what `save` wrote of a section of ``(height, width)`` pixels.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    with stored.as_one_sentence(
        f"{path.name} is missing or damaged; give the same command again, and it is made anew."
    ):
        arrays = stored.arrays(stored.content(path))
        blurred = arrays["blurred"]
        spread, largest = (float(arrays[name].item()) for name in ("spread", "largest"))
        blocks = tuple(-(-side // contrast.COARSE) for side in shape)
        if blurred.shape != blocks or blurred.dtype.kind != "f" or min(spread, largest) < 0:
            raise stored.Damaged("is of another section")
        return Exposure(blurred, spread, largest)
