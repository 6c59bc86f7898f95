"""As `read.py`, in Spyx, which is JAX's and not torch's.

    cd benchmarks/exchange && build/spyx/bin/python read_spyx.py spyx FILE OUT [--lines]

Spyx makes a chain of layers of a graph, channels last. Without --lines they are taken as they come.
"""

import argparse
from importlib.metadata import version

import h5py
import jax
import jax.numpy as jnp
import nir
import numpy as np
from flax import nnx
from spyx.nir import _build_model

DT = 0.001


class Stepped:
    """In place of its IF: has the current of its step before it spikes, and the file's reset."""

    def __init__(self, node):
        self.threshold, self.reset = last(node.v_threshold), last(node.v_reset)
        self.soft = node.metadata.get("reset") == "subtraction"
        self.start = float(node.metadata.get("initial", 0.0))

    def __call__(self, x, V):
        V = V + x
        spikes = jnp.greater(V, self.threshold).astype(x.dtype)
        return spikes, V - spikes if self.soft else jnp.where(spikes > 0, self.reset, V)

    def initial_state(self, batch_size):
        return jnp.full((batch_size, *self.threshold.shape), self.start)


def channels_first(x):
    """In place of its Flatten: weights behind it are in NIR's order, with channels first."""
    x = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x
    return x.reshape(len(x), -1)


def last(values):
    """Channels last, as Spyx has it."""
    return values.transpose(1, 2, 0) if values.ndim == 3 else values


def names_of(graph):
    """Nodes in the order of the chain, as Spyx follows it: the first edge of each."""
    found, name = [], "input"
    while name != "output":
        name = next(after for before, after in graph.edges if before == name)
        found.append(name)
    return found[:-1]


def with_lines(layers, names, graph):
    """Layers of which weights are not rounded, and neurons step as NIR says."""
    for number, name in enumerate(names):
        node, layer = graph.nodes[name], layers[number]
        if isinstance(node, nir.IF):
            layers[number] = Stepped(node)
        elif isinstance(node, nir.Flatten):
            layers[number] = channels_first
        else:
            weight = node.weight.transpose(2, 3, 1, 0) if node.weight.ndim == 4 else node.weight.T
            layer.kernel.value = jnp.asarray(weight)
            if getattr(node, "bias", None) is not None:
                layer.bias.value = jnp.asarray(node.bias)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", choices=("spyx",))
    parser.add_argument("file")
    parser.add_argument("out")
    parser.add_argument("--lines", action="store_true")
    arguments = parser.parse_args()
    jax.config.update("jax_enable_x64", arguments.lines)
    graph = nir.read(arguments.file)
    with h5py.File(arguments.file) as file:
        inputs = file["nodes/input/observables/input/data"][0]
    layers = list(_build_model(graph, DT, nnx.Rngs(0)).layers)
    names = names_of(graph)
    if arguments.lines:
        with_lines(layers, names, graph)
    shape = tuple(int(side) for side in graph.nodes["input"].input_type["input"])
    states = [one.initial_state(1) if hasattr(one, "initial_state") else None for one in layers]
    kept = {name: [] for name in names if isinstance(graph.nodes[name], nir.IF)}
    for now in inputs:
        x = jnp.asarray(last(now.reshape(shape)))[None]
        x = x if arguments.lines else x.astype(jnp.float32)
        for number, (name, layer) in enumerate(zip(names, layers, strict=True)):
            if states[number] is None:
                x = layer(x)
                continue
            x, states[number] = layer(x, states[number])
            spikes = np.asarray(x[0]) > 0
            kept[name].append((spikes.transpose(2, 0, 1) if spikes.ndim == 3 else spikes).ravel())
    about = ", ".join(f"{name} {version(name)}" for name in ("spyx", "nir", "jax", "flax"))
    np.savez_compressed(
        arguments.out, about=np.array(about), **{k: np.array(v) for k, v in kept.items()}
    )


if __name__ == "__main__":
    main()
