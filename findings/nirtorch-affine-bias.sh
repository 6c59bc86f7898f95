#!/usr/bin/env bash
# One would guess: nirtorch.nir_to_torch brings nodes that have a counterpart in PyTorch by themselves, as its default map says
# (Affine, Linear, Conv2d, pools, Flatten), with the weights and biases of the file, so that one maps neurons alone.
#
# What happens: of an Affine the weight is the file's, and the bias is not. It is stored as an attribute of the weight
# (`module.weight.bias = ...`), and the layer keeps the bias that PyTorch drew for it at random. Conv2d has its own. Whoever maps
# Affine himself, as norse, sinabs, snntorch and spikingjelly do, is not concerned.
#
# Why it matters: the net loads, has the right shapes, and answers a little differently each time it is loaded. For a spiking net the bias
# decides which neurons fire at all. With a seed set it is even reproducible, and wrong.
#
# Source: nirtorch/nir_interpreter.py, _default_map_affine.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6 h5py==3.14.0
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps nir==1.0.8 nirtorch==2.6

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import nir
import nirtorch
import numpy as np
import torch

BIAS = 5.0


def graph(node, shape):
    return nir.NIRGraph(
        nodes={
            "input": nir.Input(input_type={"input": np.array(shape)}),
            "layer": node,
            "output": nir.Output(output_type={"output": np.array(shape)}),
        },
        edges=[("input", "layer"), ("layer", "output")],
    )


def answers(made, shape):
    """What two loads give for zeros."""
    found = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        with torch.no_grad():
            out = nirtorch.nir_to_torch(made, {})(torch.zeros(1, *shape))
        found.append(float((out[0] if isinstance(out, tuple) else out).flatten()[0]))
    return found


bias = np.full(1, BIAS, np.float32)
affine = nir.Affine(weight=np.ones((1, 1), np.float32), bias=bias)
conv = nir.Conv2d((1, 1), np.ones((1, 1, 1, 1), np.float32), (1, 1), (0, 0), (1, 1), 1, bias)
print(", ".join(f"{name} {version(name)}" for name in ("nir", "nirtorch", "torch")))
of_affine, of_conv = answers(graph(affine, (1,)), (1,)), answers(graph(conv, (1, 1, 1)), (1, 1, 1))
print(f"Affine, bias {BIAS:g}, input 0, loaded twice: expected [5.0, 5.0], seen {of_affine}")
print(f"Conv2d, the same: expected [5.0, 5.0], seen {of_conv}")
there = max(map(abs, of_affine)) <= 1 and of_affine[0] != of_affine[1] and of_conv == [BIAS, BIAS]
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
