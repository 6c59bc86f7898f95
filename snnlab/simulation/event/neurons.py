"""Nengo's neuron types, gains, biases and initial potentials, as the kernels take them."""

import nengo
import numpy as np
from nengo.builder.ensemble import gen_eval_points, get_gain_bias
from nengo.dists import Choice, Distribution, get_samples

from snnlab.simulation.event import kernels as k
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.neurons import IntegrateAndFire


def parameters(ensemble: nengo.Ensemble, seed) -> dict:
    """What a stage needs to know of an ensemble.

    Parameters
    ----------
    ensemble : nengo.Ensemble
    seed : callable
        Gives the seed that Nengo's builder would use; asked only for what is random.

    Returns
    -------
    dict
        kind, bias, gain, amplitude, voltage, lower: as in `plan.Stage`.
    """
    neurons = ensemble.neuron_type
    bias, gain = _gain_bias(ensemble, seed)
    found = {"bias": bias, "gain": gain, "amplitude": getattr(neurons, "amplitude", 1.0)}
    name = type(neurons).__name__
    if type(neurons) is nengo.RectifiedLinear:
        return found | {"kind": k.RECTIFIED}
    if type(neurons) is nengo.SpikingRectifiedLinear:
        found["kind"] = k.RECTIFIED_SPIKING
    elif isinstance(neurons, IntegrateAndFire):
        found["kind"] = k.ZERO if neurons.reset == "zero" else k.SUBTRACT
        found["lower"] = float(neurons.lower)
    elif name == "LoihiSpikingRectifiedLinear":
        found["kind"] = k.LOIHI
    else:
        raise Unsupported(
            f"{ensemble} has {name} neurons; the event-driven simulator knows RectifiedLinear, "
            "SpikingRectifiedLinear, LoihiSpikingRectifiedLinear and IntegrateAndFire."
        )
    return found | {"voltage": _voltage(ensemble, seed)}


def _fixed(values) -> np.ndarray | None:
    """The values of a parameter that is not random; None if it is."""
    if isinstance(values, Choice) and len(values.options) == 1 and values.options.ndim == 1:
        return np.asarray(values.options, float)
    if isinstance(values, Distribution):
        return None
    return np.atleast_1d(np.asarray(values, float))


def _gain_bias(ensemble, seed) -> tuple[np.ndarray, np.ndarray]:
    if ensemble.gain is not None and ensemble.bias is not None:
        gain, bias = _fixed(ensemble.gain), _fixed(ensemble.bias)
        if gain is not None and bias is not None:
            return bias, gain
    # as Nengo's builder does, in its order, since each draws from the same stream
    rng = np.random.RandomState(seed(ensemble))
    gen_eval_points(ensemble, ensemble.eval_points, rng=rng)
    if isinstance(ensemble.encoders, Distribution):
        get_samples(ensemble.encoders, ensemble.n_neurons, ensemble.dimensions, rng=rng)
    gain, bias, _, _ = get_gain_bias(ensemble, rng)
    return bias, gain


def _voltage(ensemble, seed) -> float | np.ndarray:
    """Initial potential."""
    neurons = ensemble.neuron_type
    given = (neurons.initial_state or {}).get("voltage", neurons.state["voltage"])
    fixed = _fixed(given)
    if fixed is None:
        rng = np.random.RandomState(seed(ensemble) + 1)
        return neurons.make_state(ensemble.n_neurons, rng=rng)["voltage"]
    return float(fixed[0]) if fixed.size == 1 else fixed
