"""NengoLoihi's own emulator: the reference for the chip, one spike at a time in Python."""

import time
import warnings

import numpy as np

from snnlab.errors import Cancelled, LabError
from snnlab.simulation.loihi.building import build
from snnlab.simulation.loihi.network import DT, describe, image_shape
from snnlab.simulation.loihi.running import TILE, synapses
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.packing import Packer
from snnlab.simulation.recording import Recording, SpikeTrains


def run(
    network: SpikingNetwork, timesteps: int, seed: int = 0, progress=None, cancel=None
) -> Recording:
    """Simulate and keep the spikes of every population.

    As `snnlab.simulation.nengo_reference.run`, for images of one tile.

    Raises
    ------
    LabError
        If ``timesteps`` is below 1, or the network does not fit: neurons that
        do not reset to zero, an image larger than a tile.
    Cancelled
    """
    if timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")
    layers = describe(network)
    height, width = image_shape(layers)
    if max(height, width) > TILE:
        raise LabError(
            f"nengo-loihi would take minutes for {height} x {width} pixels: choose loihi, which "
            f"gives the same spikes tile by tile, or cut the image to {TILE} x {TILE}."
        )
    if progress:
        progress(0.0, "nengo-loihi: build the chip")
    image = np.asarray(network.image.output, float).reshape(height, width)
    simulator, ensembles = build(layers, image, seed, cancel)
    packers = {layer.name: Packer(len(layer.bias), timesteps) for layer in layers}
    with simulator, warnings.catch_warnings():
        # sums that overflow do so on the chip too
        warnings.filterwarnings("ignore", "Overflow in", UserWarning)
        look = _lookers(simulator, ensembles, layers)
        begun = time.perf_counter()
        for step in range(timesteps):
            if cancel and cancel():
                raise Cancelled
            simulator.step()
            for name, packer in packers.items():
                packer.add(look[name]().astype(np.int64))
            if progress:
                progress((step + 1) / timesteps, f"nengo-loihi: step {step + 1} of {timesteps}")
        seconds = time.perf_counter() - begun
    trains = tuple(
        SpikeTrains(layer.name, layer.shape, packers[layer.name].words, timesteps, DT)
        for layer in layers
    )
    return Recording(trains, "nengo-loihi", timesteps, seconds, DT, synapses(layers))


def _lookers(simulator, ensembles, layers) -> dict:
    """For each population, a function that gives which neurons spiked in this step."""
    emulator, model = simulator.sims["emulator"], simulator.model
    look = {}
    for layer in layers:
        neurons = ensembles[layer.name].neurons
        if not layer.on_chip:
            host = simulator.sims["host_pre"]
            signal = host.model.sig[neurons]["out"]
            look[layer.name] = lambda host=host, signal=signal: host.signals[signal] != 0
            continue
        blocks = model.objs[neurons]["in"]
        blocks = blocks if isinstance(blocks, list) else [blocks]
        place = np.zeros(len(layer.bias), np.int64)
        for block in blocks:
            part = emulator.block_info.slices[block]
            place[list(model.block_comp_map[block])] = np.arange(part.start, part.stop)
        look[layer.name] = lambda place=place: emulator.compartment.spiked[place]
    return look
