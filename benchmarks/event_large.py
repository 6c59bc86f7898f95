"""One run of a large image in one piece: seconds, and the peak of memory.

    PYTHONPATH=. .venv/bin/python benchmarks/event_large.py --size 4096

The network is run in bands of rows: the segmentation is read from the last population's
spikes as they pass, and no spikes are kept, or with ``--keep`` those of the last population.
Prints one JSON object; memory is what the process held at most (``ru_maxrss``), before the run
and in the end. With ``--lab`` the image goes through `snnlab.lab.segmenting.segment` instead, ANN
and scores included, and then parts of it are looked into: seconds for each, at corners, edges
and inside (`snnlab.lab.looking.at`).
"""

import argparse
import json
import os
import resource
import sys
import time


def peak_mb() -> float:
    """What this process held at most so far (MB)."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held / (2**20 if sys.platform == "darwin" else 1024)


def looked_into(result) -> dict:
    """Seconds to compute parts of a large result, the best of three of each."""
    from snnlab.lab import looking

    height, width = result.image.shape
    places = [(row, column) for row in (0, height // 3, height - 1) for column in (0, width // 2)]
    seconds = []
    for place in places:
        tries = []
        for _ in range(3):
            begun = time.perf_counter()
            seen = looking.at(result, place)
            tries.append(time.perf_counter() - begun)
        seconds.append(min(tries))
    return {
        "part": list(seen.region[2:]),
        "part_seconds": [round(value, 3) for value in seconds],
        "part_seconds_most": round(max(seconds), 3),
        "part_mb": round(seen.recording.nbytes / 2**20, 1),
        "result_mb": round(result.nbytes / 2**20),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=4096, help="side of the image, pixels")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default="regularised")
    parser.add_argument("--upper", type=float, help="upper bound of the rates, Hz; half is lower")
    parser.add_argument("--keep", action="store_true", help="the last population's spikes")
    parser.add_argument("--lab", action="store_true", help="the lab's way, ANN and scores too")
    options = parser.parse_args()

    import numpy as np

    from snnlab import conversion
    from snnlab.data import synthetic as datasets
    from snnlab.images.contrast import normalise
    from snnlab.images.pictures import Picture
    from snnlab.lab import segmenting as lab
    from snnlab.results.segmentation import window_start
    from snnlab.simulation import event
    from snnlab.simulation.network import read_out

    event.warm_up()
    settings = lab.defaults(options.model).replace(timesteps=options.steps)
    if options.upper:
        settings = settings.replace(lower_hz=options.upper / 2, upper_hz=options.upper)
    # drawing so large a section would take longer than running it
    drawn = datasets.synthetic(512, 0)
    pixels, labels = (
        np.tile(part, (-(-options.size // 512),) * 2)[: options.size, : options.size]
        for part in (drawn.image, drawn.labels)
    )
    before, begun = peak_mb(), time.perf_counter()
    if options.lab:
        picture = Picture(pixels, labels, "large", 0, 1, "large")
        result = lab.segment(picture, settings)
        neurons = sum(layer.neurons for layer in result.layers)
        row = {"seconds": time.perf_counter() - begun, "spikes": result.spikes}
        if result.anywhere:
            row |= looked_into(result)
    else:
        image = normalise(pixels)
        convert = conversion.method(settings.method).convert
        network = convert(lab.model(options.model), image, settings)
        last = network.populations[-1]
        probability, spikes = np.zeros(image.shape, np.float32), [0]
        start = window_start(options.steps, settings)

        def passing(population, top, trains):
            if population is last:
                read = read_out(trains, last.rate_hz, network.readout, start, options.steps)
                probability[top : top + len(read)] = read
                spikes[0] += trains.total()

        recording = event.run(
            network,
            options.steps,
            threads=options.threads,
            keep=[last.name] if options.keep else [],
            passing=passing,
        )
        neurons = sum(population.ensemble.n_neurons for population in network.populations)
        row = {
            "seconds": recording.seconds,
            "seconds_with_conversion": time.perf_counter() - begun,
            "last_populations_spikes": spikes[0],
            "mean_probability": round(float(probability.mean()), 6),
        }
    peak = peak_mb()
    row |= {
        "neurons": neurons,
        "neuron_updates_a_second": round(neurons * options.steps / row["seconds"]),
        "peak_mb_before": round(before),
        "peak_mb": round(peak),
        "peak_bytes_a_neuron": round((peak - before) * 2**20 / neurons, 2),
        "load": [round(value, 1) for value in os.getloadavg()],
    }
    row |= {"lower_hz": settings.lower_hz, "upper_hz": settings.upper_hz}
    json.dump({"options": vars(options)} | row, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
