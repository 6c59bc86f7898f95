"""Keeps the neurons of some anchors of a run; see `snnlab.results.anchored`."""

from collections.abc import Mapping

import numpy as np

from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.nets.detector.plan import Plan
from snnlab.results.anchored import Neurons, chain, located, populations
from snnlab.results.forming import first
from snnlab.simulation.recording import Recording


def gathered(
    plan: Plan,
    network: GraphNetwork,
    recording: Recording,
    ann: Mapping[str, np.ndarray],
    places: np.ndarray,
) -> Neurons:
    """Keep the neurons of some anchors.

    Parameters
    ----------
    network, recording
        Of the detector that the plan is of.
    ann : mapping of str to numpy.ndarray
        Values of the ANN ``(rows, columns, channels)``, by population.
    places : numpy.ndarray
        Of the anchors, in the net's answer.
    """
    height, width = network.graph.image_shape[:2]
    wanted: dict[str, set] = {name: set() for name in populations(plan)}
    # anchors of a place share its neurons
    for level, row, column in {located(int(place), height, width) for place in places}:
        for name, at in chain(plan, level):
            pixel = (row >> (at - level)) * (width >> at) + (column >> (at - level))
            wanted[name].add(pixel)
    pixels = {name: np.array(sorted(some), int) for name, some in wanted.items()}
    read = first(network, recording.timesteps), recording.timesteps
    spikes, sent, values = {}, {}, {}
    for name, some in pixels.items():
        channels = ann[name].shape[2]
        neurons = (some[:, None] * channels + np.arange(channels)).ravel()
        raster = recording[name].raster(neurons)
        packed = np.packbits(raster > 0, axis=0)
        sent[name] = raster[read[0] :].sum(0, dtype=np.int32).reshape(len(some), channels)
        spikes[name] = packed.reshape(len(packed), len(some), channels)
        values[name] = ann[name].reshape(-1, channels)[some]
    rate_of = {one.name: one.rate_hz for one in network.populations if one.name in pixels}
    return Neurons(plan, (height, width), read, recording.dt, rate_of, pixels, spikes, sent, values)
