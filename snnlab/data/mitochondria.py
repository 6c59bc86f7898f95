"""The shipped section with mitochondria: drawn by the lab's own program, with its true boxes.

It is there because no microscope's pixels may be shipped. `tools.make_samples` draws it from
`snnlab.data.synthetic.MOUSE`; what the detector makes of it says nothing about real tissue.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab.data import boxes
from snnlab.images.pictures import Picture, upload

FOLDER = Path(__file__).parents[2] / "assets" / "objects"
IMAGE, THINGS = "mitochondria.png", "mitochondria-things.png"
NM = 5.0  # as wide as the pixels that the detector learned from
NAME = "drawn mitochondria"


@lru_cache(maxsize=1)
def picture() -> Picture:
    """The section.

    Raises
    ------
    LabError
        If the file is damaged.
    """
    made = upload((FOLDER / IMAGE).read_bytes(), IMAGE, 0)
    return replace(made, name=NAME, nm=NM, file=f"assets/objects/{IMAGE}")


@lru_cache(maxsize=1)
def truth() -> np.ndarray:
    """Boxes around what was drawn, float64 ``(n, 4)``; see `snnlab.data.boxes`.

    Raises
    ------
    LabError
        If the file is damaged.
    """
    wanted = boxes.Wanted(IMAGE, 0, 1, picture().pixels.shape)
    return boxes.read(FOLDER / THINGS, THINGS, wanted).boxes
