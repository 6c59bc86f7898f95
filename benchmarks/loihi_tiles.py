"""A whole section on the Loihi emulator, as tiles of several sizes: seconds, chips, and masks.

    .venv/bin/python benchmarks/loihi_tiles.py [--size 512] [--sides 64,128,256] [--sample 10]

The model `loihi` with its own settings on a synthetic section. Chips are made once, in a cache of
their own, and timed; a run is the fastest of three after one that does not count. The last column
is the share of pixels whose class is another than that of the image on one chip, uncut. With
`--sample`, so many tiles of the smallest size are run by NengoLoihi, too (half a minute each), and
every spike is compared.
"""

import argparse
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402

from snnlab import compat, conversion  # noqa: E402
from snnlab.chips.board import CORES  # noqa: E402
from snnlab.data.synthetic import synthetic  # noqa: E402
from snnlab.images.contrast import normalise  # noqa: E402
from snnlab.lab import segmenting as lab  # noqa: E402
from snnlab.results.segmentation import window_start  # noqa: E402
from snnlab.simulation.loihi import running, tiling  # noqa: E402
from snnlab.simulation.loihi.network import crop, describe  # noqa: E402
from snnlab.simulation.loihi.shapes import block_shapes  # noqa: E402

MODEL = "loihi"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--sides", default="64,128,256")
    parser.add_argument("--sample", type=int, default=0, help="tiles to compare with NengoLoihi")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    settings = lab.defaults(MODEL).replace(reset="zero", simulator="loihi")
    image = normalise(synthetic(options.size, 0).image)
    network = conversion.method(settings.method).convert(lab.model(MODEL), image, settings)
    compat.nengo_loihi()  # importing it is not building
    start, steps = window_start(settings.timesteps, settings), settings.timesteps

    def cells(recording):
        return network.probability(recording, start) >= settings.threshold

    with tempfile.TemporaryDirectory() as folder:
        os.environ["SNNLAB_CACHE"] = folder
        uncut = cells(running.run(network, steps, tile=options.size, threads=options.threads))
        print(f"{options.size} x {options.size} pixels, {steps} steps, {options.threads} threads\n")
        print(
            "| tile | tiles | cores | chips | built in, s | run in, s | pixels of another class |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|")
        whole = describe(network)
        for side in sorted({*map(int, options.sides.split(",")), options.size}):
            layers = crop(whole, side, side)
            begun = time.perf_counter()
            chip = running.built(layers, keep=False)
            build = time.perf_counter() - begun
            running.built(layers)
            seconds = []
            for _ in range(4):
                begun = time.perf_counter()
                found = running.run(network, steps, tile=side, threads=options.threads)
                seconds.append(time.perf_counter() - begun)
            cores = sum(len(layer.cores) for layer in chip if layer.links)
            tiles = len(tiling.cut(image.shape, (side, side), running.scale(whole)))
            other = 100 * np.mean(cells(found) != uncut)
            print(
                f"| {side} | {tiles} | {cores:,} | {-(-cores // CORES)} | {build:.1f} |"
                f" {min(seconds[1:]):.2f} | {other:.2f} % |",
                flush=True,
            )
        if options.sample:
            compared(network, settings, min(map(int, options.sides.split(","))), options.sample)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\nload averages {load}")


def compared(network, settings, side, sample):
    """Run some tiles by NengoLoihi, and hold what is kept of each against the whole run's."""
    whole = running.run(network, settings.timesteps, tile=side)
    layers = describe(network)
    size = whole.populations[0].shape[:2]
    image = np.asarray(network.image.output).reshape(size)
    tiles = tiling.cut(size, (side, side), running.scale(layers))
    small = crop(layers, side, side)
    equal = spikes = 0
    chosen = np.random.default_rng(0).choice(len(tiles), min(sample, len(tiles)), replace=False)
    for number in chosen:
        tile = tiles[number]
        piece = image[tile.top : tile.top + side, tile.left : tile.left + side]
        theirs = nengo_loihi(small, piece, settings.timesteps)
        same = True
        for layer in small:
            top, bottom, left, right = running.of_layer(tile.kept, (side, side), layer.shape)
            down, along = (
                at * layer.shape[axis] // side for axis, at in enumerate((tile.top, tile.left))
            )
            trains = whole[layer.name]
            places = np.arange(trains.neurons).reshape(trains.shape)
            places = places[down + top : down + bottom, along + left : along + right]
            mine = trains.raster(places.ravel()) > 0
            wanted = theirs[layer.name].reshape(-1, *layer.shape)[:, top:bottom, left:right]
            same = same and (mine == wanted.reshape(len(mine), -1)).all()
            spikes += int(mine.sum())
        equal += bool(same)
    print(f"\n{equal} of {len(chosen)} tiles equal to NengoLoihi's in all of {spikes:,} spikes")


def nengo_loihi(layers, image, steps):
    """Spikes that Nengo's probes see in NengoLoihi's simulator, ``(steps, neurons)`` by layer."""
    import nengo

    from snnlab.simulation.loihi.assembling import assemble

    made, ensembles = assemble(layers, block_shapes(layers), image)
    with made:
        probes = {name: nengo.Probe(ensemble.neurons) for name, ensemble in ensembles.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with compat.nengo_loihi().Simulator(made, target="sim", seed=0, progress_bar=False) as it:
            it.run_steps(steps)
            return {name: it.data[probe] != 0 for name, probe in probes.items()}


if __name__ == "__main__":
    main()
