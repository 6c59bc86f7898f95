"""Decoders and encoders, as Nengo's own builder finds them.

A decoded connection is two links: from the neurons to the value that they stand for, by the
decoders, and on to whatever it feeds, through the target's encoders if that is an ensemble. The
value is a stage of its own, with as many numbers as it has dimensions.
"""

import nengo
import numpy as np
from nengo.builder import Model
from nengo.cache import NoDecoderCache


def decodes(network: nengo.Network) -> bool:
    """Whether anything in a network goes through decoders or encoders."""
    ends = [probe.obj for probe in network.all_probes]
    for connection in network.all_connections:
        ends += [connection.pre_obj, connection.post_obj]
    return any(isinstance(end, nengo.Ensemble) for end in ends)


class Decoding:
    """What Nengo builds of a network.

    Attributes
    ----------
    params : dict
        By object: ``nengo.Simulator.data``'s.
    seeds : dict
        By object.
    probes : dict of nengo.Probe to nengo.Connection
        Probes of decoded values, as the connections by which Nengo takes them.
    """

    def __init__(self, network: nengo.Network, dt: float):
        model = Model(dt=dt, decoder_cache=NoDecoderCache())
        model.build(network)
        self.params, self.seeds = model.params, model.seeds
        self.probes = {
            made.post_obj: made
            for made in model.params
            if isinstance(made, nengo.Connection) and isinstance(made.post_obj, nengo.Probe)
        }

    def weights(self, connection: nengo.Connection) -> np.ndarray:
        """From neurons to the decoded value, the transform included, ``(values, neurons)``.

        Nengo builds no transform of these but matrices. Where the solver finds whole weights, they
        lead from neurons to neurons, gains included.
        """
        return np.atleast_2d(self.params[connection].weights)

    def encoders(self, ensemble: nengo.Ensemble) -> np.ndarray:
        """From a value to currents, but for the gains, ``(neurons, dimensions)``."""
        built = self.params[ensemble]
        return built.scaled_encoders / built.gain[:, None]

    def gain(self, ensemble: nengo.Ensemble) -> np.ndarray:
        """``(neurons,)``."""
        return self.params[ensemble].gain


def whole(connection: nengo.Connection) -> bool:
    """Whether the solver finds weights between neurons, encoders included."""
    return bool(connection.solver.weights) and isinstance(connection.post_obj, nengo.Ensemble)
