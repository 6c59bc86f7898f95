"""A converted network on the emulated chip, tile by tile, as a recording."""

import time
from importlib.metadata import version

import numpy as np

from snnlab.simulation.loihi import building, cache, tiling
from snnlab.simulation.loihi.emulator import Emulator
from snnlab.simulation.loihi.needed import of_layer
from snnlab.simulation.loihi.network import (
    DT,
    IMAGE,
    ChipLayer,
    crop,
    describe,
    digest,
    image_shape,
)
from snnlab.simulation.loihi.reading import BuiltLayer, read
from snnlab.simulation.loihi.rounding import round_again
from snnlab.simulation.loihi.shapes import block_shapes
from snnlab.simulation.loihi.wired import rounded
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import WORD, Recording, SpikeTrains, Synapses

TILE = 64  # pixels a side: 162 cores, two chips


def built(layers: tuple[ChipLayer, ...], cancel=None, keep: bool = True) -> tuple[BuiltLayer, ...]:
    """The chip of a network: from the cache, rounded anew, or built by NengoLoihi.

    NengoLoihi's cutting takes minutes for more than a tile of `TILE` pixels; such
    chips are cut by `snnlab.simulation.loihi.wired`, which gives the same.

    Parameters
    ----------
    layers : tuple of ChipLayer
    cancel : callable, optional
    keep : bool
        False to build, and leave no trace.

    Raises
    ------
    LabError
        If the network does not fit Loihi.
    Cancelled
    """
    depends = cache.FORM, version("nengo-loihi"), block_shapes(layers)
    keys = [digest(layers, *depends, numbers=numbers) for numbers in (True, False)]
    found = cache.load(keys[0]) if keep else None
    if found is not None:
        return found
    twin = cache.load(keys[1]) if keep else None
    if twin is not None:
        found = round_again(twin, layers)
    elif max(image_shape(layers)) > TILE:
        found = rounded(layers, block_shapes(layers))
    else:
        simulator, ensembles = building.build(layers, cancel=cancel)
        with simulator:
            found = read(simulator.model, layers, ensembles)
        if keep:
            cache.save(keys[1], found)
    if keep:
        cache.save(keys[0], found)
    return found


def run(
    network: SpikingNetwork,
    timesteps: int,
    seed: int = 0,
    progress=None,
    cancel=None,
    tile: int = TILE,
    threads: int | None = None,
) -> Recording:
    """Simulate and keep the spikes of every population.

    An image larger than a tile is run as overlapping tiles, each the whole
    image of a chip; see `snnlab.simulation.loihi.tiling`.

    Parameters
    ----------
    network : SpikingNetwork
        Of neurons that reset to zero.
    timesteps : int
        At least 1; of 1 ms.
    seed : int
        Without effect: nothing on this chip is random.
    progress : callable, optional
        ``progress(fraction, stage)``.
    cancel : callable, optional
        Returns True to stop.
    tile : int
        Largest side of a tile, in pixels.
    threads : int, optional

    Raises
    ------
    LabError
        If the network does not fit Loihi, or ``timesteps`` is below 1.
    Cancelled
    """
    whole = describe(network)
    shape, multiple = image_shape(whole), scale(whole)
    size = tiling.tile_shape(shape, tile, multiple)
    tiles = tiling.cut(shape, size, multiple)
    layers = crop(whole, *size)
    if progress:
        progress(0.0, "loihi: build the chip")
    emulator = Emulator(built(layers, cancel), layers, threads)
    chunks = -(-timesteps // WORD)
    words = {layer.name: np.empty((chunks, *layer.shape), np.uint64) for layer in whole}
    image = np.asarray(network.image.output, float).reshape(shape)

    def store(number, spikes):
        for layer in layers:
            if len(tiles) == 1:
                words[layer.name].reshape(chunks, -1)[:] = spikes[layer.name]
                continue
            kept = of_layer(tiles[number].kept, size, layer.shape)
            down = tiles[number].top * layer.shape[0] // size[0]
            along = tiles[number].left * layer.shape[1] // size[1]
            rows, columns = slice(*kept[:2]), slice(*kept[2:])
            piece = spikes[layer.name].reshape(chunks, *layer.shape)[:, rows, columns]
            into = words[layer.name][:, down:, along:][:, rows, columns]
            into[:] = piece

    def tell(fraction):
        done = round(fraction * len(tiles))
        progress(fraction, f"loihi: tile {done} of {len(tiles)}")

    pieces = [image[t.top : t.top + size[0], t.left : t.left + size[1]] for t in tiles]
    begun = time.perf_counter()
    kept = [tile.kept for tile in tiles]
    emulator.run(pieces, timesteps, store, tell if progress else None, cancel, kept)
    seconds = time.perf_counter() - begun
    trains = tuple(
        SpikeTrains(layer.name, layer.shape, words[layer.name].reshape(chunks, -1), timesteps, DT)
        for layer in whole
    )
    name = "loihi" if tile == TILE else f"loihi-{tile}"
    return Recording(trains, name, timesteps, seconds, DT, synapses(whole))


def scale(layers: tuple[ChipLayer, ...]) -> int:
    """Pixels, along a side, that a neuron of the coarsest layer stands for."""
    shape = image_shape(layers)
    return max(
        -(-side // part) for layer in layers for side, part in zip(shape, layer.shape, strict=False)
    )


def synapses(layers: tuple[ChipLayer, ...]) -> tuple[Synapses, ...]:
    """Synapses between populations, counted in the uncut network."""
    found = []
    for layer in layers:
        for link in layer.links:
            if link.source == IMAGE:
                continue
            operator = link.operator
            reached = [np.zeros(size, np.int64) for size in operator.shape_in[:2]]
            for axis in range(2):
                for tap in range(operator.kernel.shape[axis]):
                    np.add.at(reached[axis], operator.meet(axis, tap)[1], 1)
            columns = np.repeat(reached[1] * layer.shape[2], operator.shape_in[2])
            found.append(Synapses(link.source, layer.name, reached[0], columns))
    return tuple(found)
