"""All spikes of the last population over a window: what a page without a server can show."""

from dataclasses import dataclass

import numpy as np

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.lab import parts
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.results.receptive import Box, receptive_field
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.simulation.recording import NO_TIMES, WORD, SpikeTrains


@dataclass(frozen=True)
class Window:
    """A population's neurons within a window; ``n`` of them, in rows, columns, channels.

    Attributes
    ----------
    layer : str
    box : tuple of int
        The window in the image: ``(top, left, height, width)``, pixels.
    shape : tuple of int
        ``(rows, columns, channels)`` of its neurons, whose product is ``n``.
    first : tuple of int
        Row and column of the first of them in the population.
    bits : numpy.ndarray
        uint8 ``(sizes, ceil(timesteps / 8), n)``: the spikes of each size (of one, if they are not
        graded), bit ``t % 8`` of byte ``t // 8`` is step ``t``.
    extra : numpy.ndarray
        int64 ``(m, 3)``: neuron, step, spikes beyond the first in that step.
    sizes : tuple of float
        Of graded spikes; empty if all are 1.
    rate_hz, activation : numpy.ndarray
        float32 ``(n,)``: rate over the readout window, and what the ANN computes there.
    unit_hz : float
        Rate that stands for an activation of 1.
    down, along : tuple of tuple of int
        Receptive fields: first pixel and number of pixels, of each row, and of each column.
    """

    layer: str
    box: Box
    shape: tuple[int, int, int]
    first: tuple[int, int]
    bits: np.ndarray
    extra: np.ndarray
    sizes: tuple[float, ...]
    rate_hz: np.ndarray
    activation: np.ndarray
    unit_hz: float
    down: tuple[tuple[int, int], ...]
    along: tuple[tuple[int, int], ...]


def around(result: Segmentation, place: tuple[int, int] | None, side: int) -> Box:
    """A window of so many pixels a side around a pixel, within the part that is recorded.

    Parameters
    ----------
    result : Segmentation
    place : tuple of int or None
        A pixel ``(row, column)``; the middle of the recorded part, if not given.
    side : int
    """
    spans = []
    for axis in (0, 1):
        first, length = result.region[axis], result.region[axis + 2]
        wide = min(side, length)
        at = first + length // 2 if place is None else place[axis]
        spans.append((min(max(at - wide // 2, first), first + length - wide), wide))
    (top, height), (left, width) = spans
    return top, left, height, width


def window(result: Segmentation, box: Box) -> Window:
    """The last population's neurons within a window.

    Parameters
    ----------
    result : Segmentation
    box : tuple of int
        Within ``result.region``; see `around`.

    Raises
    ------
    LabError
        If the spikes have no times, or the window is not in the recorded part.
    """
    stats = result.layers[-1]
    trains = result.recording[stats.name]
    if not trains.timed:
        raise LabError(NO_TIMES)
    unet = lab.model(result.settings.model)
    recorded = parts.alone(unet, result.image, result.region)
    factor = recorded.shape[0] // trains.shape[0]
    rows = _places(box[0], box[2], result.region[0], result.region[2], factor)
    columns = _places(box[1], box[3], result.region[1], result.region[3], factor)
    neurons = np.arange(trains.neurons).reshape(trains.shape)[slice(*rows), slice(*columns)]
    shape, flat = neurons.shape, neurons.ravel()
    method = conversion.method(result.settings.method)
    network = method.convert(unet, recorded, result.settings)
    down = [receptive_field(network, stats.name, row, columns[0])[::2] for row in range(*rows)]
    along = [receptive_field(network, stats.name, rows[0], at)[1::2] for at in range(*columns)]
    top, left = result.region[:2]
    rate = trains.rates_hz(window_start(result.timesteps, result.settings))
    inside = np.isin(trains.extra[:, 0], flat)
    extra = trains.extra[inside].copy()
    extra[:, 0] = np.searchsorted(flat, extra[:, 0])
    return Window(
        stats.name,
        box,
        shape,
        (rows[0], columns[0]),
        _bytes(trains, flat),
        extra,
        trains.sizes,
        rate.ravel()[flat].astype(np.float32),
        _activation(result, unet, recorded, stats.name, factor, rows, columns),
        stats.rate_hz,
        tuple((first + top, length) for first, length in down),
        tuple((first + left, length) for first, length in along),
    )


def _places(first: int, length: int, start: int, size: int, factor: int) -> tuple[int, int]:
    """First place in the population, and the one behind the last."""
    if length < 1 or first < start or first + length > start + size:
        raise LabError("the window is not within the part of the image whose spikes are kept.")
    return (first - start) // factor, -(-(first + length - start) // factor)


def _bytes(trains: SpikeTrains, neurons: np.ndarray) -> np.ndarray:
    words = trains.planes if trains.sizes else trains.words[None]
    words = np.ascontiguousarray(words[:, :, neurons], "<u8")
    sizes, many, count = words.shape
    # of each word its bytes, the first steps first
    split = words.view(np.uint8).reshape(sizes, many, count, WORD // 8)
    split = np.moveaxis(split, 3, 2).reshape(sizes, many * WORD // 8, count)
    return np.ascontiguousarray(split[:, : -(-trains.timesteps // 8)])


def _activation(result, unet, recorded, layer, factor, rows, columns) -> np.ndarray:
    """What the ANN computes in the window, from no more of the image than it needs."""
    from snnlab.nets import inference

    side = multiple(unet.layers)
    # of a large image the recorded part is as in the run of the whole, or was run by itself
    image, corner = (result.image, result.region[:2]) if result.anywhere else (recorded, (0, 0))
    spans = []
    for (first, behind), start in zip((rows, columns), corner, strict=True):
        low = (start + first * factor) // side * side
        spans.append((low, start + behind * factor - low))
    box = (spans[0][0], spans[1][0], spans[0][1], spans[1][1])
    piece, (top, _), (left, _) = parts.surroundings(unet, image, box)
    found = inference.activations(unet, piece).get(layer)
    if found is None:  # a relay or a gate, which the ANN has not
        shape = (rows[1] - rows[0], columns[1] - columns[0], result.recording[layer].shape[2])
        return np.full(np.prod(shape), np.nan, np.float32)
    first_row, first_column = (
        (start + first * factor - begun) // factor
        for (first, _), start, begun in zip((rows, columns), corner, (top, left), strict=True)
    )
    return found[
        first_row : first_row + rows[1] - rows[0],
        first_column : first_column + columns[1] - columns[0],
    ].ravel()
