"""Write the shipped synthetic sections and their exact labels to ``assets/samples``.

Run as ``python -m tools.make_samples``; the same bytes every time.
"""

from pathlib import Path

import numpy as np
from skimage.io import imsave

from snnlab.data.synthetic import synthetic

FOLDER = Path(__file__).parents[1] / "assets" / "samples"
# name: (height, width), seed
SAMPLES = {
    "1-synthetic-256": ((256, 256), 11),
    "2-synthetic-512": ((512, 512), 12),
    "3-synthetic-512-b": ((512, 512), 13),
    "4-synthetic-wide": ((300, 700), 14),
}


def main() -> None:
    """Make them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (shape, seed) in SAMPLES.items():
        section = synthetic(shape, seed)
        grey = np.rint(section.image * 255).astype(np.uint8)
        imsave(FOLDER / f"{name}.png", grey, check_contrast=False)
        labels = section.labels.astype(np.uint8) * 255
        imsave(FOLDER / f"{name}-labels.png", labels, check_contrast=False)


if __name__ == "__main__":
    main()
