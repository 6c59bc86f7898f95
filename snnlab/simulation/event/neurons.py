"""Nengo's neuron types, gains, biases and initial potentials, as a stage takes them."""

import warnings

import nengo
import numpy as np
from nengo.builder.ensemble import gen_eval_points, get_gain_bias
from nengo.dists import Choice, Distribution, get_samples
from nengo.exceptions import NengoWarning

from snnlab.simulation.chance import Poisson
from snnlab.simulation.event import layout as at
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.plan import Behaviour
from snnlab.simulation.gates import MaxPoolGate
from snnlab.simulation.graded import Bistable, MultiThreshold
from snnlab.simulation.leaky import LeakyIntegrateAndFire
from snnlab.simulation.neurons import IntegrateAndFire, Tiled
from snnlab.simulation.softmax import SpikingSoftmax


def behaviour(ensemble: nengo.Ensemble, seed) -> Behaviour:
    """What the neurons of an ensemble do.

    Parameters
    ----------
    ensemble : nengo.Ensemble
    seed : callable
        Gives the seed that Nengo's builder would use; asked only for what is random.

    Raises
    ------
    Unsupported
        For neurons that this simulator does not know.
    """
    neurons = ensemble.neuron_type
    if type(neurons) is nengo.RectifiedLinear:
        return Behaviour(least=0, graded=1, amplitude=neurons.amplitude)
    if type(neurons) in _RATES:
        # over what the steps of all neurons are, as Nengo does over the neurons of one
        return Behaviour(graded=2, rates=lambda J: neurons.step(1.0, J.copy(), J))
    spiking = {"amplitude": neurons.amplitude} if hasattr(neurons, "amplitude") else {}
    if type(neurons) is nengo.SpikingRectifiedLinear:
        spiking |= {"least": 0, "several": True}
    elif type(neurons) is IntegrateAndFire:
        spiking |= {"lower": float(neurons.lower), "to_zero": neurons.reset == "zero"}
    # by name: NengoLoihi is not imported for those who do not use it
    elif f"{type(neurons).__module__}.{type(neurons).__name__}" == (
        "nengo_loihi.neurons.LoihiSpikingRectifiedLinear"
    ):
        spiking |= {"lower": 0.0, "above": True, "to_zero": True}
    elif type(neurons) in (nengo.LIF, LeakyIntegrateAndFire):
        spiking |= _leaky(ensemble, seed)
    elif type(neurons) in _SPECIAL:
        spiking |= _SPECIAL[type(neurons)](neurons)
    else:
        raise Unsupported(
            f"{ensemble} has {type(neurons).__name__} neurons; the event-driven simulator knows "
            "LIF, SpikingRectifiedLinear, RectifiedLinear, LIFRate, Sigmoid, Tanh, "
            "LoihiSpikingRectifiedLinear, IntegrateAndFire, LeakyIntegrateAndFire, "
            + ", ".join(known.__name__ for known in _SPECIAL)
            + "."
        )
    return Behaviour(**spiking, voltage=_begin(ensemble, seed, "voltage"))


_RATES = (nengo.LIFRate, nengo.Sigmoid, nengo.Tanh)  # beside RectifiedLinear


def _leaky(ensemble, seed) -> dict:
    neurons = ensemble.neuron_type
    tau_syn = float(getattr(neurons, "tau_syn", 0.0))
    soft = getattr(neurons, "reset", "zero") == "subtraction"
    names = ["refractory_time", "current"] if tau_syn else ["refractory_time"]
    kept = tuple(_begin(ensemble, seed, name) for name in names)
    return {
        "kind": at.LEAKY,
        "lower": float(neurons.min_voltage),
        "to_zero": not soft,
        "leak": (float(neurons.tau_rc), float(neurons.tau_ref), tau_syn),
        "clipped": soft or tau_syn > 0,
        "kept": kept if any(np.any(one) for one in kept) else (),
    }


_SPECIAL = {
    MultiThreshold: lambda n: {
        "kind": at.MULTI_THRESHOLD,
        "sizes": n.sizes,
        "together": n.together,
    },
    Bistable: lambda n: {"kind": at.BISTABLE, "sizes": n.sizes, "start": n.start},
    MaxPoolGate: lambda n: {"kind": at.GATE, "inputs": n.inputs},
    Poisson: lambda n: {"kind": at.POISSON, "seed": n.seed},
    SpikingSoftmax: lambda n: {
        "kind": at.SOFTMAX,
        "inputs": n.classes,
        "share": n.rate,
        "seed": n.seed,
    },
}


def _fixed(values) -> np.ndarray | None:
    """The values of a parameter that is not random, over and over; None if it is random."""
    if isinstance(values, Choice) and len(values.options) == 1 and values.options.ndim == 1:
        return np.asarray(values.options, float)
    if isinstance(values, Tiled):
        return values.values
    if isinstance(values, Distribution):
        return None
    return np.atleast_1d(np.asarray(values, float))


def gain_bias(ensemble: nengo.Ensemble, seed) -> tuple[np.ndarray, np.ndarray]:
    """Gain and bias, as Nengo's builder finds them.

    Each has as many values as there are neurons, or fewer that repeat.
    """
    if ensemble.gain is not None and ensemble.bias is not None:
        given = ("max_rates", "intercepts")
        if any(getattr(ensemble, one) != getattr(nengo.Ensemble, one).default for one in given):
            warnings.warn(
                NengoWarning(f"{ensemble} has gains and biases; its max_rates or intercepts have"
                             " no effect."),
                stacklevel=2,
            )  # fmt: skip
        gain, bias = _fixed(ensemble.gain), _fixed(ensemble.bias)
        if gain is not None and bias is not None:
            return gain, bias
    elif ensemble.gain is not None or ensemble.bias is not None:
        raise Unsupported(f"{ensemble} has a gain or a bias, but not both; give it both.")
    # in the builder's order, since all draw from the same stream
    rng = np.random.RandomState(seed(ensemble))
    gen_eval_points(ensemble, ensemble.eval_points, rng=rng)
    if isinstance(ensemble.encoders, Distribution):
        get_samples(ensemble.encoders, ensemble.n_neurons, ensemble.dimensions, rng=rng)
    gain, bias, _, _ = get_gain_bias(ensemble, rng)
    return gain, bias


def _begin(ensemble, seed, name) -> float | np.ndarray:
    """What a state of the neurons begins with: their potential, say."""
    neurons = ensemble.neuron_type
    if name not in neurons.state:
        return 0.0
    given = (neurons.initial_state or {}).get(name, neurons.state[name])
    fixed = _fixed(given)
    if fixed is None:
        rng = np.random.RandomState(seed(ensemble) + 1)
        return neurons.make_state(ensemble.n_neurons, rng=rng)[name]
    return float(fixed[0]) if fixed.size == 1 else np.resize(fixed, ensemble.n_neurons)
