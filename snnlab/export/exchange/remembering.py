"""Nodes of NIR that the lab has no neurons for, as functions that Nengo calls step by step.

Integrators (``I``), leaky ones (``LI``, ``CubaLI``), delays and thresholds, and leaky neurons whose
time constants differ within a node. The equations are NIR's, solved for an input that is constant
over a step; in `snnlab.export.exchange.literal` they are solved in another way.
"""

import numpy as np

from snnlab.export.exchange.literal import waits

KINDS = ("LI", "CubaLI", "I", "Threshold", "Delay")
_NEAR = 1e-9  # of two time constants that count as one


def differ(node) -> bool:
    """Whether a node's time constants differ from neuron to neuron."""
    taus = (np.ravel(getattr(node, key, 1.0)) for key in ("tau", "tau_mem", "tau_syn"))
    return any(np.ptp(tau) > _NEAR * tau.max() for tau in taus)


class Remembering:
    """A node, called with what comes in.

    Attributes
    ----------
    sent, potentials : list of numpy.ndarray, or None
        Of each step, of neurons that spike.
    most : int
        Numbers that it remembers.
    """

    def __init__(self, node, kind: str, shape: tuple[int, ...], dt: float, late: bool):
        def each(key):
            values = np.asarray(getattr(node, key), float)
            if values.size != 1 and values.shape != shape:
                raise ValueError(f"numbers for {values.size} values")
            return np.broadcast_to(values, shape).ravel()

        self.kind, size = kind, int(np.prod(shape))
        self.sent = self.potentials = None
        self.v, self.current = np.zeros(size), np.zeros(size)
        if kind == "Threshold":
            self.threshold = each("threshold")
        elif kind == "Delay":
            each("delay")
            back = np.broadcast_to(waits(node, dt), shape).ravel() - late
            self.back, self.at = back, 0
            self.past = np.zeros((back.max() + 1, size)) if back.max() * size < 1 << 24 else None
        else:
            self.gain = each("r") * (dt if kind == "I" else 1.0)
            if kind != "I":
                self._leaks(each, dt, "Cuba" in kind)
        if kind in ("LIF", "CubaLIF"):
            self.sent, self.potentials = [], []
            self.threshold, self.reset = each("v_threshold"), each("v_reset")
            self.soft = node.metadata.get("reset") == "subtraction"
            self.v[:] = node.metadata["initial"]
        self.most = size if kind != "Delay" else (int(self.back.max()) + 1) * size

    def _leaks(self, each, dt: float, current: bool) -> None:
        """What is left of potential and current after a step, and what the current brings."""
        self.leak = each("v_leak")
        tau = each("tau_mem" if current else "tau")
        self.kept = np.exp(-dt / tau)
        if not current:
            return
        syn, self.weight = each("tau_syn"), each("w_in")
        self.kept_current = np.exp(-dt / syn)
        same = np.abs(tau - syn) <= 1e-6 * tau
        with np.errstate(divide="ignore", invalid="ignore"):
            brought = syn / (syn - tau) * (self.kept_current - self.kept)
        self.brought = np.where(same, dt / tau * self.kept, brought)

    def __call__(self, t: float, given: np.ndarray) -> np.ndarray:
        """One step."""
        if self.kind == "Threshold":
            return (given > self.threshold).astype(float)
        if self.kind == "Delay":
            self.past[self.at % len(self.past)] = given
            row = (self.at - self.back) % len(self.past)
            self.at += 1
            return self.past[row, np.arange(len(given))]
        if self.kind == "I":
            self.v = self.v + self.gain * given
            return self.v
        if "Cuba" in self.kind:
            arrives = self.weight * given
            # the current goes from what it is to what arrives, and the potential follows it
            moved = arrives * (1 - self.kept) + (self.current - arrives) * self.brought
            self.v = self.leak + (self.v - self.leak) * self.kept + self.gain * moved
            self.current = arrives + (self.current - arrives) * self.kept_current
        else:
            steady = self.leak + self.gain * given
            self.v = steady + (self.v - steady) * self.kept
        return self.v if self.sent is None else self._spikes()

    def _spikes(self) -> np.ndarray:
        fired = self.v > self.threshold
        after = self.v - self.threshold if self.soft else self.reset
        self.v = np.where(fired, after, self.v)
        self.sent.append(fired)
        self.potentials.append(self.v)
        return fired.astype(float)
