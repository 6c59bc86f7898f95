"""A tile of a section, with its detector laid out over Loihi 1's cores and chips."""

from dataclasses import dataclass

import numpy as np

from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size
from snnlab.lab import chips, detecting
from snnlab.nets.detector.plan import MULTIPLE
from snnlab.settings import Settings

SIDES = (64, 96, 128)  # of a tile, pixels of what the net is shown
PARTITIONERS = ("greedy", "greedy-interchip", "co-design")
# Loihi's neurons reset to zero, which wants low rates and a synapse
CHANGES = {
    "method": "rate-scaling", "lower_hz": 1.0, "upper_hz": 120.0, "reset": "zero",
    "synapse_ms": 5.0, "timesteps": 100, "simulator": "event",
}  # fmt: skip
ASSUMES = (
    "Rates up to 120 Hz, reset to zero, a synapse of 5 ms, 100 steps; the first layer, which turns"
    " pixels into spikes, is the host's, and so are both readouts."
)


@dataclass(frozen=True)
class Laid:
    """A tile on the chips.

    Attributes
    ----------
    tile : tuple of int
        Top, left, height and width in what the net is shown.
    neurons : int
        On the chips.
    rows : tuple of dict
        A partitioner each: ``partitioner``, ``cores``, ``chips``, ``interchip_spikes``,
        ``intrachip_spikes``.
    """

    tile: tuple[int, int, int, int]
    neurons: int
    rows: tuple[dict, ...]


def settings(model: str) -> Settings:
    """With which a detector runs on the chip."""
    return detecting.defaults(model).replace(**CHANGES)


def laid(
    picture: Picture,
    model: str = detecting.DEFAULT,
    tile: int = SIDES[0],
    nm: Size | None = None,
    progress=None,
    cancel=None,
) -> Laid:
    """Map a tile from the middle of a section.

    Raises
    ------
    LabError
        If the section is smaller than the net's coarsest place, or the tile is none of `SIDES`.
    Cancelled
    """
    from snnlab.chips.mapping import map_tile
    from snnlab.conversion.detector import convert

    if tile not in SIDES:
        raise LabError(f"the tile must be {', '.join(map(str, SIDES))} pixels wide.")
    told = progress or (lambda share, stage: None)
    net, chosen = detecting.detector(model), settings(model)
    image, _ = detecting.seen(picture, nm, float(net.card.get("nm", 5.0)))
    box = chips.tile_box(image.shape, tile, MULTIPLE)
    top, left, height, width = box
    window = np.ascontiguousarray(image[top : top + height, left : left + width])
    told(0.0, "conversion")
    network = convert(net, window, chosen)
    layers, recording = chips.record(
        network, chosen, lambda share, stage: told(0.3 * share, stage), cancel
    )
    found = map_tile(
        layers, recording, window, box, None, PARTITIONERS,
        lambda share, stage: told(0.3 + 0.7 * share, stage), cancel,
    )  # fmt: skip
    rows = tuple(
        {"partitioner": name, "cores": int(one.cores.sum()), "chips": int(one.chips),
         "interchip_spikes": int(one.interchip), "intrachip_spikes": int(one.intrachip)}
        for name, one in ((n, found.partitions[n]) for n in PARTITIONERS if n in found.partitions)
    )  # fmt: skip
    neurons = sum(int(np.prod(layer.shape)) for layer in layers if layer.on_chip)
    return Laid(box, neurons, rows)
