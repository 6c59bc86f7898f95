#!/usr/bin/env bash
# One would guess: NeuroBench counts the synaptic operations of every layer that has weights, so that two networks which compute
# the same have the same operations; a layer that it does not know is at least named.
#
# What happens: neurobench 2.3.0 hooks Linear, Conv1d..3d and recurrent cells. A torch ConvTranspose2d is passed over without an error or a
# warning: its MACs and ACs are missing from SynapticOperations, dense and effective, while its parameters are in ParameterCount and
# Footprint. With a kernel of 1 x 1 and stride 1, ConvTranspose2d and Conv2d are one and the same map; one of them costs nothing.
#
# Why it matters: every U-Net and autoencoder with learned upsampling looks cheaper than it is, and cheaper than one that upsamples and
# convolves. Of the spiking U-Nets that this was seen with, 8 to 18 % of the effective ACs were missing.
#
# Source: neurobench/models/neurobench_model.py (connection_layers), neurobench/metrics/workload/synaptic_operations.py.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps neurobench==2.3.0 snntorch==1.0.0 tqdm==4.70.1

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics import static, workload
from neurobench.models import TorchModel
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def counted(layer):
    """What the package says of one layer and its ReLU, on an image of ones."""
    torch.manual_seed(0)
    weight = torch.rand(3, 2, 1, 1) + 0.5
    transposed = isinstance(layer, nn.ConvTranspose2d)
    layer.weight.data = weight.transpose(0, 1).contiguous() if transposed else weight
    data = DataLoader(TensorDataset(torch.ones(1, 2, 8, 8), torch.zeros(1)))
    metrics = [[static.ParameterCount], [workload.SynapticOperations]]
    net = nn.Sequential(layer, nn.ReLU()).eval()
    answer = net(torch.ones(1, 2, 8, 8))
    return answer, Benchmark(TorchModel(net), data, [], [], metrics).run(quiet=True, verbose=False)


one, plain = counted(nn.Conv2d(2, 3, 1, bias=False))
other, turned = counted(nn.ConvTranspose2d(2, 3, 1, bias=False))
print(f"neurobench {version('neurobench')}, torch {version('torch')}")
print("the same answer of both layers:", torch.allclose(one, other))
print("Conv2d:         ", plain)
print("ConvTranspose2d:", turned)
print("expected: 2 * 3 * 8 * 8 = 384 dense operations of both")
kept = (
    torch.allclose(one, other)
    and plain["ParameterCount"] == turned["ParameterCount"] == 6
    and plain["SynapticOperations"]["Dense"] == 384
    and turned["SynapticOperations"]["Dense"] == 0
)
print("seen: the transposed one has none" if kept else "changed")
raise SystemExit(0 if kept else 1)
PYTHON
