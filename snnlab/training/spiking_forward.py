"""The forward pass of spike-based training: the spiking network itself.

For each crop of a batch the converted network is simulated, spike by spike,
with the kernels as they are at that step of training, and every layer's rate
over the readout window replaces what the rate curve would have given. The
gradient is the rate curve's (straight-through), one pass and not one a
timestep: a convolution of the mean spike train is the mean of its convolutions.
So the net learns to live with what rate curves leave out: spikes that come
unevenly, biases that act before the input has arrived, potentials left over.
"""

import numpy as np

from snnlab.conversion import rate_scaling
from snnlab.nets.model import Model
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings
from snnlab.simulation import simulator


def measured(
    model: Model, images: np.ndarray, settings: Settings, faster: float = 1.0
) -> dict[str, np.ndarray]:
    """Activations that spikes give.

    Parameters
    ----------
    model : Model
        Whose rates are used as they are, not scaled into bounds.
    images : numpy.ndarray
        ``(batch, height, width, 1)``.
    settings : Settings
        Timesteps, reset, synapse, initial potential, simulator.
    faster : float
        Factor on all firing rates.

    Returns
    -------
    dict of str to numpy.ndarray
        float32 ``(batch, h, w, channels)`` by layer.
    """
    run = simulator(settings.simulator).run
    start = window_start(settings.timesteps, settings)
    rates_hz = {name: rate * faster for name, rate in model.rate_hz.items()}
    gathered: dict[str, list] = {}
    for image in images:
        network = rate_scaling.convert(model, image[:, :, 0], settings, rates_hz=rates_hz)
        recording = run(network, settings.timesteps)
        for population in network.populations:
            rates = recording[population.name].rates_hz(start)
            gathered.setdefault(population.name, []).append(rates / population.rate_hz)
    return {name: np.stack(parts).astype(np.float32) for name, parts in gathered.items()}
