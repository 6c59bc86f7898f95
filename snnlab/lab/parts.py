"""A part of a large image, looked into: spikes that are computed when they are asked for.

All spikes of a large image would take gigabytes, and are not kept. A part is run again
with as much of the image around it as its neurons can see, on the net's own grid, and
with the image's border where that is near: so its spikes are those of the run of the
whole. That holds of the lab's own simulator, if nothing is drawn at random: what is
drawn depends on a neuron's number. With others the middle is run by itself, once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from nengo.dists import Choice

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
from snnlab.results.segmentation import Sampled, Segmentation
from snnlab.settings import Settings
from snnlab.simulation import SimulatorEntry
from snnlab.simulation.cutting import Span, cut
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording

Box = tuple[int, int, int, int]  # top, left, height, width; in pixels

WHOLE = 768 * 768  # pixels up to which every spike of an image is kept
# Side of the part that is looked into beyond that, of runs of so many steps, and of longer ones:
# with its surroundings it takes two threads a fifth of a second
REGION, SHORT, SMALLER = 128, 64, 64
SAMPLES = 3000  # neurons a layer whose ANN activation is kept


def region_at(
    shape: tuple[int, int], unet, settings: Settings, place: tuple[int, int] | None = None
) -> Box:
    """The part whose spikes are looked into: all of an image, or a part of a large one.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)`` of the image.
    unet : Model
        The part begins at multiples of what it wants.
    settings : Settings
    place : tuple of int, optional
        A pixel that it is to be around; the middle, if not given.

    Returns
    -------
    Box
    """
    if shape[0] * shape[1] <= WHOLE:
        return 0, 0, *shape
    most = REGION if settings.timesteps <= SHORT else min(REGION, SMALLER)
    spans, side = [], multiple(unet.layers)
    for size, at in zip(shape, place or (None, None), strict=True):
        length = min(most, size)
        if at is None:
            first = (size - length) // 2 // side * side
        else:
            # the last part may be short of a few pixels, which are padded
            last = -(-(size - length) // side) * side
            first = min(max(at - length // 2, 0) // side * side, last)
        spans.append((first, min(length, size - first)))
    (top, tall), (left, wide) = spans
    return top, left, tall, wide


def alone(unet, image: np.ndarray, region: Box) -> np.ndarray:
    """A part of an image by itself, padded for the net."""
    top, left, height, width = region
    return tiles.pad(image[top : top + height, left : left + width], multiple(unet.layers))


@dataclass(frozen=True)
class Around:
    """A part of an image with what its neurons see around it, as it was run.

    Attributes
    ----------
    network : SpikingNetwork
    recording : Recording
        Of part and surroundings; exact in the part alone.
    rows, columns : tuple of int
        First and behind the last pixel of all that was run, in the padded image.
    """

    network: SpikingNetwork
    recording: Recording
    rows: Span
    columns: Span

    def part(self, unet, box: Box) -> Recording:
        """The spikes of the part alone."""
        side = multiple(unet.layers)
        shape = tuple(stop - start for start, stop in (self.rows, self.columns))
        return cut(self.recording, shape, *within(box, self.rows, self.columns, side))


def surroundings(unet, image: np.ndarray, box: Box) -> tuple[np.ndarray, Span, Span]:
    """A part of an image with what its neurons see around it.

    Parameters
    ----------
    unet : Model
    image : numpy.ndarray
        ``(height, width)``; not padded.
    box : tuple of int
        ``(top, left, height, width)``: begins at multiples of what the net wants.

    Returns
    -------
    piece : numpy.ndarray
        Padded as the whole image is.
    rows, columns : tuple of int
        Where it lies in the padded image.
    """
    side, margin = multiple(unet.layers), halo(unet.layers)
    spans = []
    for first, length, size in zip(box[:2], box[2:], image.shape, strict=True):
        last = -(-min(first + length + margin, size) // side) * side
        spans.append((max(first - margin, 0), last))
    rows, columns = spans
    return tiles.pad(image[slice(*rows), slice(*columns)], side), rows, columns


def within(box: Box, rows: Span, columns: Span, side: int) -> tuple[Span, Span]:
    """Where a part lies in what was run around it; padded, as it is recorded."""
    down, along = (
        (first - start, first - start + -(-length // side) * side)
        for first, length, (start, _) in zip(box[:2], box[2:], (rows, columns), strict=True)
    )
    return down, along


def around(
    unet,
    image: np.ndarray,
    settings: Settings,
    convert: Callable[..., SpikingNetwork],
    simulator: SimulatorEntry,
    box: Box,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Around:
    """Run a part of an image so that its spikes are those of the run of the whole.

    Parameters
    ----------
    unet, image, box
        As `surroundings` takes them.
    convert, progress, cancel
        As in `run`.

    Raises
    ------
    snnlab.errors.LabError
    snnlab.errors.Cancelled
    """
    piece, rows, columns = surroundings(unet, image, box)
    network = convert(unet, piece, settings)
    recording = simulator.run(network, settings.timesteps, settings.seed, progress, cancel)
    return Around(network, recording, rows, columns)


def repeatable(network: SpikingNetwork) -> bool:
    """Whether no neuron leaves anything to chance, so that a part can be run again."""
    kinds = [population.ensemble.neuron_type for population in network.populations]
    starts = [
        (kind.initial_state or {}).get("voltage", kind.state.get("voltage")) for kind in kinds
    ]
    fixed = all(
        start is None or isinstance(start, Choice) and len(start.options) == 1 for start in starts
    )
    return fixed and not any(hasattr(kind, "seed") for kind in kinds)


def sampled(unet, image: np.ndarray, region: Box, by_itself: bool = False) -> dict[str, Sampled]:
    """What the ANN computes for a few neurons a layer of a part of an image.

    Parameters
    ----------
    unet : Model
    image : numpy.ndarray
        ``(height, width)``, normalised.
    region : Box
    by_itself : bool
        As if there were nothing around the part.
    """
    from snnlab.nets import inference

    if by_itself:
        piece = alone(unet, image, region)
        spans = ((0, piece.shape[0]), (0, piece.shape[1]))
    else:
        piece, rows, columns = surroundings(unet, image, region)
        spans = within(region, rows, columns, multiple(unet.layers))
    random = np.random.default_rng(0)
    found = {}
    for name, value in inference.activations(unet, piece).items():
        factor = piece.shape[0] // value.shape[0]
        rows, columns = (slice(first // factor, last // factor) for first, last in spans)
        flat = value[rows, columns].ravel()
        chosen = np.sort(random.choice(flat.size, min(SAMPLES, flat.size), replace=False))
        found[name] = Sampled(chosen, flat[chosen])
    return found


def of(unet, result: Segmentation, box: Box) -> Around:
    """Run a part of a result's image again, as it was run."""
    settings = result.settings
    convert = conversion.method(settings.method).convert
    simulator = simulation.simulator(settings.simulator)
    return around(unet, result.image, settings, convert, simulator, box)


def traces(unet, result: Segmentation, layer: str, neurons: np.ndarray):
    """Current, potential and spikes of a few recorded neurons; see `snnlab.simulation.traces`."""
    from snnlab.simulation.traces import traces as follow

    if not result.anywhere:
        convert = conversion.method(result.settings.method).convert
        network = convert(unet, alone(unet, result.image, result.region), result.settings)
        return follow(network, result.recording, layer, neurons)
    # what drives a neuron at the part's rim lies outside it
    found = of(unet, result, result.region)
    shape, outer = result.recording[layer].shape, found.recording[layer].shape
    neurons = np.asarray(neurons, np.int64)
    if ((neurons < 0) | (neurons >= np.prod(shape))).any():
        raise LabError(f"{layer} has {np.prod(shape)} neurons here, counted from 0.")
    factor = (found.rows[1] - found.rows[0]) // outer[0]
    row, column, channel = np.unravel_index(neurons, shape)
    row = row + (result.region[0] - found.rows[0]) // factor
    column = column + (result.region[1] - found.columns[0]) // factor
    at = np.ravel_multi_index((row, column, channel), outer)
    return replace(follow(found.network, found.recording, layer, at), neurons=neurons)
