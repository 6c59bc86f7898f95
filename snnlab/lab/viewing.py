"""What the image viewer asks of a result: columns, regions, maps of spikes.

A pixel's *column* is, in every population, the neurons at the position that
covers the pixel: those whose receptive fields are centred there.
"""

from dataclasses import dataclass

import numpy as np

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.lab import parts
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.results.receptive import Box, receptive_field
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.simulation.recording import SpikeTrains

SCORED = 20  # moments at most at which segments are scored


@dataclass(frozen=True)
class ColumnLayer:
    """The neurons of one population that cover a pixel.

    Attributes
    ----------
    name : str
    row, column : int
        Their place in the population.
    field : tuple of int
        Receptive field in the image: ``(top, left, height, width)``, pixels.
    spikes : numpy.ndarray
        uint8 ``(timesteps, channels)``.
    potential : numpy.ndarray or None
        float32 ``(timesteps, channels)``, in thresholds, after each step's reset; None of
        neurons that have none of their own, such as those that draw spikes at random.
    rate_hz : numpy.ndarray
        float32 ``(channels,)``: over the readout window.
    reached : numpy.ndarray
        float32 ``(channels,)``: the same in the ANN's units.
    sent : numpy.ndarray or None
        float32 ``(timesteps, channels)``: sizes of graded spikes; None if all are 1.
    sizes : tuple of float
        The sizes there are, each the threshold of its spikes; empty if all are 1.
    """

    name: str
    row: int
    column: int
    field: Box
    spikes: np.ndarray
    potential: np.ndarray | None
    rate_hz: np.ndarray
    reached: np.ndarray
    sent: np.ndarray | None = None
    sizes: tuple[float, ...] = ()


@dataclass(frozen=True)
class RegionLayer:
    """Activity of one population in a part of the image; rates over the whole run, in Hz."""

    name: str
    neurons: int
    spikes: int
    mean_hz: float
    largest_hz: float
    everywhere_hz: float


def column(result: Segmentation, row: int, column: int) -> tuple[ColumnLayer, ...]:
    """The neurons that cover a pixel, layer by layer.

    Parameters
    ----------
    result : Segmentation
    row, column : int
        Of the pixel, in the image.

    Raises
    ------
    LabError
        If there is no such pixel, or its spikes were not kept.
    """
    from snnlab.simulation.traces import traces

    network, recording, (top, left), shape = _run_at(result, row, column)
    row, column = row - top, column - left
    start = window_start(result.timesteps, result.settings)
    found = []
    for stats in result.layers:
        trains = recording[stats.name]
        at = _place(trains, shape, row, column)
        neurons = np.ravel_multi_index((*at, np.arange(trains.shape[2])), trains.shape)
        try:
            followed = traces(network, recording, stats.name, neurons).potential
        except LabError:
            followed = None
        field = receptive_field(network, stats.name, *at)
        rate = trains.rates_hz(start)[at].astype(np.float32)
        found.append(
            ColumnLayer(
                stats.name,
                *at,
                (field[0] + top, field[1] + left, *field[2:]),
                np.minimum(trains.raster(neurons), 255).astype(np.uint8),
                None if followed is None else followed.astype(np.float32),
                rate,
                rate / np.float32(stats.rate_hz),
                trains.values(neurons).astype(np.float32) if trains.sizes else None,
                trains.sizes,
            )
        )
    return tuple(found)


def _run_at(result: Segmentation, row: int, column: int):
    """Network, recording, upper left pixel and shape of what is known around a pixel."""
    unet, settings = lab.model(result.settings.model), result.settings
    if not result.anywhere:
        _recorded(result, row, column)
        image = _image(result)
        network = conversion.method(settings.method).convert(unet, image, settings)
        return network, result.recording, result.region[:2], image.shape
    _inside(result, row, column)
    side = multiple(unet.layers)
    found = parts.of(unet, result, (row // side * side, column // side * side, side, side))
    corner = found.rows[0], found.columns[0]
    shape = found.rows[1] - corner[0], found.columns[1] - corner[1]
    return found.network, found.recording, corner, shape


def column_activations(result: Segmentation, row: int, column: int) -> dict[str, np.ndarray]:
    """What the ANN computes in a pixel's column: float32 ``(channels,)`` by layer.

    Only the part of the image that the column sees goes through the U-Net.

    Raises
    ------
    LabError
        As `column`.
    """
    from snnlab.nets import inference

    unet, image = lab.model(result.settings.model), result.image
    if result.anywhere:
        _inside(result, row, column)
    else:
        row, column = _recorded(result, row, column)
        image = _image(result)
    side = multiple(unet.layers)
    box = row // side * side, column // side * side, side, side
    piece, (top, _), (left, _) = parts.surroundings(unet, image, box)
    found = {}
    for name, value in inference.activations(unet, piece).items():
        factor = piece.shape[0] // value.shape[0]
        found[name] = value[(row - top) // factor, (column - left) // factor]
    return found


def region(result: Segmentation, box: Box) -> tuple[RegionLayer, ...]:
    """Rates of the neurons that cover a part of the image.

    Parameters
    ----------
    result : Segmentation
    box : tuple of int
        ``(top, left, height, width)`` in pixels; cut at the recorded part's edges.

    Raises
    ------
    LabError
        If nothing was recorded there.
    """
    top, left, height, width = box
    rows = _clipped(top - result.region[0], height, result.region[2])
    columns = _clipped(left - result.region[1], width, result.region[3])
    if rows is None or columns is None:
        raise LabError(_elsewhere(result))
    shape = _image(result).shape
    seconds = result.timesteps * result.recording.dt
    found = []
    for stats in result.layers:
        trains = result.recording[stats.name]
        first = _place(trains, shape, rows[0], columns[0])
        last = _place(trains, shape, rows[1] - 1, columns[1] - 1)
        inside = trains.counts()[first[0] : last[0] + 1, first[1] : last[1] + 1]
        spikes = int(inside.sum(dtype=np.int64))
        found.append(
            RegionLayer(
                stats.name,
                inside.size,
                spikes,
                spikes / inside.size / seconds,
                float(inside.max()) / seconds,
                stats.mean_rate_hz,
            )
        )
    return tuple(found)


def segments_score(result: Segmentation, step: int, cancel=None) -> float:
    """V_Rand of the SNN after so many steps, at the threshold in use.

    Not the best over thresholds, as scores of a finished run are: while spikes arrive
    the threshold is what it is, and trying eleven takes eleven times as long.

    Parameters
    ----------
    cancel : callable, optional
        Asked every few milliseconds; True stops the work.

    Raises
    ------
    LabError
        Without labels, or if they hold no cell.
    Cancelled
    """
    from snnlab.results import judging

    if result.picture.labels is None:
        raise LabError("there are no labels to score with; upload some with the image.")
    return judging.v_rand(result.picture, result.snn(step), result.settings.threshold, cancel)


def scored_steps(result: Segmentation, steps: tuple[int, ...]) -> tuple[int, ...]:
    """Of these steps, those worth the time of `segments_score`, in the order to compute them.

    Those that tell most come first: the end, the beginning, then ever between. A section of
    512 x 512 gets `SCORED`, larger ones fewer, so that all together take about two seconds.
    """
    if result.picture.labels is None:
        return ()
    most = max(3, min(SCORED, SCORED * 512 * 512 // result.image.size, len(steps)))
    # early steps differ more than late ones: even on a logarithmic scale
    wanted = np.geomspace(steps[0], steps[-1], most)
    nearest = np.abs(np.subtract.outer(wanted, steps)).argmin(1)
    index = np.maximum(nearest, np.arange(most))  # the first few fall on the same step
    chosen = sorted({int(i) for i in np.minimum(index, len(steps) - 1)})
    order, apart = [chosen[-1], chosen[0]], len(chosen)
    while len(set(order)) < len(chosen):
        apart = max(1, apart // 2)
        order += chosen[apart::apart]
    return tuple(steps[i] for i in dict.fromkeys(order))


def spike_maps(
    result: Segmentation, layer: str | None, channel: int | None, steps: tuple[int, ...]
) -> np.ndarray:
    """Spikes sent between moments, at each position of a population.

    Parameters
    ----------
    result : Segmentation
    layer : str or None
        None: all layers; each pixel then gets the spikes of its whole column.
    channel : int or None
        None: all channels together.
    steps : tuple of int
        Moments, increasing; map ``i`` counts the steps from the moment before.

    Returns
    -------
    numpy.ndarray
        uint8, or uint16 where that is too small: ``(len(steps), height, width)``. It
        covers the recorded part of the image, padded as in the recording.

    Raises
    ------
    LabError
        If there is no such layer or channel.
    """
    names = [stats.name for stats in result.layers]
    if layer is not None and layer not in names:
        raise LabError(f"there is no layer {layer!r}; choose one of {', '.join(names)}.")
    if layer is None:
        total = sum(
            _enlarged(_maps(result.recording[name], None, steps), _image(result).shape)
            for name in names
        )
    else:
        trains = result.recording[layer]
        if channel is not None and not 0 <= channel < trains.shape[2]:
            raise LabError(f"{layer} has channels 0 to {trains.shape[2] - 1}.")
        total = _maps(trains, channel, steps)
    return total.astype(np.uint8 if total.max(initial=0) < 256 else np.uint16)


def middle(result: Segmentation, layer: str, neuron: int) -> tuple[int, int]:
    """The pixel in the middle of what a neuron covers: its place in the image."""
    trains = result.recording[layer]
    row, column, _ = np.unravel_index(neuron, trains.shape)
    factor = _image(result).shape[0] // trains.shape[0]
    at = (int(row) * factor + factor // 2, int(column) * factor + factor // 2)
    top, left, height, width = result.region
    return top + min(at[0], height - 1), left + min(at[1], width - 1)


def place_in(result: Segmentation, layer: str, row: int, column: int) -> tuple[int, int]:
    """Row and column of the population's neurons that cover a pixel.

    Raises
    ------
    LabError
        As `column`.
    """
    row, column = _recorded(result, row, column)
    return _place(result.recording[layer], _image(result).shape, row, column)


def _maps(trains: SpikeTrains, channel: int | None, steps: tuple[int, ...]) -> np.ndarray:
    out = np.empty((len(steps), *trains.shape[:2]), np.uint32)
    before = 0
    for index, step in enumerate(steps):
        counts = trains.counts(before, step)
        out[index] = counts.sum(2, dtype=np.uint32) if channel is None else counts[:, :, channel]
        before = step
    return out


def _enlarged(maps: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    factor = shape[0] // maps.shape[1]
    return maps.repeat(factor, axis=1).repeat(factor, axis=2)


def _image(result: Segmentation) -> np.ndarray:
    """The recorded part of the image, padded as it was simulated."""
    return parts.alone(lab.model(result.settings.model), result.image, result.region)


def _recorded(result: Segmentation, row: int, column: int) -> tuple[int, int]:
    """The same pixel in the recorded part."""
    top, left, height, width = result.region
    row, column = row - top, column - left
    if not (0 <= row < height and 0 <= column < width):
        raise LabError(_elsewhere(result))
    return row, column


def _inside(result: Segmentation, row: int, column: int) -> None:
    height, width = result.image.shape
    if not (0 <= row < height and 0 <= column < width):
        raise LabError(f"this image has rows 0 to {height - 1} and columns 0 to {width - 1}.")


def _elsewhere(result: Segmentation) -> str:
    top, left, height, width = result.region
    what = "this image has" if result.whole else "in this large image, you can look into"
    return (
        f"{what} rows {top} to {top + height - 1} and columns {left} to {left + width - 1};"
        " choose a place there."
    )


def _place(trains: SpikeTrains, shape: tuple[int, int], row: int, column: int) -> tuple[int, int]:
    return row * trains.shape[0] // shape[0], column * trains.shape[1] // shape[1]


def _clipped(first: int, length: int, size: int) -> tuple[int, int] | None:
    low, high = max(first, 0), min(first + length, size)
    return (low, high) if low < high else None
