#!/usr/bin/env bash
# One would guess: MembraneReset(reset_value=x) sets the potential of a neuron that has spiked to x, as its documentation says, and leaves
# the others alone. With x = 0, the default, it does.
#
# What happens: x is added to the potential of every neuron in every step, whether it spiked or not:
# `v * (spikes == 0) + reset_value`. A reset below zero makes a steady negative current of itself, so that a neuron that
# should fire every fourth step never fires; one above zero makes a silent neuron fire without input.
#
# Why it matters: NIR's v_reset, and the papers' reset potentials, are rarely zero. The net trains and runs, since training makes up for
# a constant current; it is the exchange with other simulators, or with a chip, that does not survive.
#
# Source: sinabs/activation/reset_mechanism.py, MembraneReset.__call__.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 h5py==3.14.0 matplotlib==3.11.2
# without what it asks for and this does not use: drivers of chips
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps nir==1.0.4 nirtorch==2.0.2 sinabs==3.1.3 pbr==7.1.3

"$folder/venv/bin/python" -W ignore - 2>/dev/null <<'PYTHON'
from importlib.metadata import version

import sinabs.layers as sl
import torch
from sinabs.activation import MembraneReset, SingleSpike

STEPS = 12


def by_hand(reset, current):
    v, spikes = 0.0, 0
    for _ in range(STEPS):
        v += current
        if v >= 1:
            v, spikes = reset, spikes + 1
    return spikes


def by_sinabs(reset, current):
    layer = sl.IAF(spike_fn=SingleSpike, reset_fn=MembraneReset(reset_value=reset))
    with torch.no_grad():
        return int(layer(torch.full((1, STEPS, 1), current)).sum())


print(", ".join(f"{name} {version(name)}" for name in ("sinabs", "torch")))
CASES = {(0.0, 0.375): (4, 4), (-0.125, 0.375): (4, 3), (-0.5, 0.375): (3, 0), (0.25, 0.0): (0, 2)}
there = True
for (reset, current), (right, as_before) in CASES.items():
    expected, seen = by_hand(reset, current), by_sinabs(reset, current)
    print(f"reset to {reset:g}, input {current:g}, {STEPS} steps: expected {expected} spikes, seen {seen}")
    there &= (expected, seen) == (right, as_before)
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
