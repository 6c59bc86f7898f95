#!/usr/bin/env bash
# One would guess: a graph of NIR in which two ways of unequal length meet, as every skip and residual connection does, is run
# with each node after those that feed it. There is no loop in it, so each step's result depends on that step alone.
#
# What happens: nirtorch.load, by which norse 1.1.0 and sinabs 3.1.3 read NIR, runs nodes in the order of a walk along the edges,
# not sorted. Where the skip is walked last, its sum is formed without it: in the first step it is missing, and later it is
# that of the step before, as if it were a recurrent connection. And what comes out is the node that happened to be walked last, which
# need not be the one before Output. No error, and no warning but that of its deprecation.
# nirtorch.nir_to_torch, by which snntorch 1.0.0 and spikingjelly 2.0.0 read, gives what one would guess.
#
# Why it matters: a U-Net or a ResNet loads, runs, and answers nearly as it should, with its skips a step late. Here a spiking
# U-Net of 14 layers kept every spike of its encoder and 10 % of those of its last layer. Sort `net.execution_order` topologically.
#
# Source: nirtorch/graph_executor.py (get_execution_order, _apply_module, the end of forward), nirtorch/utils.py (trace_execution).
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

PULSE = (1.0, 0.0, 0.0)


def one():
    return nir.Affine(weight=np.ones((1, 1), np.float32), bias=np.zeros(1, np.float32))


def linear(node):
    if not isinstance(node, nir.Affine):
        return None
    made = torch.nn.Linear(1, 1)
    made.weight.data, made.bias.data = torch.tensor(node.weight), torch.tensor(node.bias)
    return made


graph = nir.NIRGraph(
    nodes={
        "input": nir.Input(input_type={"input": np.array([1])}),
        "first": one(), "second": one(), "skip": one(), "sum": one(),
        "output": nir.Output(output_type={"output": np.array([1])}),
    },
    edges=[
        ("input", "first"), ("first", "second"), ("second", "sum"),
        ("input", "skip"), ("skip", "sum"), ("sum", "output"),
    ],
)


def run(net, name):
    """What comes out, and the value of the node ``sum``, step by step."""
    out, sums, state = [], [], None
    module = dict(net.named_modules())[name]
    module.register_forward_hook(lambda module, given, value: sums.append(float(value)))
    with torch.no_grad():
        for value in PULSE:
            answer, state = net(torch.tensor([[value]]), state)
            out.append(float(answer))
    return out, sums


print(", ".join(f"{name} {version(name)}" for name in ("nir", "nirtorch", "torch")))
walked = run(nirtorch.load(graph, linear), "sum")
sorted_ = run(nirtorch.nir_to_torch(graph, {nir.Affine: linear}), "sum")
print("two ways of weight 1, one of them longer; a pulse in the first of three steps")
print(f"nirtorch.load: expected [2.0, 0.0, 0.0], seen {walked[0]}, at the sum {walked[1]}")
print(f"nirtorch.nir_to_torch: expected [2.0, 0.0, 0.0], seen {sorted_[0]}, at the sum {sorted_[1]}")
right = [2.0, 0.0, 0.0]
there = sorted_ == (right, right) and walked == ([1.0, 0.0, 0.0], [1.0, 1.0, 0.0])
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
