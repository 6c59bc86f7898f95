"""Let NeuroBench count a net in torch, and print what it says as JSON.

    benchmarks/neurobench/build/venv/bin/python benchmarks/neurobench/count.py FILE [--plain]

FILE is an .npz of `benchmarks.neurobench.cases.written`: weights, the input and every spike.
Neurons whose rule is in it integrate and fire here, all others repeat their spikes. ``fired`` is
the share of the first, and ``same`` that of their outputs that are as in the file. With --plain,
padding is a layer of its own and a transposed convolution is torch's.
"""

import argparse
import contextlib
import json
import sys

import numpy as np
import torch
from neurobench import __version__
from neurobench.benchmarks import Benchmark
from neurobench.metrics import static, workload
from neurobench.models import TorchModel
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset


def around(size, after, kernel, stride):
    """Pixels before and behind, as TensorFlow places ``same`` padding."""
    both = max((after - 1) * stride + kernel - size, 0)
    return both // 2, both - both // 2


class Same(nn.Conv2d):
    """Pads inside: what is padded before it would be input to NeuroBench."""

    def forward(self, x):
        rows, columns = (around(n, -(-n // self.by), self.side, self.by) for n in x.shape[-2:])
        padded = functional.pad(x, (*columns, *rows))
        return functional.conv2d(padded, self.weight, self.bias, self.by)


class Transposed(nn.Conv2d):
    """Called a convolution, as NeuroBench looks for those and passes ConvTranspose2d over."""

    def forward(self, x):
        height, width = x.shape[-2:]
        weight = self.weight.transpose(0, 1)
        whole = functional.conv_transpose2d(x, weight, self.bias, self.by)
        top, left = (around(n * self.by, n, self.side, self.by)[0] for n in (height, width))
        return whole[:, :, top : top + height * self.by, left : left + width * self.by]


class Padded(nn.Module):
    """The same of torch's own layers."""

    def __init__(self, wire, convolution):
        super().__init__()
        self.wire, self.convolution = wire, convolution

    def forward(self, x):
        kernel, by = self.wire["kernel"], self.wire["stride"]
        if self.wire["kind"] == "conv":
            rows, columns = (around(n, -(-n // by), kernel, by) for n in x.shape[-2:])
            return self.convolution(functional.pad(x, (*columns, *rows)))
        height, width = (n * by for n in x.shape[-2:])
        top, left = (around(n * by, n, kernel, by)[0] for n in x.shape[-2:])
        return self.convolution(x)[:, :, top : top + height, left : left + width]


def convolution(wire, weight, bias, plain):
    """A wire's module; weight ``(rows, columns, in, out)``."""
    into, out = weight.shape[2:]
    forward = wire["kind"] == "conv"
    sides = {"kernel_size": wire["kernel"], "stride": wire["stride"], "bias": bias is not None}
    kernel = torch.tensor(weight).permute(3, 2, 0, 1).contiguous()
    if plain:
        module = (nn.Conv2d if forward else nn.ConvTranspose2d)(into, out, **sides).double()
        module.weight.data = kernel if forward else kernel.transpose(0, 1).contiguous()
    else:
        module = (Same if forward else Transposed)(into, out, **sides).double()
        module.weight.data, module.by, module.side = kernel, wire["stride"], wire["kernel"]
    if bias is not None:
        module.bias.data = torch.tensor(bias)
    return Padded(wire, module) if plain else module


class Neurons(nn.Module):
    """A population: by its rule, or as it was."""

    def __init__(self, rule, spikes):
        super().__init__()
        self.rule, self.spikes, self.step = rule, spikes, 0
        self.potential, self.same = None, 0

    def forward(self, current):
        now = torch.tensor(self.spikes[self.step], dtype=torch.float64).permute(2, 0, 1)[None]
        self.step += 1
        if self.rule is None:
            return now
        if self.potential is None:
            self.potential = torch.full_like(current, self.rule["initial"])
        potential = (self.potential + current).clamp(min=self.rule["lower"])
        spiked = potential >= 1
        self.potential = (
            torch.where(spiked, 0.0, potential)
            if self.rule["reset"] == "zero"
            else potential - 1.0 * spiked
        )
        self.same += int((spiked == (now != 0)).sum())
        return spiked.double()


class Net(nn.Module):
    """The whole, called with ``(1, steps, 1, height, width)``."""

    def __init__(self, about, arrays, plain):
        super().__init__()
        self.about = about
        self.wires, self.neurons = nn.ModuleDict(), nn.ModuleDict()
        for one in about["populations"]:
            self.neurons[one["name"]] = Neurons(one["rule"], arrays[f"spikes/{one['name']}"])
        for layer in about["layers"]:
            for number, wire in enumerate(layer["wires"]):
                bias = None if number else arrays[f"bias/{layer['name']}"]
                name = f"{layer['name']}/{number}"
                self.wires[name] = convolution(wire, arrays[f"weight/{name}"], bias, plain)

    def forward(self, shown):
        layers = {layer["name"]: layer for layer in self.about["layers"]}
        answers = []
        for now in shown[0]:
            out = {"image": now[None]}
            for name, neurons in self.neurons.items():
                # what stands between layers repeats its spikes, whatever its current
                out[name] = neurons(self.current(layers[name], out) if name in layers else None)
            answers.append(self.current(self.about["layers"][-1], out))
        return torch.stack(answers).mean(0)

    def current(self, layer, out):
        return sum(
            self.wires[f"{layer['name']}/{number}"](out[wire["source"]])
            for number, wire in enumerate(layer["wires"])
        )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--plain", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arrays = np.load(arguments.file)
    about = json.loads(str(arrays["about"]))
    net = Net(about, arrays, arguments.plain)
    model = TorchModel(net)
    model.add_activation_module(Neurons)
    shown = torch.tensor(arrays["shown"], dtype=torch.float64)[None]
    data = DataLoader(TensorDataset(shown, torch.zeros(1)))
    of_net = [static.ParameterCount, static.Footprint, static.ConnectionSparsity]
    of_run = [
        workload.ActivationSparsity,
        workload.ActivationSparsityByLayer,
        workload.SynapticOperations,
    ]
    benchmark = Benchmark(model, data, [], [], [of_net, of_run])
    with contextlib.redirect_stdout(sys.stderr), torch.no_grad():
        results = benchmark.run(quiet=False)
        # sums are exact in double precision, and a net is stored in single
        results["Footprint"] = static.Footprint()(TorchModel(net.float()))
    fired = [one for one in net.neurons.values() if one.rule is not None]
    of = sum(one.spikes.size for one in fired)
    print(json.dumps({
        "neurobench": __version__, "torch": torch.__version__.partition("+")[0],
        "same": sum(one.same for one in fired) / of if of else None,
        "fired": of / sum(one.spikes.size for one in net.neurons.values()), "results": results,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
