"""A large image through the spiking network: its layers' activity, and what is read out.

All spikes of 2048 x 2048 pixels take gigabytes. The lab's own simulator runs such an image depth
first, in bands of rows, and here each band is counted as it passes; what the last layer says is
kept at every step, where there is room for it. Other simulators, and networks that cannot be cut
into bands, run tile by tile, with a halo around each, and are read out at a few moments.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.nets.architecture import halo, multiple
from snnlab.results.activity import Counting, activity, merged
from snnlab.results.segmentation import LayerStats, window_start
from snnlab.settings import Settings
from snnlab.simulation import SimulatorEntry
from snnlab.simulation.network import SpikingNetwork, read_out
from snnlab.simulation.recording import WORD, Recording, SpikeTrains

TILE = 512  # side of a tile
MOMENTS = 8  # readouts kept where the last layer's spikes are not
ROOM = 200_000_000  # bytes that all spikes of a result may take: the last layer's, and two parts'
PARTS = 2  # in the middle, and where the visitor looks


@dataclass(frozen=True)
class Whole:
    """What is known of the whole image.

    Attributes
    ----------
    layers : tuple of LayerStats
    last : Recording or None
        The last population's spikes, if there was room for them.
    moments : dict of int to numpy.ndarray
        Else the probability of cell after so many steps, float16 ``(height, width)``.
    """

    layers: tuple[LayerStats, ...]
    last: Recording | None
    moments: dict[int, np.ndarray]


def run(
    unet,
    image: np.ndarray,
    settings: Settings,
    convert: Callable[..., SpikingNetwork],
    simulator: SimulatorEntry,
    part: SpikingNetwork,
    taken: int,
    progress: Callable[[float, str], None],
    cancel: Callable[[], bool] | None,
) -> Whole:
    """Run a large image.

    Parameters
    ----------
    unet : Model
    image : numpy.ndarray
        ``(height, width)``, normalised.
    convert : callable
        ``convert(unet, image, settings)``.
    part : SpikingNetwork
        Made of a part of the image: it tells whether such a network can be run in bands.
    taken : int
        Bytes that the spikes of a part take.
    progress : callable
        ``progress(fraction, stage)``.

    Raises
    ------
    snnlab.errors.LabError
    snnlab.errors.Cancelled
    """
    banded = simulator.in_bands(part)
    steps = sorted({-(-settings.timesteps * (i + 1) // MOMENTS) for i in range(MOMENTS)})
    # of spikes that have no times there is one moment
    steps = steps if simulator.timed else steps[-1:]
    padded = tiles.pad(image, multiple(unet.layers))
    more = unet, padded, settings, convert, simulator, steps, progress, cancel
    whole = _in_bands(*more, ROOM - PARTS * taken) if banded else _in_tiles(*more)
    height, width = image.shape
    cut = {step: values[:height, :width] for step, values in whole.moments.items()}
    return Whole(whole.layers, whole.last, cut)


def _in_bands(unet, padded, settings, convert, simulator, steps, progress, cancel, most) -> Whole:
    network = convert(unet, padded, settings)
    counting = Counting(unet, network)
    last = network.populations[-1]
    room = 8 * -(-settings.timesteps // WORD) * int(np.prod(last.shape)) <= most
    moments = {} if room else {step: np.zeros(padded.shape, np.float16) for step in steps}

    def passing(population, top: int, trains: SpikeTrains) -> None:
        counting.add(population, trains, top)
        if population is last:
            rows = slice(top, top + trains.shape[0])
            for step, kept in moments.items():
                start = window_start(step, settings)
                kept[rows] = read_out(trains, last.rate_hz, network.readout, start, step)

    kept = [last.name] if room else []
    found = simulator.run_in_bands(
        network, settings.timesteps, settings.seed, progress, cancel, kept, passing
    )
    return Whole(counting.layers(), found if room else None, moments)


def _in_tiles(unet, padded, settings, convert, simulator, steps, progress, cancel) -> Whole:
    side = multiple(unet.layers)
    gathered: list[tuple[LayerStats, ...]] = []
    moments = {step: np.zeros(padded.shape, np.float16) for step in steps}
    plan = tiles.plan(padded.shape, TILE, halo(unet.layers), side)
    for index, tile in enumerate(plan):
        if cancel and cancel():
            raise Cancelled
        network = convert(unet, padded[tile.outer], settings)
        recording = simulator.run(
            network,
            settings.timesteps,
            settings.seed,
            lambda share, stage, index=index: progress(
                (index + share) / len(plan), f"tile {index + 1} of {len(plan)}: {stage}"
            ),
            cancel,
        )
        gathered.append(activity(unet, network, recording, tile.inner))
        for step in steps:
            read = network.probability(recording, window_start(step, settings), step)
            moments[step][tile.target] = read[tile.inner]
    layers = tuple(merged(parts, padded.shape) for parts in zip(*gathered, strict=True))
    return Whole(layers, None, moments)
