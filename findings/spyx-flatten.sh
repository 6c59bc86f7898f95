#!/usr/bin/env bash
# One would guess: a convolutional net in the Neuromorphic Intermediate Representation computes the same wherever it is read. Its maps are
# channels first, (channels, rows, columns), and Flatten followed by Linear says which weight belongs to which value.
#
# What happens: Spyx keeps maps channels last. Its reader turns the kernels of convolutions and the parameters of neurons around, but neither
# what Flatten makes of a map nor the weights behind it. So each value meets another's weight, and nothing fails, since the sizes fit. A file that Spyx
# itself wrote comes back to Spyx as it was, since its writer does the same, and so is read wrongly by everybody else.
#
# Why it matters: every classifier with convolutions has a Flatten. Imported, it answers at chance, or nearly, and conversion or spikes are suspected.
# Turn the map to channels first before it is flattened, or put the columns of the weights in the other order.
#
# Source: spyx/nir.py (`_build_model`, where a Linear's weight is only transposed) and spyx/nn.py (`Flatten`), Spyx 1.0.0.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check spyx==1.0.0 nir==1.0.8 jax==0.10.2 jaxlib==0.10.2 flax==0.12.8 numpy==2.4.6

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import nir
import numpy as np
from spyx.nir import from_nir

CHANNELS, ROWS, COLUMNS = 2, 2, 3
size = CHANNELS * ROWS * COLUMNS
nodes = {
    "input": nir.Input(input_type={"input": np.array([CHANNELS, ROWS, COLUMNS])}),
    "flat": nir.Flatten(input_type={"input": np.array([CHANNELS, ROWS, COLUMNS])}, start_dim=0, end_dim=-1),
    "linear": nir.Linear(weight=np.eye(size)),  # neuron n gets the value number n
    "neurons": nir.IF(r=np.ones(size), v_threshold=np.full(size, 1000.0)),
    "output": nir.Output(output_type={"output": np.array([size])}),
}
names = list(nodes)
graph = nir.NIRGraph(nodes=nodes, edges=list(zip(names, names[1:])))
image = np.arange(size, dtype=np.float32).reshape(CHANNELS, ROWS, COLUMNS)
by_nir = (graph.nodes["linear"].weight @ image.reshape(-1)).tolist()

# one step, one image, with its channels last, as Spyx takes it
shown = image.transpose(1, 2, 0)[None, None]
_, (_, states) = from_nir(graph, shown, dt=1, return_all_states=True)
potentials = np.asarray([one for one in states if one is not None][0]).ravel().tolist()

print(f"spyx {version('spyx')}, nir {version('nir')}, jax {version('jax')}")
print("expected, the potentials after one step by NIR:", *map(int, by_nir))
print("seen in Spyx:                                  ", *map(int, potentials))
channels_last = image.transpose(1, 2, 0).ravel().tolist()
raise SystemExit(0 if potentials == channels_last != by_nir else 1)
PYTHON
