"""Graphs of NIR, written by nir itself, for tests."""

import nir
import numpy as np


def neurons(shape, threshold=1.0, v_reset=0.0, r=1000.0, **metadata):
    full = np.ones(shape)
    return nir.IF(full * r, full * threshold, full * v_reset, metadata=metadata)


def conv(random, out, depth, side=3, stride=1, padding=1, shape=None):
    weight = random.normal(0.08, 0.3, (out, depth, side, side))
    return nir.Conv2d(
        shape, weight, (stride,) * 2, padding, (1, 1), 1, random.normal(0.1, 0.1, out)
    )


def classifier(seed=0, **more) -> nir.NIRGraph:
    """Convolutions, a skip, a pool, Flatten, Affine, Scale; thresholds and resets of all kinds."""
    random = np.random.default_rng(seed)
    nodes = {
        "input": nir.Input(input_type={"input": np.array([2, 9, 10])}),
        "c1": conv(random, 4, 2, stride=2, shape=(9, 10)),
        "n1": neurons((4, 5, 5), 0.75, -0.25, **more),
        "c2": conv(random, 4, 4, shape=(5, 5)),
        "n2": neurons((4, 5, 5), 1.5, -0.5, 2000.0, **more),
        "s": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "n3": neurons((4, 2, 2), 3.0, -1.0, **more),
        "flat": nir.Flatten(input_type={"input": np.array([4, 2, 2])}, start_dim=0),
        "a": nir.Affine(random.normal(0.2, 0.5, (6, 16)), random.normal(0.2, 0.1, 6)),
        "scale": nir.Scale(random.uniform(0.5, 1.5, 6)),
        "n4": neurons((6,), 0.375, -0.125, **more),
        "l": nir.Linear(random.normal(0.3, 0.5, (3, 6))),
        "n5": neurons((3,), 0.75, -0.25, **more),
        "output": nir.Output(output_type={"output": np.array([3])}),
    }  # fmt: skip
    names = list(nodes)
    edges = [*zip(names, names[1:], strict=False), ("n1", "n2")]
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)


def write(path, graph):
    nir.write(path, graph)
    return path
