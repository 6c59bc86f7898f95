"""The leaky integrate-and-fire neuron with a synaptic current and a choice of resets.

Between spikes the neuron obeys

    tau_syn di/dt = J - i,    tau_rc dv/dt = i - v

(``i = J`` without ``tau_syn``), and both are solved exactly for a ``J`` that is constant over a
step: two exponentials, no Euler. A neuron spikes where ``v > 1`` at the end of a step. With
``tau_syn = 0`` and reset to zero it is ``nengo.LIF``, to the last bit.

These are also the equations of NIR's ``LIF`` and ``CubaLIF``, with potentials in thresholds.

References
----------
Pedersen et al. (2024), 10.1038/s41467-024-52259-9: the equations of NIR.
Rotter, Diesmann (1999), 10.1007/s004220050570: exact integration of such systems.
"""

import nengo
import numpy as np
from nengo.dists import Choice
from nengo.params import EnumParam, NumberParam


class LeakyIntegrateAndFire(nengo.LIF):
    """A leaky integrate-and-fire neuron, threshold 1, one spike a step at most.

    Parameters
    ----------
    tau_rc : float
        Time constant of the potential (s).
    tau_ref : float
        Refractory period (s), in which the potential is held; the current goes on. It is counted
        from where the potential crossed 1 within its step, as ``nengo.LIF`` counts it; with reset
        by subtraction, which keeps what was above 1, from the end of the step.
    tau_syn : float
        Time constant of the synaptic current (s); 0 for none.
    reset : {"zero", "subtraction"}
        A spike sets the potential to 0, or takes 1 away.
    min_voltage : float
        Lowest potential, 0 or below; minus infinity for no bound.
    amplitude : float
        A spike is an impulse of area ``amplitude``.
    initial_state : dict
        Of ``voltage``, ``refractory_time`` and ``current``, each 0 if not given.
    """

    state = {"voltage": Choice([0]), "refractory_time": Choice([0]), "current": Choice([0])}

    tau_syn = NumberParam("tau_syn", low=0, readonly=True)
    reset = EnumParam("reset", default="zero", values=("zero", "subtraction"), readonly=True)

    def __init__(
        self,
        tau_rc=0.02,
        tau_ref=0.0,
        tau_syn=0.0,
        reset="zero",
        min_voltage=-np.inf,
        amplitude=1,
        initial_state=None,
    ):
        super().__init__(tau_rc, tau_ref, min_voltage, amplitude, initial_state)
        self.tau_syn = tau_syn
        self.reset = reset

    def step(self, dt, J, output, voltage, refractory_time, current):
        """Advance one step, in place; all arrays ``(neurons,)``."""
        if self.reset == "zero" and self.tau_syn == 0:
            super().step(dt, J, output, voltage, refractory_time)
            return
        refractory_time -= dt
        free = np.clip(dt - refractory_time, 0, dt)  # of the step, at its end
        shrink = np.expm1(-free / self.tau_rc)
        before = voltage.copy()
        voltage -= (J - voltage) * shrink
        if self.tau_syn > 0:
            then = current - (J - current) * np.expm1(-(dt - free) / self.tau_syn)
            voltage += (then - J) * carried(free, self.tau_rc, self.tau_syn)
            current -= (J - current) * np.expm1(-dt / self.tau_syn)
        # what a spike left above 1 has to wait for the end of the refractory period
        spiked = (voltage > 1) & (free > 0)
        output[:] = spiked * (self.amplitude / dt)
        np.maximum(voltage, self.min_voltage, out=voltage)
        if self.reset == "subtraction":  # how early it crossed is in the rest that is left
            refractory_time[spiked] = self.tau_ref + dt
            voltage[spiked] -= 1
            return
        # the constant current that would have led there
        steady = before[spiked] - (voltage[spiked] - before[spiked]) / shrink[spiked]
        refractory_time[spiked] = self.tau_ref + crossing(voltage[spiked], steady, dt, self.tau_rc)
        voltage[spiked] = 0


def carried(time, tau_rc: float, tau_syn: float):
    """What a synaptic current of 1 that decays adds to the potential within a time (s)."""
    if tau_rc == tau_syn:
        return time / tau_rc * np.exp(-time / tau_rc)
    apart = np.expm1(-time / tau_syn) - np.expm1(-time / tau_rc)
    return tau_syn / (tau_syn - tau_rc) * apart


def crossing(voltage, steady, dt: float, tau_rc: float):
    """When in its step a potential crossed 1 (s), on its way to a steady one; 0 to ``dt``.

    0 if it was above 1 all the time.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        gone = np.maximum(-(voltage - 1) / (steady - 1), -1)
        back = dt + tau_rc * np.log1p(gone)
    return np.where(steady > 1, np.clip(back, 0, dt), dt)
