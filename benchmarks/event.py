"""The event-driven simulator against NengoDL, on the same network in one run.

    PYTHONPATH=. .venv/bin/python benchmarks/event.py --size 512 --threads 2

prints one JSON object: seconds, seconds per step, synaptic events and their
rate, user and system time, and the ratio of NengoDL's seconds per step to ours.
The network is the lab's U-Net: a shipped model, or random weights that fire at
some tens of Hz (``--model random``). NengoDL runs fewer steps (``--others``),
since its cost a step does not depend on their number; with ``--agree`` the
spikes of those steps are compared, train by train.

``--sweep`` adds what the event-driven simulator takes at other bounds of the
rates, down to no spikes at all, and the straight line through it: seconds of
processor time for the neurons' updates alone, and synaptic events per second on
top of that.

The machine may be busy: the ratio is of times measured one after the other,
the best of ``--repeats`` for ours, and user time is given beside wall time.
"""

import argparse
import json
import os
import platform
import sys
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", type=int, default=512, help="side of the image, pixels")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default="regularised", help="a model's name, or random")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--others", type=int, default=32, help="steps of NengoDL; 0 for none")
    parser.add_argument("--agree", action="store_true", help="compare spikes with NengoDL's")
    parser.add_argument("--reset", choices=("subtraction", "zero"), default="subtraction")
    parser.add_argument("--synapse", type=float, default=0.0, help="time constant, ms")
    parser.add_argument(
        "--sweep",
        type=float,
        nargs="*",
        default=(),
        metavar="HZ",
        help="upper bounds of the rates, the lower one is half of it; 0 for no spikes at all",
    )
    return parser.parse_args()


def network(options, upper=None):
    """The U-Net as a converted network, with other bounds of the rates if given."""
    from dataclasses import replace

    from snnlab import conversion
    from snnlab.data import synthetic as datasets
    from snnlab.images.contrast import normalise
    from snnlab.lab import segmenting as lab

    if options.model == "random":
        from tests.simulation.event.unets import random_unet

        tau = options.synapse / 1000 or None
        return random_unet(options.size, options.reset, tau)
    settings = replace(lab.defaults(options.model), reset=options.reset, synapse_ms=options.synapse)
    if upper is not None:
        settings = replace(settings, lower_hz=upper / 2, upper_hz=upper)
    image = normalise(datasets.synthetic(options.size, 0).image)
    return conversion.method("rate-scaling").convert(lab.model(options.model), image, settings)


def measure(run):
    """Result, wall seconds, user and system seconds, and both together, to the microsecond."""
    before, start, used = os.times(), time.perf_counter(), time.process_time()
    result = run()
    wall, used, after = time.perf_counter() - start, time.process_time() - used, os.times()
    return result, wall, after.user - before.user, after.system - before.system, used


def event(options, net):
    """Best of several runs of the event-driven simulator."""
    from snnlab.simulation.event import run

    begun = time.perf_counter()
    run(net, options.steps, threads=options.threads)  # compiled or fetched from the cache
    first = time.perf_counter() - begun
    best, least = None, float("inf")
    for _ in range(options.repeats):
        recording, wall, user, system, used = measure(
            lambda: run(net, options.steps, threads=options.threads)
        )
        least = min(least, used)
        if best is None or recording.seconds < best[0].seconds:
            best = recording, wall, user, system
    recording, wall, user, system = best
    events = sum(recording.synaptic_events().values())
    neurons = sum(population.neurons for population in recording.populations)
    return recording, {
        "simulator": "event",
        "seconds": round(recording.seconds, 4),
        "seconds_with_reading": round(wall, 4),
        "seconds_first_run": round(first, 3),
        "user_seconds": round(user, 3),
        "system_seconds": round(system, 3),
        "processor_seconds": round(least, 4),
        "ms_per_step": round(1000 * recording.seconds / options.steps, 3),
        "synaptic_events": events,
        "synaptic_events_per_s": round(events / recording.seconds),
        "neuron_updates_per_s": round(neurons * options.steps / recording.seconds),
        "neurons": neurons,
        "mean_rate_hz": round(recording.spikes() / neurons / options.steps / recording.dt, 2),
    }


def nengo_dl(options, net, own):
    """NengoDL on the same network; its seconds leave out building.

    TensorFlow traces the graph within the first chunk of steps, so the
    seconds per step are those of the quickest later chunk.
    """
    from snnlab.simulation import nengo_dl

    told = []
    recording = nengo_dl.run(
        net,
        options.others,
        progress=lambda fraction, stage: told.append((fraction, time.perf_counter())),
    )
    step = min(
        (later - sooner) / ((high - low) * options.others)
        for (low, sooner), (high, later) in zip(told, told[1:], strict=False)
    )
    row = {
        "simulator": "nengo-dl",
        "steps": options.others,
        "seconds": round(recording.seconds, 4),
        "ms_per_step": round(1000 * step, 3),
        "times_slower_per_step": round(step / (own.seconds / own.timesteps), 1),
        "times_slower_per_step_tracing_included": round(
            recording.seconds / recording.timesteps / (own.seconds / own.timesteps), 1
        ),
    }
    if options.agree:
        row["neurons_with_other_trains"] = differing(own, recording)
    return row


def sweep(options):
    """Processor seconds against synaptic events, and the line through them."""
    import numpy as np

    rows = []
    for upper in options.sweep:
        if upper:
            _, row = event(options, network(options, upper))
        else:
            _, row = event(options, silenced(network(options)))
        rows.append(
            {"upper_hz": upper}
            | {
                name: row[name]
                for name in ("seconds", "processor_seconds", "synaptic_events", "mean_rate_hz")
            }
        )
    events = np.array([row["synaptic_events"] for row in rows], float)
    slope, floor = np.polyfit(events, [row["processor_seconds"] for row in rows], 1)
    updates = row["neurons"] * options.steps
    return {
        "rows": rows,
        "neuron_updates": updates,
        "floor_processor_seconds": round(float(floor), 4),
        "floor_ns_per_neuron_update": round(1e9 * float(floor) / updates, 4),
        "events_per_processor_second_above_the_floor": round(1 / float(slope)),
    }


def silenced(net):
    """The same network on a black image and without biases: not a spike."""
    import numpy as np

    from snnlab.simulation.neurons import Tiled

    net.image.output = np.zeros_like(net.image.output)
    for population in net.populations:
        population.ensemble.bias = Tiled([0.0])
    return net


def differing(own, other):
    """Share of neurons whose spikes differ in the steps that both ran."""
    import numpy as np

    bits = np.uint64((1 << other.timesteps) - 1) if other.timesteps < 64 else ~np.uint64(0)
    differ = sum(
        int(((trains.words[0] ^ other[trains.name].words[0]) & bits != 0).sum())
        for trains in own.populations
    )
    return differ / sum(trains.neurons for trains in own.populations)


def processor():
    """The processor's name, where the system tells it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(": ")[1].strip() for line in file if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def main():
    options = arguments()
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, str(options.threads))
    net = network(options)
    own, row = event(options, net)
    rows = [row]
    if options.others:
        rows.append(nengo_dl(options, net, own))
    machine = {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
    }
    result = {"machine": machine, "options": vars(options), "rows": rows}
    if options.sweep:
        result["sweep"] = sweep(options)
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
