"""A graph that came from a file, in spikes, held against the file and against NIR's equations."""

from types import SimpleNamespace

import h5py
import numpy as np

from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import FULL_RATE
from snnlab.export.exchange import literal
from snnlab.export.exchange.comparing import Compared, compared
from snnlab.export.exchange.files import spikes_of
from snnlab.export.exchange.layouts import Layout
from snnlab.images import forked
from snnlab.images.limits import shown
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.keras_files.hdf5 import Unread, member, safe
from snnlab.nets.keras_files.limits import refused
from snnlab.nets.nir_files.nodes import AGAIN, NEURONS, Found
from snnlab.nets.nir_files.reading import Imported
from snnlab.nets.nir_files.translating import without_batch
from snnlab.simulation.event import running
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.work import stored

STEPS = 32  # of the comparison, where the file has no run of its own
MOST = 1 << 28  # numbers of a run that is looked at


def network_of(imported: Imported, image: np.ndarray) -> SpikingNetwork:
    """The graph in spikes, as its nodes say: with its thresholds, its reset, its first potentials.

    Parameters
    ----------
    imported : Imported
    image : numpy.ndarray
        ``(height, width, channels)``.
    """
    graph = imported.graph
    rates = {node.name: FULL_RATE for node in graph.nodes if isinstance(node.layer, Neurons)}
    network = build(graph, image, rates, imported.initial)
    for population in network.populations:
        old = population.ensemble.neuron_type
        population.ensemble.neuron_type = IntegrateAndFire(
            imported.reset, old.amplitude, initial_state=old.initial_state
        )
    return network


def checked(imported: Imported, path) -> tuple[Compared, str, float]:
    """Whether the event engine's spikes are those of the file's run, or of NIR's equations.

    Returns
    -------
    Compared
    str
        With what: ``"the file's own run"`` or ``"NIR's equations"``.
    float
        Largest difference of a neuron's mean activation.
    """
    graph = imported.graph
    image, theirs = _own_run(imported, path)
    with_what = "the file's own run"
    if theirs is None:
        image = np.random.default_rng(0).random(graph.image_shape)
        theirs = _literally(imported, image)
        with_what = "NIR's equations"
    steps = len(next(iter(theirs.values())))
    network = network_of(imported, image)
    recording = running.run(network, steps, dtype="float64")
    ours = {
        trains.name: _layout(graph, trains.name).to_nir(spikes_of(trains)).reshape(steps, -1)
        for trains in recording.populations
    }
    theirs = {name: theirs[name].reshape(steps, -1) for name in ours}
    off = max(float(np.abs(ours[n].mean(0) - theirs[n].mean(0)).max()) for n in ours)
    return compared(ours, theirs), with_what, off


def _layout(graph, name: str) -> Layout:
    shape = graph.shapes[name]
    if len(shape) == 3 and shape[:2] != (1, 1):
        return Layout(shape)
    return Layout((1, 1, shape[-1]), None)


def _own_run(imported: Imported, path):
    """Image and spikes of the file, as the lab writes them; None twice if it has none."""
    name = shown(str(path))
    forked.tried(lambda: _run_in(imported, path), name)  # libhdf5 may end the process over it
    with stored.as_one_sentence(f"{name} is damaged or cut short; copy it again."):
        return _run_in(imported, path)


def _run_in(imported: Imported, path):
    graph, none = imported.graph, (None, None)
    names = [node.name for node in graph.nodes if isinstance(node.layer, Neurons)]
    source = next(name for name, node in imported.nodes.items() if node.kind == "Input")
    with h5py.File(path, "r") as file:
        try:
            pixels = _data(file, source, "input", graph.image_shape)
            found = {name: _data(file, name, "spikes", graph.shapes[name]) for name in names}
        except Unread:
            return none
    if len({len(one) for one in found.values()} | {len(pixels)}) != 1:
        return none
    if not np.isfinite(pixels).all() or (pixels != pixels[0]).any():
        return none
    layout = Layout(graph.image_shape)
    if graph.image_shape[:2] == (1, 1):
        return pixels[0].reshape(graph.image_shape), found
    image = layout.from_nir(pixels[0].reshape(layout.nir_shape)).reshape(graph.image_shape)
    return image, found


def _data(file, name: str, what: str, shape) -> np.ndarray:
    data = safe(member(file, f"nodes/{name}/observables/{what}/data"))
    if data.ndim != 3 or data.shape[0] != 1 or data.size > MOST or not data.shape[1]:
        raise Unread("are no run of one sample")
    if data.shape[2] != np.prod(shape) or data.dtype.kind not in "bf":
        raise Unread("are of another shape")
    return data[0].astype(np.float64)


def _literally(imported: Imported, image: np.ndarray) -> dict[str, np.ndarray]:
    """By NIR's equations; where ``r`` was left aside it is 1, and so is a step."""
    step = 1.0 if imported.dt is None else imported.dt
    nodes = as_nodes(imported.nodes, imported.dt is not None)
    layout = Layout(image.shape)
    given = layout.to_nir(image.ravel())
    if image.shape[:2] == (1, 1):
        given = image.ravel()
    graph = SimpleNamespace(nodes=nodes, edges=imported.edges)
    return literal.run(graph, given, STEPS, step)


def as_nodes(found: dict[str, Found], resisting: bool = True) -> dict[str, SimpleNamespace]:
    """Nodes as `literal` takes them; ``r`` is 1 where it is to be left aside."""
    lines = any(node.kind == "Conv1d" for node in found.values())
    return {name: _as_node(name, node, resisting, lines) for name, node in found.items()}


def _as_node(name: str, node: Found, resisting: bool, lines: bool) -> SimpleNamespace:
    holds = dict(node.holds)
    if node.kind in (*NEURONS, "LI", "CubaLI", "I"):
        try:
            full = np.ones(np.broadcast_shapes(*(values.shape for values in holds.values())))
        except ValueError as error:
            raise refused(name, "has numbers of different shapes", AGAIN, "node") from error
        holds = {key: full * values for key, values in holds.items()}
        if not resisting:
            holds["r"] = full
        if node.kind in NEURONS:
            holds.setdefault("v_reset", full * 0)
            about = {"initial": node.initial} | ({"reset": "subtraction"} if node.soft else {})
            holds |= {"metadata": about}
        for key in ("tau", "tau_mem", "tau_syn"):
            if key in holds and holds[key].min() <= 0:
                raise refused(name, "has time constants that are not above 0", AGAIN, "node")
    if node.kind == "Flatten":
        holds = {key: int(value.ravel()[0]) for key, value in holds.items()}
        if holds["start_dim"] == 1 and not lines:  # some count a batch's axis
            holds = {"start_dim": 0, "end_dim": -1}
    if node.kind in ("Conv1d", "Conv2d"):
        holds["groups"] = int(holds["groups"].ravel()[0])
        if isinstance(holds["padding"], str):
            taps = np.array(holds["weight"].shape[2:]) - 1
            same = holds["padding"] == "same"
            dilation = holds["dilation"][: len(taps)]
            if same and (taps * dilation % 2).any():
                raise refused(name, "pads one more on one side", "say its padding in numbers",
                              "node")  # fmt: skip
            holds["padding"] = taps * dilation // 2 if same else taps * 0
    if node.kind == "Input":
        holds["input_type"] = {"input": without_batch(holds["shape"])}
    return type(node.kind, (SimpleNamespace,), {})(**holds)
