#!/usr/bin/env bash
# One would guess: a file in the Neuromorphic Intermediate Representation means the same to all that read it; that is
# what NIR is for. Its integrate-and-fire neuron has two numbers: dv/dt = r i, and at v_threshold a spike and a reset.
#
# What happens: three readers make three neurons of one `nir.IF`, and none fails. Norse resets to 0 and loses what was
# above the threshold. sinabs subtracts the threshold, and sends several spikes in a step. snnTorch makes a leaky neuron that keeps 0.9 of
# its potential in each step, so that an input below a tenth of the threshold never makes it fire. Norse (which logs it) and sinabs (which
# does not) leave `r` aside: with half of it, the spikes stay the same; snnTorch refuses any r but 1.
#
# Why it matters: for a net that was converted from an ANN, reset by subtraction is what keeps the rate right; with a reset
# to 0 it is wrong by an amount that more steps do not remove, and with a leak weak inputs vanish. The
# exchange works, the accuracy drops, and the weights are suspected. Compare spike trains after every import.
#
# Source: norse/torch/utils/import_nir.py, sinabs/nir.py, snntorch/import_nir.py; the leak is
# https://github.com/jeshraghian/snntorch/issues/416, mended after 1.0.0 (pull request 452). That NIR left the reset open
# until it had v_reset: https://github.com/neuromorphs/NIR/pull/63 and /129. sinabs 3.1.3 asks for nir <= 1.0.4.
#
# PyTorch for the CPU is enough: see PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS of pip to choose the build.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 h5py==3.16.0 matplotlib==3.11.2
# without what they ask for and this does not use: torchvision, drivers of chips
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    nir==1.0.4 nirtorch==2.0.2 norse==1.1.0 sinabs==3.1.3 snntorch==1.0.0 pbr==7.1.3

"$folder/venv/bin/python" -W ignore - "$folder/neuron.nir" 2>/dev/null <<'PYTHON'
import contextlib
import io
import sys
from importlib.metadata import version

import nir
import numpy as np
import torch

STEPS = 40
FILE = sys.argv[1]


def write(r):
    """One input, a weight of 1, one integrate-and-fire neuron with a threshold of 1."""
    nodes = {
        "input": nir.Input(input_type={"input": np.array([1])}),
        "weight": nir.Affine(weight=np.ones((1, 1), np.float32), bias=np.zeros(1, np.float32)),
        "neuron": nir.IF(r=np.full(1, r), v_threshold=np.ones(1)),
        "output": nir.Output(output_type={"output": np.array([1])}),
    }
    names = list(nodes)
    nir.write(FILE, nir.NIRGraph(nodes=nodes, edges=list(zip(names, names[1:]))))


def first(found):
    return first(found[0]) if isinstance(found, tuple) else found


def step_by_step(net, current):
    state, spikes = None, 0
    for _ in range(STEPS):
        value = torch.full((1, 1), current)
        out = net(value) if state is None else net(value, state)
        spikes += int(first(out))
        state = out[1]
    return spikes


def by_norse(current):
    from norse.torch import from_nir

    return step_by_step(from_nir(nir.read(FILE)), current)


def by_sinabs(current):
    from sinabs.nir import from_nir

    net = from_nir(nir.read(FILE), batch_size=1)
    return int(first(net(torch.full((STEPS, 1), current))).sum())


def by_snntorch(current):
    from snntorch.import_nir import import_from_nir

    return step_by_step(import_from_nir(nir.read(FILE)), current)


READERS = {"norse": by_norse, "sinabs": by_sinabs, "snntorch": by_snntorch}


def spikes(current):
    seen = {}
    for name, reader in READERS.items():
        try:
            with contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
                seen[name] = reader(current)
        except AssertionError as error:
            seen[name] = str(error)
    return seen


EXPECTED = {
    (1.0, 0.0625): {"norse": 2, "sinabs": 2, "snntorch": 0},
    (1.0, 0.4): {"norse": 13, "sinabs": 16, "snntorch": 13},
    (1.0, 1.5): {"norse": 40, "sinabs": 60, "snntorch": 40},
    (0.5, 0.4): {"norse": 13, "sinabs": 16, "snntorch": "r != 1 not supported"},
}
names = ("nir", "nirtorch", "norse", "sinabs", "snntorch", "torch", "numpy")
print(", ".join(f"{name} {version(name)}" for name in names))
there = True
for (r, current), as_before in EXPECTED.items():
    write(r)
    seen = spikes(current)
    exact = int(STEPS * r * current + 1e-6)
    print(f"r = {r:g}, input {current:g}, {STEPS} steps: expected {exact} spikes (all that came in), seen {seen}")
    there &= seen == as_before
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
