"""One simulator in a process of its own, which waits until it is told to run.

    python contestant.py SIMULATOR FOLDER --threads N --timesteps T

FOLDER holds ``network-<name>.npz`` (see ``compare.py``). A line ``prepare
<name>`` on standard input builds that network and runs it briefly, so that
nothing is compiled or allocated for the first time later; ``run <name>`` runs
it and times it; ``end`` ends. Each is answered by one line of JSON. The spike
counts of the last population go to ``FOLDER/<simulator>-<name>.npy``,
``(height, width, channels)``.
"""

import argparse
import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

LAB = ("event", "event+double", "nengo-dl")


def side_of(simulator: str) -> str:
    """The module that runs it."""
    if simulator in LAB:
        return "lab"
    return "dense8" if "-int8" in simulator else "libraries"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("simulator")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--timesteps", type=int, default=64)
    options = parser.parse_args()
    # whatever a library prints must not get between the answers
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    side = importlib.import_module(side_of(options.simulator))
    begin = side.prepare(options.simulator, options.threads)
    built = {}

    def answer(**entries):
        answers.write(json.dumps(entries) + "\n")

    answer(ready=options.simulator, version=side.version(options.simulator))
    for line in sys.stdin:
        verb, _, name = line.strip().partition(" ")
        if verb == "end":
            break
        if verb == "prepare":
            built.clear()  # the networks of one setting at a time
            built[name] = begin(options.folder, name)
            for _ in range(side.TRIALS):
                built[name](min(options.timesteps, 3 * side.CHUNK))
            answer(prepared=name)
            continue
        before, start = os.times(), time.perf_counter()
        counts, told = built[name](options.timesteps)
        wall, after = time.perf_counter() - start, os.times()
        np.save(options.folder / f"{options.simulator}-{name}.npy", counts)
        answer(
            seconds=told or wall,
            seconds_in_all=wall,
            cpu_seconds=after.user - before.user + after.system - before.system,
            peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        )


if __name__ == "__main__":
    main()
