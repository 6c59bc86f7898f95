"""Write the shipped synthetic sections and their exact labels to ``assets``.

Run as ``python -m tools.make_samples``; the same bytes every time.
"""

from pathlib import Path

import numpy as np
from skimage.io import imsave

from snnlab.data import instances, mitochondria
from snnlab.data.synthetic import MOUSE, synthetic

FOLDER = Path(__file__).parents[1] / "assets" / "samples"
# name: (height, width), seed
SAMPLES = {
    "1-synthetic-256": ((256, 256), 11),
    "2-synthetic-512": ((512, 512), 12),
    "3-synthetic-512-b": ((512, 512), 13),
    "4-synthetic-wide": ((300, 700), 14),
}
# with mitochondria: seed, and steps of grey, which are finer than the noise and pack better
SIDE, SEED, STEP = 512, 9, 4


def with_mitochondria() -> tuple[np.ndarray, np.ndarray]:
    """The section of the page Objects: grey values and numbered things, uint8 both.

    Pieces at its edge that the detector's own labels would leave out as slips are left out.
    """
    section = synthetic(SIDE, SEED, MOUSE)
    grey = np.rint(section.image * 255 / STEP) * STEP
    sizes = np.bincount(section.things.ravel())
    things = np.where(sizes[section.things] >= instances.SMALLEST, section.things, 0)
    return np.clip(grey, 0, 255).astype(np.uint8), things.astype(np.uint8)


def main() -> None:
    """Make them all."""
    mitochondria.FOLDER.mkdir(parents=True, exist_ok=True)
    made = dict(zip((mitochondria.IMAGE, mitochondria.THINGS), with_mitochondria(), strict=True))
    for name, values in made.items():
        imsave(mitochondria.FOLDER / name, values, check_contrast=False)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (shape, seed) in SAMPLES.items():
        section = synthetic(shape, seed)
        grey = np.rint(section.image * 255).astype(np.uint8)
        imsave(FOLDER / f"{name}.png", grey, check_contrast=False)
        labels = section.labels.astype(np.uint8) * 255
        imsave(FOLDER / f"{name}-labels.png", labels, check_contrast=False)


if __name__ == "__main__":
    main()
