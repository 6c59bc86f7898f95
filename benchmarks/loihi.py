"""The Loihi emulator against NengoLoihi's own, and against float simulators, on one tile.

    python benchmarks/loihi.py [--size 64] [--timesteps 64] [--synapse 0] [--threads 2] [--json]

One process, the same network, image and steps for all. The times are of the
simulation alone; building is given apart, from NengoLoihi and from the cache.
NengoDL is measured past its first call, which traces its graph. The model is
the shipped `loihi` one, or, with `--random`, a U-Net with random weights.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_name, "2")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np  # noqa: E402

from snnlab.conversion import rate_scaling  # noqa: E402
from snnlab.data.synthetic import synthetic  # noqa: E402
from snnlab.images.contrast import normalise  # noqa: E402
from snnlab.nets import model as models  # noqa: E402
from snnlab.nets.architecture import unet, weight_shape  # noqa: E402
from snnlab.settings import Settings  # noqa: E402
from snnlab.simulation import simulator  # noqa: E402
from snnlab.simulation.loihi import running as loihi  # noqa: E402
from snnlab.simulation.loihi.emulator import Emulator  # noqa: E402
from snnlab.simulation.loihi.network import describe  # noqa: E402


def random_model(seed=0):
    """A U-Net of the shipped size with random weights; every layer fires."""
    layers = unet(activation="loihi")
    random = np.random.default_rng(seed)
    kernels, biases = {}, {}
    for layer in layers:
        shape = weight_shape(layer, layers)
        fan_in = np.prod(shape[:3])
        mean = 0.5 if layer.name == "encoder" else 0.25 / fan_in
        kernels[layer.name] = random.normal(mean, 1.5 / np.sqrt(fan_in), shape)
        biases[layer.name] = random.uniform(-0.3, 0.4, layer.channels)
    return models.from_float(
        "random", layers, kernels, biases, {layer.name: 100.0 for layer in layers}
    )


def median(run, times):
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--timesteps", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tiles", type=int, default=16, help="of a batch")
    parser.add_argument("--model", type=Path, default=models.ASSETS / "loihi.npz")
    parser.add_argument("--synapse", type=float, default=0.0, help="low-pass filter, ms")
    parser.add_argument("--random", action="store_true", help="random weights")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    steps, size = chosen.timesteps, chosen.size

    stored = chosen.model
    model = random_model() if chosen.random else models.load(stored.stem, stored.parent)
    image = normalise(synthetic(size, 0).image)
    settings = Settings(reset="zero", synapse_ms=chosen.synapse)
    rates = None if model.quantiles else model.rate_hz
    network = rate_scaling.convert(model, image, settings, rates_hz=rates)
    layers = describe(network)

    with tempfile.TemporaryDirectory() as folder:
        os.environ["SNNLAB_CACHE"] = folder
        build = median(lambda: loihi.built(layers), 1)
        again = median(lambda: loihi.built(layers), 5)
        loihi.run(network, steps, threads=chosen.threads)  # compiles, if nothing is compiled yet
        runs = [loihi.run(network, steps, threads=chosen.threads) for _ in range(15)]
        ours = runs[-1]
        seconds = {"loihi": statistics.median(run.seconds for run in runs)}
        emulator = Emulator(loihi.built(layers), layers, chosen.threads)
        batch = median(
            lambda: emulator.run([image] * chosen.tiles, steps, lambda number, spikes: None), 5
        )
    theirs = simulator("nengo-loihi").run(network, steps)
    seconds["nengo-loihi"] = theirs.seconds
    event = [simulator("event").run(network, steps).seconds for _ in range(15)]
    seconds["event"] = statistics.median(event)
    short, long = (simulator("nengo-dl").run(network, n).seconds for n in (steps, 3 * steps))
    seconds["nengo-dl"] = (long - short) / 2

    same = all(
        (mine.words == other.words).all()
        for mine, other in zip(ours.populations, theirs.populations, strict=True)
    )
    report = {
        "network": {
            "model": model.name,
            "size": size,
            "timesteps": steps,
            "neurons": sum(len(layer.bias) for layer in layers),
            "spikes": ours.spikes(),
            "synaptic_events": sum(ours.synaptic_events().values()),
        },
        "threads": chosen.threads,
        "build_seconds": {"nengo-loihi": build, "cache": again},
        "identical_to_nengo_loihi": same,
        "rows": [
            {
                "simulator": name,
                "seconds": value,
                "ms_per_step": 1000 * value / steps,
                "times_loihi": value / seconds["loihi"],
            }
            for name, value in seconds.items()
        ],
        "batch": {"tiles": chosen.tiles, "seconds_per_tile": batch / chosen.tiles},
    }
    if chosen.json:
        print(json.dumps(report))
        return
    print(json.dumps({key: value for key, value in report.items() if key != "rows"}, indent=1))
    for row in report["rows"]:
        print("{simulator:12} {ms_per_step:9.3f} ms per step  {times_loihi:8.1f} x".format(**row))


if __name__ == "__main__":
    main()
