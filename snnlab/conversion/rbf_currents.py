"""An RBF network's units as spiking neurons: kernel values are their currents, spikes are weighed.

The Gaussian kernels lie between 0 and 1, as rates must, and each drives an integrate-and-fire
neuron, at ``rate_hz`` where it is 1; the readout weighs the spikes. The cosine kernels are linear
in the direction of ``x``, and of any sign: their weighted sum is one product of vectors a pixel,
which the host adds. What this saves and what not is measured in ``docs/rbf.md``.
"""

import nengo
import numpy as np
from nengo.dists import Choice

from snnlab.conversion.rate_scaling import neuron
from snnlab.nets.rbf import Rbf
from snnlab.nets.rbf_kernels import directions, euclid
from snnlab.settings import Settings
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import Tiled
from snnlab.simulation.recording import Recording

UNITS = "units"


def convert(model: Rbf, x: np.ndarray, settings: Settings) -> SpikingNetwork:
    """The spiking units of some pixels.

    Parameters
    ----------
    x : numpy.ndarray
        float32 ``(height, width, features)``, made alike (`Rbf.alike`).
    settings : Settings
        Upper bound (the rate of a kernel value of 1), reset and initial potential are used.
    """
    height, width, count = x.shape
    values = euclid(x.reshape(-1, count), model.places, model.width)
    rate_hz = settings.upper_hz
    with nengo.Network(label=model.name) as network:
        source = nengo.Node(values.ravel().astype(float), label="kernels")
        ensemble = nengo.Ensemble(
            values.size,
            dimensions=1,
            neuron_type=neuron(rate_hz, settings),
            gain=Choice([1.0]),
            bias=Tiled(np.zeros(1)),
            encoders=Choice([[1.0]]),
            n_eval_points=2,
            label=UNITS,
        )
        nengo.Connection(
            source, ensemble.neurons, transform=rate_hz, synapse=None, label="kernels to units"
        )
    population = Population(UNITS, ensemble, (height, width, model.units), rate_hz, on_chip=True)
    readout = Readout(np.float32(model.mixture[0]) * model.weights, model.bias)
    return SpikingNetwork(network, source, (population,), readout, None, settings.reset)


def logits(model: Rbf, x: np.ndarray, network: SpikingNetwork, recording: Recording) -> np.ndarray:
    """Log-odds of cell ``(height, width)``, from all spikes and the host's share."""
    (population,) = network.populations
    activation = recording[UNITS].rates_hz(0, None) / np.float32(population.rate_hz)
    toward = directions(model.places).T @ model.weights
    host = directions(x.reshape(-1, x.shape[-1])) @ toward
    return network.readout.logits(activation) + np.float32(model.mixture[1]) * host.reshape(
        x.shape[:2]
    )
