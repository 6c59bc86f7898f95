"""Parameters of ensembles and connections, as ``nengo.Simulator.data`` gives them.

Only when they are asked for: most of them are not needed to simulate neurons
that are connected directly.
"""

import nengo
import numpy as np
from nengo.builder.connection import BuiltConnection
from nengo.builder.ensemble import BuiltEnsemble, gen_eval_points, get_gain_bias
from nengo.dists import get_samples
from nengo.exceptions import BuildError


def built(thing, seed):
    """Sample an object's parameters as Nengo's builder does.

    Parameters
    ----------
    thing : nengo.Ensemble or nengo.Connection
    seed : callable
        Gives its seed.
    """
    if isinstance(thing, nengo.Ensemble):
        return _ensemble(thing, np.random.RandomState(seed(thing)))
    if isinstance(thing, nengo.Connection):
        weights = None
        if not isinstance(thing.transform, nengo.transforms.NoTransform):
            weights = thing.transform.sample(rng=np.random.RandomState(seed(thing)))
        return BuiltConnection(
            None, None, getattr(weights, "allocate", lambda: weights)(), thing.transform
        )
    if isinstance(thing, nengo.Node):
        return None
    raise KeyError(thing)


def _ensemble(ensemble, rng) -> BuiltEnsemble:
    eval_points = gen_eval_points(ensemble, ensemble.eval_points, rng=rng)
    encoders = get_samples(ensemble.encoders, ensemble.n_neurons, ensemble.dimensions, rng=rng)
    encoders = np.array(encoders, float, ndmin=2)
    if ensemble.normalize_encoders:
        length = np.linalg.norm(encoders, axis=1, keepdims=True)
        if not length.all():
            raise BuildError(
                f"{ensemble} has zero-length encoders; give each neuron a direction, or set"
                " normalize_encoders=False."
            )
        encoders /= length
    gain, bias, rates, intercepts = get_gain_bias(ensemble, rng)
    scaled = encoders * (gain / ensemble.radius)[:, None]
    return BuiltEnsemble(eval_points, encoders, intercepts, rates, scaled, gain, bias)
