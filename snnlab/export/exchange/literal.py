"""A graph of NIR run by NIR's own equations, and by nothing else: the first of all readers.

It knows what nodes of nir 1.0.8 say in their docstrings and in its shapes, and not how this lab
makes a graph. Step by step, each node after those that feed it:

* an input of a node is the sum of what its edges bring; edges take no time;
* ``Conv2d``, ``Affine``, ``Linear``, ``Scale``, ``SumPool2d``, ``AvgPool2d``, ``Flatten`` as said;
* ``IF``: ``v += dt r I`` (Euler's step, which is exact for a current that is constant over the
  step), a spike where ``v > v_threshold``, and there ``v = v_reset``;
* ``LIF``: ``v`` goes exponentially to ``v_leak + r I``, which is exact for such a current too;
* ``CubaLIF``: the same of two equations, by the exponential of their matrix;
* ``LI``, ``CubaLI``, ``I``: the same without spikes; what they send is their potential;
* ``Threshold``: 1 where the input is above it; ``Delay``: what came in that many whole steps ago.

A graph may have loops, if it is said which edges take a step; one into a ``Delay`` takes one of its
steps.

The one thing beyond NIR is the rule of this lab's metadata: with ``reset`` = ``subtraction`` a
spike takes ``subtract`` away, and ``initial`` is the first potential.
"""

import graphlib
from types import SimpleNamespace

import numpy as np
from scipy.linalg import expm

STATES = ("IF", "LIF", "CubaLIF", "LI", "CubaLI", "I", "Delay")


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
    spiking = [name for name in graph.nodes if kinds[name] in ("IF", "LIF", "CubaLIF")]
    state = {}  # of each node: potential, and current or what waits
    last = {}
    found = {name: [] for name in graph.nodes if name in spiking or kinds[name] == "Output"}
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
            if kinds[name] in STATES and name not in state:
                state[name] = _begin(node, kinds[name], given, dt, within[name] != before[name])
            if name in spiking:
                v, inflow = state[name]
                given = spikes(node, kinds[name], v, given + np.zeros_like(v), dt, inflow)
            elif name in state:
                given = _sent(node, kinds[name], state[name], given, dt)
            elif kinds[name] not in ("Input", "Output", "Pass"):
                given = linear(node, kinds[name], given)
            value[name] = given
            if name in found:
                seen = state[name][0].copy() if potentials and name in spiking else given
                found[name].append(seen)
        last = value
    for name in spiking if not potentials else ():
        found[name] = np.array(found[name]) > 0
    return {name: np.asarray(values) for name, values in found.items()}


def _begin(node, kind: str, given, dt: float, late: bool):
    """What a node remembers before the first step."""
    if kind == "Delay":
        back = waits(node, dt) - late
        return [given * 0.0 + back * 0.0 for _ in range(back.max())], back
    about = getattr(node, "metadata", {})
    v = np.full(np.broadcast_shapes(np.shape(given), node.r.shape), float(about.get("initial", 0)))
    return v, np.zeros_like(v)


def waits(node, dt: float) -> np.ndarray:
    """Whole steps of a delay."""
    return np.rint(node.delay / dt).astype(int)


def _sent(node, kind: str, state, given, dt: float):
    """What a node sends that remembers and does not spike."""
    if kind == "Delay":
        past, back = state
        past.append(given + back * 0.0)
        sent = sum(np.where(back == steps, past[-1 - steps], 0.0) for steps in np.unique(back))
        past.pop(0)
        return sent
    v, inflow = state
    given = given + np.zeros_like(v)
    if kind == "I":
        v += dt * node.r * given
    else:
        _leaks(node, "LIF" if kind == "LI" else "CubaLIF", v, given, dt, inflow)
    return v.copy()


def spikes(
    node, kind: str, v: np.ndarray, current: np.ndarray, dt: float, inflow: np.ndarray | None = None
) -> np.ndarray:
    """Advance neurons by a step, in place, and their synaptic current; 1 where there is a spike."""
    if kind == "IF":
        v += dt * node.r * current
    else:
        _leaks(node, kind, v, current, dt, inflow)
    fired = v > node.v_threshold
    soft = node.metadata.get("reset", "") == "subtraction"
    after = v - node.metadata.get("subtract", node.v_threshold) if soft else node.v_reset
    v[...] = np.where(fired, after, v)
    return fired.astype(float)


def _leaks(node, kind: str, v, current, dt: float, inflow) -> None:
    """A step of a leaky potential, in place."""
    if kind == "CubaLIF":
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


def both(dt: float, tau_syn: np.ndarray, tau_mem: np.ndarray) -> np.ndarray:
    """What becomes of current, potential and input (constant) in a step, ``(..., 3, 3)``."""
    rates = np.zeros((*np.shape(tau_syn), 3, 3))
    rates[..., 0, 0], rates[..., 0, 2] = -1 / tau_syn, 1 / tau_syn
    rates[..., 1, 0], rates[..., 1, 1] = 1 / tau_mem, -1 / tau_mem
    return expm(dt * rates)


def linear(node, kind: str, x: np.ndarray) -> np.ndarray:
    """What a node without a state makes of its input."""
    if kind in ("Affine", "Linear"):
        x = np.broadcast_to(x, node.weight.shape[1:]) if np.ndim(x) == 0 else x
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
    if kind == "Conv1d":
        return of_a_line(node, x)
    if kind == "Threshold":
        return (x > node.threshold).astype(float)
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


def of_a_line(node, x: np.ndarray) -> np.ndarray:
    """NIR's one-dimensional convolution, ``(channels, places)``: the other of one row."""
    row = {
        key: (one, int(np.ravel(getattr(node, key))[0]))
        for key, one in (("stride", 1), ("padding", 0), ("dilation", 1))
    }
    made = SimpleNamespace(
        weight=node.weight[:, :, None], bias=node.bias, groups=node.groups, **row
    )
    return convolved(made, x[:, None])[:, 0]


def windows(x, size, stride, padding, dilation=(1, 1)) -> np.ndarray:
    """Every window: ``(channels, rows, columns, taps, taps)``; outside are zeros."""
    size, stride, padding, dilation = (
        [int(one) for one in np.broadcast_to(two, 2)] for two in (size, stride, padding, dilation)
    )
    x = np.pad(x, [(0, 0), *((p, p) for p in padding)])
    reach = tuple((taps - 1) * d + 1 for taps, d in zip(size, dilation, strict=True))
    seen = np.lib.stride_tricks.sliding_window_view(x, reach, (1, 2))
    return seen[:, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
