"""The lab's door to the chips: a tile of an image, mapped; cached by content.

A tile is what one board holds; a larger image is many of the same, one after
the other. So the tile is cut from the image, run as an image of its own, and
the spikes of that run are what its cores send.
"""

import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np

from snnlab import conversion, simulation
from snnlab.chips import storage
from snnlab.chips.board import Mapping
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.settings import Settings
from snnlab.simulation.recording import NO_TIMES, Recording, SpikeTrains

MODEL = "loihi"
TILE = 64
SIDES = (64, 96, 128, 256)  # offered
LARGEST = 256
REMEMBERED = 4
DEFAULT = lab.ASSETS / "chips.npz"

_known: OrderedDict[tuple, Mapping] = OrderedDict()
_guard = threading.Lock()


def chip_settings(model: str = MODEL) -> Settings:
    """Settings with which a model runs on the chip: Loihi's neurons reset to zero."""
    return lab.defaults(model).replace(reset="zero")


def partitioners_listed() -> tuple[tuple[str, str, str], ...]:
    """Name, summary and limits of each partitioner."""
    from snnlab.chips.partition import PARTITIONERS

    return tuple((item.name, item.summary, item.limits) for item in PARTITIONERS)


def default_mapping() -> Mapping:
    """The precomputed mapping: on the page Chips before anything is computed.

    A tile of the default sample, of `chip_settings`, on as few chips as hold it;
    ``python -m tools.make_default`` makes it.
    """
    return storage.load(DEFAULT)[0]


def make_default(progress=None) -> None:
    """Compute the mapping that `default_mapping` reads, and keep it."""
    made = mapping(lab.sample(0), chip_settings(), progress=progress)
    storage.save(made, DEFAULT, lab.model(MODEL).digest)


def remembered(
    picture: Picture,
    settings: Settings,
    tile: int = TILE,
    chips: int | None = None,
    partitioners: tuple[str, ...] | None = None,
    place: tuple[int, int] | None = None,
) -> Mapping | None:
    """A mapping that is already there, or None."""
    key = _key(picture, settings, tile, chips, partitioners, place)
    with _guard:
        if key in _known:
            _known.move_to_end(key)
        return _known.get(key)


def mapping(
    picture: Picture,
    settings: Settings,
    tile: int = TILE,
    chips: int | None = None,
    partitioners: tuple[str, ...] | None = None,
    progress=None,
    cancel=None,
    place: tuple[int, int] | None = None,
) -> Mapping:
    """Map a tile of an image onto the chips.

    Parameters
    ----------
    picture : Picture
    settings : Settings
        Of neurons that reset to zero.
    tile : int
        Side of the tile in pixels; less where the image is smaller.
    chips : int, optional
        As few as hold it, if not given.
    partitioners : tuple of str, optional
        All, if not given.
    progress, cancel : callable, optional
        As in `snnlab.lab.segmenting.segment`.
    place : tuple of int, optional
        Top and left pixel of the tile; from the middle, if not given.

    Raises
    ------
    LabError
        If the network, the tile or the number of chips does not fit.
    Cancelled
    """
    from snnlab.chips.mapping import NAMES, map_tile

    found = remembered(picture, settings, tile, chips, partitioners, place)
    if found is not None:
        return found
    told = progress or (lambda fraction, stage: None)
    unet = lab.model(settings.model)
    box = tile_box(picture.normalised.shape, tile, multiple(unet.layers), place)
    top, left, height, width = box
    image = np.ascontiguousarray(picture.normalised[top : top + height, left : left + width])
    told(0.0, "conversion")
    network = conversion.method(settings.method).convert(unet, image, settings)
    layers, recording = record(
        network, settings, lambda share, stage: told(0.3 * share, stage), cancel
    )
    found = map_tile(
        layers,
        recording,
        image,
        box,
        chips,
        NAMES if partitioners is None else tuple(partitioners),
        lambda share, stage: told(0.3 + 0.7 * share, stage),
        cancel,
    )
    key = _key(picture, settings, tile, chips, partitioners, place)
    with _guard:
        _known[key] = found
        while len(_known) > REMEMBERED:
            _known.popitem(last=False)
    return found


def generations(settings: Settings, height: int, width: int):
    """How few cores and chips a tile's network could take on Loihi 1 and Loihi 2.

    Parameters
    ----------
    settings : Settings
    height, width : int
        Of the tile, in pixels; multiples of the model's.

    Returns
    -------
    tuple of snnlab.chips.generations.Taken
    """
    from snnlab.chips.generations import CHIPS, taken
    from snnlab.simulation.loihi.network import describe

    # where the neurons lie does not depend on the picture
    blank = np.zeros((height, width), np.float32)
    network = conversion.method(settings.method).convert(lab.model(settings.model), blank, settings)
    layers = describe(network)
    return tuple(taken(layers, core) for core in CHIPS)


def tile_box(
    shape: tuple[int, int], tile: int, side: int, place: tuple[int, int] | None = None
) -> tuple[int, int, int, int]:
    """Top, left, height and width of a tile.

    Parameters
    ----------
    shape : tuple of int
        Of the image.
    tile : int
        Wanted side.
    side : int
        The tile's sides are multiples of this.
    place : tuple of int, optional
        Top and left; moved inside where the tile would stick out.

    Raises
    ------
    LabError
    """
    if isinstance(tile, bool) or not isinstance(tile, int) or not side <= tile <= LARGEST:
        raise LabError(f"the tile must be a whole number of pixels from {side} to {LARGEST}.")
    if min(shape) < side:
        raise LabError(f"the image must have at least {side} pixels per side.")
    box = []
    for axis in range(2):
        length = min(tile, shape[axis]) // side * side
        start = (shape[axis] - length) // 2 if place is None else int(place[axis])
        box.append((min(max(start, 0), shape[axis] - length), length))
    return box[0][0], box[1][0], box[0][1], box[1][1]


def record(network, settings: Settings, progress=None, cancel=None):
    """Layers of a network as Loihi has them, and its spikes.

    Of the simulators ``loihi``, ``loihi-128`` and so on the spikes are those of the chip cut into
    the shapes that are mapped; other simulators know no cores.

    Returns
    -------
    layers : tuple of ChipLayer
    recording : Recording

    Raises
    ------
    LabError
        If the simulator knows no times: traffic is of spikes that come at the same time.
    """
    from snnlab.simulation.loihi.network import describe

    layers = describe(network)
    simulator = simulation.simulator(settings.simulator)
    if simulator.tile:
        return layers, emulate(layers, network, settings.timesteps, None, cancel)
    if not simulator.timed:
        raise LabError(NO_TIMES)
    return layers, simulator.run(network, settings.timesteps, settings.seed, progress, cancel)


def emulate(layers, network, timesteps: int, shapes=None, cancel=None) -> Recording:
    """Spikes of a chip cut into given block shapes, bit for bit.

    Parameters
    ----------
    layers : tuple of ChipLayer
    network : SpikingNetwork
        They were read from.
    timesteps : int
    shapes : dict, optional
        By layer; some that fit, if not given.
    cancel : callable, optional
    """
    from snnlab.simulation.loihi.emulator import Emulator
    from snnlab.simulation.loihi.network import DT, image_shape
    from snnlab.simulation.loihi.running import synapses
    from snnlab.simulation.loihi.shapes import block_shapes
    from snnlab.simulation.loihi.wired import rounded

    chip = rounded(layers, shapes or block_shapes(layers))
    image = np.asarray(network.image.output, float).reshape(image_shape(layers))
    words: dict = {}
    Emulator(chip, layers).run(
        [image],
        timesteps,
        lambda _, found: words.update({name: part.copy() for name, part in found.items()}),
        cancel=cancel,
    )
    trains = tuple(
        SpikeTrains(layer.name, layer.shape, words[layer.name], timesteps, DT) for layer in layers
    )
    return Recording(trains, "loihi", timesteps, 0.0, DT, synapses(layers))


def _key(picture, settings, tile, chips, partitioners, place) -> tuple:
    same = replace(settings, threshold=0.5, ann_threshold=None, source="sample", section=0).key()
    return (
        picture.content,
        picture.section,
        lab.model(settings.model).digest,
        same,
        tile,
        chips,
        partitioners if partitioners is None else tuple(partitioners),
        place,
    )
