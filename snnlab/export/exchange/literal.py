"""A graph of NIR run by NIR's own equations, and by nothing else: the first of all readers.

It knows what nodes of nir 1.0.8 say in their docstrings and in its shapes, and not how this lab
makes a graph. Step by step, each node after those that feed it:

* an input of a node is the sum of what its edges bring; edges take no time;
* ``Conv2d``, ``Affine``, ``Linear``, ``Scale``, ``SumPool2d``, ``AvgPool2d``, ``Flatten`` as said;
* ``IF``: ``v += dt r I`` (Euler's step, which is exact for a current that is constant over the
  step), a spike where ``v > v_threshold``, and there ``v = v_reset``;
* ``LIF``: ``v`` goes exponentially to ``v_leak + r I``, which is exact for such a current too;
* ``CubaLIF``: the same of two equations, by the exponential of their matrix.

A graph may have loops, if it is said which edges take a step.

The one thing beyond NIR is the rule of this lab's metadata: with ``reset`` = ``subtraction`` a
spike takes ``subtract`` away, and ``initial`` is the first potential.
"""

import graphlib

import numpy as np
from scipy.linalg import expm


def run(
    graph, image: np.ndarray, timesteps: int, dt: float = 0.001, late=(), potentials: bool = False
) -> dict[str, np.ndarray]:
    """Run a graph on a constant input.

    Parameters
    ----------
    graph : nir.NIRGraph
        With one input, and without loops but those that ``late`` opens.
    image : numpy.ndarray
        Of the input's shape; or ``(timesteps, ...)`` of such, one for each step.
    timesteps : int
    dt : float
        Length of a step (s).
    late : collection of pairs of str
        Edges that bring what was there a step before.
    potentials : bool
        Whether potentials are wanted in place of spikes, float64: at the end of each step.

    Returns
    -------
    dict
        By the name of a spiking node: bool ``(timesteps, *shape)``. Under ``"output"``, if the last
        node does not spike, what it gives, float64.
    """
    before = {name: [a for a, b in graph.edges if b == name] for name in graph.nodes}
    within = {name: [a for a in before[name] if (a, name) not in late] for name in graph.nodes}
    order = list(graphlib.TopologicalSorter(within).static_order())
    kinds = {name: type(node).__name__ for name, node in graph.nodes.items()}
    state = {
        name: np.full(node.v_threshold.shape, float(node.metadata.get("initial", 0.0)))
        for name, node in graph.nodes.items()
        if kinds[name] in ("IF", "LIF", "CubaLIF")
    }
    inflow = {name: np.zeros_like(v) for name, v in state.items()}
    last = {}
    found = {name: [] for name in graph.nodes if name in state or kinds[name] == "Output"}
    shape = tuple(next(n for n in graph.nodes.values() if type(n).__name__ == "Input").input_type[
        "input"
    ])  # fmt: skip
    image = np.asarray(image, float)
    steps = image if image.shape == (timesteps, *shape) else [image.reshape(shape)] * timesteps
    for now in steps:
        value = {}
        for name in order:
            node = graph.nodes[name]
            given = now
            if kinds[name] != "Input":
                given = sum(
                    last.get(a, 0.0) if (a, name) in late else value[a] for a in before[name]
                )
            if name in state:
                given = spikes(node, kinds[name], state[name], given, dt, inflow[name])
            elif kinds[name] not in ("Input", "Output"):
                given = linear(node, kinds[name], given)
            value[name] = given
            if name in found:
                seen = state[name].copy() if potentials and name in state else given
                found[name].append(seen)
        last = value
    for name in state if not potentials else ():
        found[name] = np.array(found[name]) > 0
    return {name: np.asarray(values) for name, values in found.items()}


def spikes(
    node, kind: str, v: np.ndarray, current: np.ndarray, dt: float, inflow: np.ndarray | None = None
) -> np.ndarray:
    """Advance neurons by a step, in place, and their synaptic current; 1 where there is a spike."""
    if kind == "IF":
        v += dt * node.r * current
    elif kind == "CubaLIF":
        moved = both(dt, node.tau_syn, node.tau_mem)
        arrives = node.w_in * current
        v *= moved[..., 1, 1]
        v += node.r * (moved[..., 1, 0] * inflow + moved[..., 1, 2] * arrives)
        v += (1 - moved[..., 1, 1]) * node.v_leak
        inflow *= moved[..., 0, 0]
        inflow += moved[..., 0, 2] * arrives
    else:
        # so written, a leak next to nothing takes next to nothing
        v -= (v - node.v_leak - node.r * current) * -np.expm1(-dt / node.tau)
    fired = v > node.v_threshold
    soft = node.metadata.get("reset", "") == "subtraction"
    after = v - node.metadata.get("subtract", node.v_threshold) if soft else node.v_reset
    v[...] = np.where(fired, after, v)
    return fired.astype(float)


def both(dt: float, tau_syn: np.ndarray, tau_mem: np.ndarray) -> np.ndarray:
    """What becomes of current, potential and input (constant) in a step, ``(..., 3, 3)``."""
    rates = np.zeros((*np.shape(tau_syn), 3, 3))
    rates[..., 0, 0], rates[..., 0, 2] = -1 / tau_syn, 1 / tau_syn
    rates[..., 1, 0], rates[..., 1, 1] = 1 / tau_mem, -1 / tau_mem
    return expm(dt * rates)


def linear(node, kind: str, x: np.ndarray) -> np.ndarray:
    """What a node without a state makes of its input."""
    if kind in ("Affine", "Linear"):
        return node.weight @ x + (node.bias if kind == "Affine" else 0)
    if kind == "Scale":
        return node.scale * x
    if kind == "Flatten":
        last = node.end_dim % x.ndim
        return x.reshape(*x.shape[: node.start_dim], -1, *x.shape[last + 1 :])
    if kind in ("SumPool2d", "AvgPool2d"):
        seen = windows(x, node.kernel_size, node.stride, node.padding)
        return seen.sum((3, 4)) if kind == "SumPool2d" else seen.mean((3, 4))
    if kind == "Conv2d":
        return convolved(node, x)
    raise ValueError(f"a {kind} is not run here")


def convolved(node, x: np.ndarray) -> np.ndarray:
    """NIR's two-dimensional convolution, ``(channels, rows, columns)``."""
    many, depth, rows, columns = node.weight.shape
    seen = windows(x, (rows, columns), node.stride, node.padding, node.dilation)
    _, high, wide, _, _ = seen.shape
    groups = int(node.groups)
    parts = [
        np.tensordot(weight, group, ([1, 2, 3], [0, 3, 4]))
        for weight, group in zip(
            np.split(node.weight, groups), np.split(seen, groups), strict=True
        )
    ]  # fmt: skip
    return np.concatenate(parts).reshape(many, high, wide) + node.bias[:, None, None]


def windows(x, size, stride, padding, dilation=(1, 1)) -> np.ndarray:
    """Every window: ``(channels, rows, columns, taps, taps)``; outside are zeros."""
    size, stride, padding, dilation = (
        [int(one) for one in np.broadcast_to(two, 2)] for two in (size, stride, padding, dilation)
    )
    x = np.pad(x, [(0, 0), *((p, p) for p in padding)])
    reach = tuple((taps - 1) * d + 1 for taps, d in zip(size, dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(x, reach, (1, 2))
    return seen[:, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
