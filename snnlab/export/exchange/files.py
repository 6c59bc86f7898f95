"""A graph of NIR with a reference run in one file.

``nir.read`` reads the graph, ``nir.read_data`` the run: the input of each step, and every spike of
every neuron, flat in the order of the node's shape. Both are of the format's own kind, and neither
sees the other.
"""

import io
import os

import h5py
import numpy as np

from snnlab.errors import LabError
from snnlab.export.exchange.building import DT, INPUT, Exported
from snnlab.simulation.recording import Recording

MOST = 1 << 29  # neurons times steps of a reference run


def reference(exported: Exported, image: np.ndarray, recording: Recording):
    """The run as NIR has data.

    Parameters
    ----------
    exported : Exported
    image : numpy.ndarray
        What comes in in each step, ``(pixels,)`` in the lab's order.
    recording : Recording
        Of the event engine.

    Returns
    -------
    nir.NIRGraphData

    Raises
    ------
    LabError
        If it is too large.
    """
    import nir

    steps = recording.timesteps
    if sum(trains.neurons for trains in recording.populations) * steps > MOST:
        raise LabError("the reference run would be too large; give fewer --timesteps or pixels.")
    pixels = exported.layouts[INPUT].to_nir(np.asarray(image, float)).reshape(1, 1, -1)
    nodes = {INPUT: _node("input", np.repeat(pixels, steps, 1))}
    for trains in recording.populations:
        name = exported.nodes[trains.name]
        spikes = exported.layouts[name].to_nir(spikes_of(trains))
        nodes[name] = _node("spikes", spikes.reshape(1, steps, -1) > 0)
    return nir.NIRGraphData(nodes=nodes)


def _node(name: str, values: np.ndarray):
    import nir

    return nir.NIRNodeData(observables={name: nir.TimeGriddedData(values, DT)})


def spikes_of(trains) -> np.ndarray:
    """Every spike, uint8 ``(steps, neurons)``."""
    return trains.raster(np.arange(trains.neurons)).astype(np.uint8)


def packed(exported: Exported, run, without: tuple[str, ...] = ()) -> bytes:
    """The file.

    Parameters
    ----------
    exported : Exported
    run : nir.NIRGraphData
    without : tuple of str
        Numbers of neurons that are left out.
    """
    import nir

    whole, data = io.BytesIO(), io.BytesIO()
    nir.write(whole, exported.graph)
    nir.write_data(data, run)
    with h5py.File(whole, "a") as into, h5py.File(data, "r") as come:
        for node in into["node/nodes"].values():
            for name in set(without) & set(node):
                del node[name]
        come.copy(come["nodes"], into)
        for name, value in come.attrs.items():
            into.attrs[name] = value
    return whole.getvalue()


def trains_in(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """The reference run of a file: by node, ``(steps, values)``."""
    import nir

    return {
        name: next(iter(node.observables.values())).data[0]
        for name, node in nir.read_data(os.fspath(path)).nodes.items()
    }
