"""One palette for the whole lab, told apart by every kind of colour vision.

The U-Net's two arms are blue (on the way down) and orange (on the way up); the
coarser a layer's resolution, the darker. So the two layers that a skip
connects are equally dark. The ANN is purple and the SNN green wherever they
are compared, and so are the two sides of their difference.

Every colour keeps a contrast of 2 to white and to the dark page, so that one
figure serves both themes; text never takes its colour from here.
"""

import re

ANN = "#9970ab"
SNN = "#2a9d5c"
TRUTH = "#c98a00"
NEUTRAL = "#7f8b88"  # lines that stand for a setting: bounds, threshold, identity
GRID = "rgba(127, 139, 136, 0.22)"
SHADE = "rgba(127, 139, 136, 0.16)"

_ENCODER = "#7f8b88"
_DOWN = ("#6fb1e6", "#4f97d7", "#3d7ec0", "#3669a6", "#3d5a94")
_UP = ("#eba84a", "#de8f33", "#cc7525", "#b65f22", "#a05026")


def layer(name: str) -> str:
    """Colour of a layer, from its name.

    Parameters
    ----------
    name : str
        As in `snnlab.nets.architecture.unet`: an arm and a level, such as ``"up2"``.

    Returns
    -------
    str
        Hexadecimal. Grey for the encoder and for names that say no level.
    """
    found = re.fullmatch(r"(down|stride|up)(\d+)", name)
    if not found:
        return _ENCODER
    arm = _DOWN if found[1] in ("down", "stride") else _UP
    return arm[min(int(found[2]), len(arm) - 1)]


def faded(colour: str, alpha: float) -> str:
    """A hexadecimal colour, see-through."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"
