"""Nodes that compute their output from the time alone, stepped as Nengo steps them."""

import nengo
import numpy as np

from snnlab.simulation.event.errors import Unsupported


class Drivers:
    """The functions and processes of such nodes, from the first step on.

    Parameters
    ----------
    nodes : list of nengo.Node
    dt : float
    seed : int or None
        For processes without a seed of their own.
    """

    def __init__(self, nodes: list[nengo.Node], dt: float, seed: int | None):
        self.dt = dt
        rng = np.random.RandomState(seed)
        self.steps = {node: self._step(node, rng) for node in nodes}
        self.done = 0
        # what was computed for a run that may not happen
        self.ahead = {node: np.zeros((0, node.size_out)) for node in nodes}

    def _step(self, node, rng):
        if isinstance(node.output, nengo.Process):
            size = (node.size_out,)
            state = node.output.make_state((0,), size, self.dt)
            return node.output.make_step((0,), size, self.dt, node.output.get_rng(rng), state)
        if callable(node.output):
            return node.output
        raise Unsupported(f"{node} has an output that the event-driven simulator cannot run.")

    def __call__(self, node: nengo.Node, steps: int) -> np.ndarray:
        """The node's next values, float64 ``(steps, size)``; the same ones until `advance`."""
        held = self.ahead[node]
        values = np.empty((max(steps - len(held), 0), node.size_out))
        for step in range(len(values)):
            value = self.steps[node]((self.done + len(held) + step + 1) * self.dt)
            if node.size_out:
                try:
                    values[step] = value
                except (TypeError, ValueError) as error:
                    raise nengo.exceptions.SimulationError(
                        f"{node} gave a value that is not {node.size_out} numbers."
                    ) from error
        if not np.isfinite(values).all():
            raise nengo.exceptions.SimulationError(f"{node} gave a value that is not finite.")
        self.ahead[node] = np.concatenate([held, values])
        return self.ahead[node][:steps]

    def advance(self, steps: int) -> None:
        """Those steps have been run."""
        self.done += steps
        self.ahead = {node: values[steps:] for node, values in self.ahead.items()}
