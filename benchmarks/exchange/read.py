"""Run a graph that the lab exported in one library, and write down its spikes.

    benchmarks/exchange/build/norse/bin/python benchmarks/exchange/read.py norse FILE OUT [--lines]

The input is that of the file's reference run; OUT becomes an .npz. Without --lines the library
reads the file by itself, as its documentation says. With them the lines of its function below are
added, which docs/exchange.md explains: double precision, and what it does not take from the file.
"""

import argparse
import contextlib
import logging
import sys
from graphlib import TopologicalSorter
from importlib.metadata import version

import h5py
import nir
import numpy as np
import torch
from torch import nn


def norse(graph, lines):
    """Its neurons reset to zero; it takes neither ``r`` nor ``v_reset``."""
    from norse.torch import from_nir

    logging.disable()
    net = from_nir(graph, dt=0.001)
    if lines:
        in_order(net, graph)
        doubled(net, graph)
        for name, module in modules(net, graph):
            if isinstance(graph.nodes[name], nir.IF):
                module.p = module.p._replace(v_th=torch.tensor(graph.nodes[name].v_threshold))
    return net


def spikingjelly(graph, lines):
    """It wants ``r = 1 / dt`` and one threshold per layer, which it takes as one to be reached."""
    from spikingjelly.activation_based.nir_exchange import import_from_nir

    precision = torch.float64 if lines else torch.float32
    net = import_from_nir(graph, dt=0.001, dtype=precision, step_mode="s")
    for name, module in modules(net, graph) if lines else ():
        about = graph.nodes[name].metadata
        if about.get("reset") == "subtraction":
            module.module.v_reset = None
            module.module.set_reset_value("v", float(about["initial"]))
            module.module.reset()
    return net


def snntorch(graph, lines):
    """It has no neuron without a leak for ``IF``; its spikes are in single precision: no lines."""
    from snntorch.import_nir import import_from_nir

    with contextlib.redirect_stdout(sys.stderr):
        return import_from_nir(graph)


def sinabs(graph, lines):
    """Its neurons subtract, send several spikes per step, and stop at minus the threshold."""
    from sinabs import activation
    from sinabs.nir import from_nir

    class Single(activation.SingleSpike):
        @staticmethod
        def forward(ctx, v, threshold, surrogate):
            return (v > threshold).to(v.dtype)  # its own is single precision

    net = from_nir(graph, batch_size=1)
    if lines:
        in_order(net, graph)
        doubled(net, graph)
        for name, module in modules(net, graph):
            node = graph.nodes[name]
            if isinstance(node, nir.IF):
                module.min_v_mem, module.spike_fn = None, Single
                module.reset_fn = activation.MembraneReset()
                if node.metadata.get("reset") == "subtraction":
                    module.reset_fn = activation.MembraneSubtract(1.0)
                module.spike_threshold.data = torch.tensor(node.v_threshold)
                start = np.full((1, *node.r.shape), node.metadata.get("initial", 0.0))
                module.v_mem = torch.tensor(start)
    return net


def in_order(net, graph):
    """nirtorch.load runs nodes in the order of a walk, in which what a skip brings may be late."""
    before = {name: {a for a, b in graph.edges if b == name} for name in graph.nodes}
    rank = {name: n for n, name in enumerate(TopologicalSorter(before).static_order())}
    net.execution_order.sort(key=lambda node: rank[node.name])


def doubled(net, graph):
    """Weights as they are in the file, which libraries round to single precision."""
    net.double()
    for name, module in modules(net, graph):
        if hasattr(graph.nodes[name], "weight"):
            module.weight.data = torch.tensor(graph.nodes[name].weight)
        if hasattr(graph.nodes[name], "bias"):
            module.bias.data = torch.tensor(graph.nodes[name].bias)


def modules(net, graph):
    """Modules by the names of the graph's nodes."""
    found = dict(net.named_modules())
    for name in graph.nodes:
        module = found.get(name.replace(".", "_")) or found.get(name)
        if module is not None and not isinstance(module, nn.Identity):
            yield name, module


def run(net, graph, inputs, double):
    """Step by step; every spiking node's output, ``(steps, neurons)``."""
    before = {name: {a for a, b in graph.edges if b == name} for name in graph.nodes}
    order = TopologicalSorter(before).static_order()  # a file has names by the alphabet
    kept = {name: [] for name in order if isinstance(graph.nodes[name], nir.IF | nir.LIF)}

    def keep(name):
        def hook(module, given, out):
            first = out[0] if isinstance(out, tuple) else out
            kept[name].append(first.detach().reshape(-1).to(torch.uint8).numpy())

        return hook

    for name, module in modules(net, graph):
        if name in kept:
            module.register_forward_hook(keep(name))
    shape = tuple(int(side) for side in graph.nodes["input"].input_type["input"])
    state = None
    with torch.no_grad():
        for now in inputs:
            x = torch.tensor(now.reshape(1, *shape), dtype=torch.float64 if double else None)
            x = x if double else x.float()
            out = net(x) if state is None else net(x, state)
            state = out[1] if isinstance(out, tuple) and len(out) > 1 else None
    return {name: np.array(steps) for name, steps in kept.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=("norse", "sinabs", "snntorch", "spikingjelly"))
    parser.add_argument("file")
    parser.add_argument("out")
    parser.add_argument("--lines", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    graph = nir.read(arguments.file)
    with h5py.File(arguments.file) as file:  # nir 1.0.4 has no read_data
        inputs = file["nodes/input/observables/input/data"][0]
    net = globals()[arguments.library](graph, arguments.lines)
    double = next(module.weight for module in net.modules() if hasattr(module, "weight"))
    found = run(net, graph, inputs, double.dtype == torch.float64)
    names = (arguments.library, "nir", "nirtorch", "torch")
    about = ", ".join(f"{name} {version(name)}" for name in names)
    np.savez_compressed(arguments.out, about=np.array(about), **found)


if __name__ == "__main__":
    main()
