"""Whether an image has light membranes: told by its lines, not by its brightness.

The models learned from dark membranes on light cells, as a transmission microscope
shows stained sections. A back-scatter detector, or negative stain, gives the opposite.
Membranes are the lines of a section, and which lines are stronger, dark or light ones,
does not depend on the exposure: at each pixel the Hessian of the blurred image says how
much it is curved across a line, and in which direction.

References
----------
Lindeberg (1998), Int. J. Comput. Vis. 30(2):117, edge and ridge detection.
"""

import numpy as np
from scipy import ndimage

SCALES = (2.5, 4.0)  # pixels: membranes of sections at 4 nm, and of finer and coarser ones
LINE = 2.0  # times more curved across than along
LIGHT = -0.03  # real and synthetic sections (305 tried) lie above 0.04, their negatives below -0.04
PIECE = 768  # side of the middle that is looked at, pixels
LEAST = 128 * 128  # pixels of tissue, below which nothing is said


def darkness(image: np.ndarray, tissue: np.ndarray | None = None) -> float:
    """How much stronger dark lines are than light ones.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, as `snnlab.images.contrast.normalise` gives it.
    tissue : numpy.ndarray or None
        bool, same shape.

    Returns
    -------
    float
        -1 (only light lines) to 1 (only dark ones); 0 if there are none, or too few pixels.
        That of a negative is the same with the other sign.
    """
    part = tuple(slice((side - PIECE) // 2 if side > PIECE else 0, None) for side in image.shape)
    image = image[part][:PIECE, :PIECE]
    mask = None if tissue is None else tissue[part][:PIECE, :PIECE]
    if np.count_nonzero(mask if mask is not None else np.ones(image.shape)) < LEAST:
        return 0.0
    return float(np.mean([_at(image, mask, scale) for scale in SCALES]))


def _at(image: np.ndarray, mask: np.ndarray | None, scale: float) -> float:
    # a derivative of a Gaussian that ends somewhere does not quite sum to nothing
    middle = image - np.float32(0.5)
    across, down, both = (
        ndimage.gaussian_filter(middle, scale, order=order) for order in ((0, 2), (2, 0), (1, 1))
    )
    mean, spread = (across + down) / 2, np.hypot((across - down) / 2, both)
    most, least = mean + spread, mean - spread
    dark = np.where(np.abs(most) > LINE * np.abs(least), np.maximum(most, 0), 0)
    light = np.where(np.abs(least) > LINE * np.abs(most), np.maximum(-least, 0), 0)
    if mask is not None:
        dark, light = dark[mask], light[mask]
    one, other = float(np.square(dark).sum()), float(np.square(light).sum())
    return (one - other) / (one + other) if one + other > 0 else 0.0


def light_membranes(image: np.ndarray, tissue: np.ndarray | None = None) -> bool:
    """Whether the image looks inverted; see `darkness`."""
    return darkness(image, tissue) < LIGHT
