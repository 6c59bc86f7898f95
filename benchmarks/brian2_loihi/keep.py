"""Run Brian2Loihi's neuron of Loihi 1 on seeded spikes, and keep input, weights and answer.

    benchmarks/brian2_loihi/keep.sh [FILE]

Its potential never leaks here and its current lasts a step, which makes it integrate and fire. It
spikes above the threshold and is put to zero (Michaelis, Lehr, Oed, Tetzlaff 2022, "Brian2Loihi:
An emulator for the neuromorphic chip Loihi using the spiking neural network simulator Brian",
10.3389/fninf.2022.1015624). It has no bias and no floor under its potential.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
from brian2 import prefs
from brian2_loihi import (
    LoihiNetwork,
    LoihiNeuronGroup,
    LoihiSpikeGeneratorGroup,
    LoihiSpikeMonitor,
    LoihiSynapses,
)

STEPS, SOURCES, NEURONS = 200, 6, 40
THRESHOLD = 127  # its mantissa: potentials are whole times 64, so that above it is 128 or more
EVEN = 2  # weights have eight bits and a sign, of which the last bit is dropped


def main() -> None:
    """Write the file that is named."""
    prefs.codegen.target = "numpy"
    random = np.random.default_rng(1)
    sent = random.random((STEPS, SOURCES)) < random.random(SOURCES)
    weights = EVEN * random.integers(-20, 60, (SOURCES, NEURONS))
    weights[:, : NEURONS // 2] = abs(weights[:, : NEURONS // 2])  # half of them get no inhibition
    # a step from 1 on: in its first one the generator sends nothing
    steps, sources = np.nonzero(sent)
    generator = LoihiSpikeGeneratorGroup(SOURCES, sources.tolist(), (steps + 1).tolist())
    group = LoihiNeuronGroup(NEURONS, 1, THRESHOLD, decay_v=0, decay_I=4096)
    synapses = LoihiSynapses(generator, group, sign_mode=1)
    synapses.connect()
    synapses.w = weights.ravel().tolist()
    monitor = LoihiSpikeMonitor(group)
    network = LoihiNetwork()
    network.add(generator, group, synapses, monitor)
    network.run(STEPS + 2)
    spiked = np.zeros((STEPS + 2, NEURONS), int)
    spiked[np.array(monitor.t, int), np.array(monitor.i, int)] = 1
    names = ("brian2", "brian2-loihi", "numpy")
    kept = {
        "made by": {name: version(name) for name in names},
        "threshold": THRESHOLD,
        "weights": weights.tolist(),
        "sent": [np.flatnonzero(row).tolist() for row in sent],
        "spiked": [np.flatnonzero(row).tolist() for row in spiked[1:]],
    }
    with open(sys.argv[1], "w") as file:
        json.dump(kept, file)
        file.write("\n")
    print(f"{int(spiked.sum())} spikes of {NEURONS} neurons in {STEPS} steps")


if __name__ == "__main__":
    main()
