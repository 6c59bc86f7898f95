#!/usr/bin/env bash
# One would guess: Nengo's integrate-and-fire neuron, SpikingRectifiedLinear, adds up its input current,
# and inhibition that comes in one step cancels the excitation of another, as it does in the mean.
#
# What happens: a negative current is cut to 0 in the very step in which it comes (voltage += max(J, 0) dt).
# A neuron that gets +1 and -1 in turn, mean 0, fires as one that gets 0.5 all the time. RectifiedLinear, the
# rate neuron of the same name, is silent for the same mean; so is the spiking one if the current is smoothed.
#
# Why it matters: in a net that was converted from an ANN, excitation and inhibition arrive as spikes, in different
# steps. Every step is rectified by itself, so neurons that the ANN leaves at 0 fire, and the error does not go away
# with more timesteps. NengoDL's converter uses this neuron for ReLU. A synapse on the connection hides it in part.
#
# Source: the step function in nengo/neurons.py; the neuron that the conversion literature describes adds up both
# signs (Rueckauer et al. 2017, equations 3 and 4).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check nengo==4.1.0 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import platform

import nengo
import numpy as np

STEPS, DT = 1000, 0.001


def rate(neuron, current, synapse=None):
    """Spikes a second of one neuron that gets `current(step)`, in thresholds a step."""
    with nengo.Network(seed=0) as net:
        source = nengo.Node(lambda t: current(round(t / DT)) / DT)
        ensemble = nengo.Ensemble(
            1, 1, neuron_type=neuron, gain=np.ones(1), bias=np.zeros(1), encoders=np.ones((1, 1))
        )
        nengo.Connection(source, ensemble.neurons, synapse=synapse)
        probe = nengo.Probe(ensemble.neurons)
    with nengo.Simulator(net, dt=DT, progress_bar=False) as simulator:
        simulator.run_steps(STEPS)
    return float(simulator.data[probe].mean())


def turns(step):
    return 1.0 if step % 2 else -1.0


spiking, rates = nengo.SpikingRectifiedLinear(), nengo.RectifiedLinear()
alternating = rate(spiking, turns)
half = rate(spiking, lambda step: 0.5)
smoothed = rate(spiking, turns, synapse=nengo.Lowpass(0.1))
steady = rate(rates, lambda step: 0.0)
print(f"Python {platform.python_version()}, nengo {nengo.__version__}, numpy {np.__version__}")
print(f"expected of +1, -1, +1, -1 ... (mean 0):   0 Hz, as the rate neuron gives for 0: {steady:.0f} Hz")
print(f"seen, SpikingRectifiedLinear:              {alternating:.0f} Hz")
print(f"the same neuron with a steady 0.5:         {half:.0f} Hz")
print(f"+1, -1 ... through a 100 ms synapse:       {smoothed:.0f} Hz")
there = abs(alternating - half) <= 2 and half > 400 and smoothed < 0.1 * half and steady == 0
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
