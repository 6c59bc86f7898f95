"""The front door for taking a network elsewhere: make its NIR graph, run it, check the spikes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from snnlab import conversion
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.errors import LabError
from snnlab.export.exchange import building, comparing, files, literal, profiles, readers
from snnlab.lab import detecting, importing, segmenting
from snnlab.nets.architecture import multiple
from snnlab.nets.detector.model import ENDING
from snnlab.nets.detector.plan import MULTIPLE
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.library import LIBRARY
from snnlab.settings import Settings
from snnlab.simulation.event import running
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.recording import Recording

SIDE = 64  # of the reference image of a lab's model
STEPS = 32  # of the reference run, if nothing else is asked for
NOISE = 8  # seeded images from which an imported net's rates are chosen where no data are given


@dataclass(frozen=True)
class Made:
    """A network with its graph and its reference run.

    Attributes
    ----------
    network : SpikingNetwork
    exported : building.Exported
    recording : Recording
        Of the event engine, in double precision.
    pixels : numpy.ndarray
        ``(pixels,)``; what came in in each step.
    notes : tuple of str
    library : str or None
        For which the file is.
    """

    network: SpikingNetwork
    exported: building.Exported
    recording: Recording
    pixels: np.ndarray
    notes: tuple[str, ...]
    library: str | None = None

    def packed(self) -> bytes:
        """The file."""
        return files.packed(
            self.exported,
            files.reference(self.exported, self.pixels, self.recording),
            profiles.without(self.library),
        )


def of_model(settings: Settings, height: int = SIDE, width: int = SIDE) -> SpikingNetwork:
    """A model of the lab, converted for the top left of the sample image.

    Raises
    ------
    LabError
    """
    segmenting.check(settings)
    model = segmenting.model(settings.model)
    image = _corner(settings.model, multiple(model.layers), height, width)
    return conversion.method(settings.method).convert(model, image, settings)


def of_detector(settings: Settings, height: int = SIDE, width: int = SIDE) -> SpikingNetwork:
    """A detector, converted for the top left of the sample image.

    Raises
    ------
    LabError
    """
    from snnlab.conversion.detector import convert

    net = detecting.detector(settings.model)
    return convert(net, _corner(settings.model, MULTIPLE, height, width), settings)


def _corner(model: str, by: int, height: int, width: int) -> np.ndarray:
    image = segmenting.sample(0).normalised
    if height % by or width % by or not (by <= height <= len(image) and by <= width <= len(image)):
        raise LabError(
            f"{model} is exported for sides that are multiples of {by}, up to {len(image)}; give"
            " --height and --width so."
        )
    return image[:height, :width]


def of_net(
    named: str, size=None, method: str = "data-normalisation", percentile: float = 99.9,
    pool: str = "max", images: np.ndarray | None = None, initial: float = 0.5,
) -> SpikingNetwork:  # fmt: skip
    """An imported net, converted for the first of the images.

    Raises
    ------
    LabError
    """
    graph = spiking_form(importing.graph_of(named, size), pool == "average")
    if images is None:
        images = np.random.default_rng(0).random((NOISE, *graph.image_shape), np.float32)
    found = rates(graph, reached(graph, images), method, percentile)
    return build(graph, images[0], found, initial)


def of_rates(
    graph: Graph, image: np.ndarray, rates_hz: Mapping[str, float], initial: float = 0.5
) -> SpikingNetwork:
    """A net in spiking form whose rates are known."""
    return build(graph, image, rates_hz, initial)


def is_model(name: str) -> bool:
    """Whether a name is that of a model of the lab."""
    return name in LIBRARY.all()


def is_detector(name: str) -> bool:
    """Whether a name is that of a detector, or of a detector's file."""
    return name.endswith(ENDING) or name in detecting.names()


def said_by_nir(network: SpikingNetwork, reset: str | None = None) -> tuple[SpikingNetwork, bool]:
    """The network with neurons that NIR has a word for: potentials may fall as low as they must.

    Parameters
    ----------
    network : SpikingNetwork
        Its ensembles are changed.
    reset : str, optional
        In place of its own.

    Returns
    -------
    SpikingNetwork
    bool
        Whether anything was cut off below before.
    """
    cut = False
    for population in network.populations:
        neurons = population.ensemble.neuron_type
        if type(neurons) is IntegrateAndFire:
            cut |= np.isfinite(neurons.lower)
            population.ensemble.neuron_type = IntegrateAndFire(
                reset or neurons.reset, neurons.amplitude, initial_state=neurons.initial_state
            )
    return replace(network, reset=reset or network.reset), bool(cut)


def carried(settings: Settings, library: str | None = None) -> Settings:
    """The nearest settings whose spikes a file can carry, and a library give again."""
    settings = settings.replace(synapse_ms=0.0)  # readers step a low-pass in different ways
    if library in profiles.ONLY_ZERO:
        return settings.replace(reset="zero", initial=0.0)
    if library == "sinabs" and settings.reset == "zero":
        return settings.replace(initial=0.0)
    return settings


def refused(
    settings: Settings,
    library: str | None = None,
    of: Callable[[Settings], SpikingNetwork] = of_model,
) -> str:
    """Why the network of these settings cannot be exported; nothing if it can.

    Parameters
    ----------
    settings : Settings
    library : str, optional
    of : callable
        Makes the network of them.
    """
    try:
        _graph(of(settings), settings.reset, library)
    except LabError as error:
        return str(error)
    return ""


def made(
    network: SpikingNetwork, timesteps: int, reset: str | None = None, library: str | None = None
) -> Made:
    """Make the graph of a network, and run the network.

    Parameters
    ----------
    network : SpikingNetwork
    timesteps : int
    reset : str, optional
        In place of the network's own.
    library : str, optional
        One of `profiles.LIBRARIES`, for a graph as that library reads it.

    Raises
    ------
    LabError
        If NIR has no word for something of it.
    """
    network, cut, found = _graph(network, reset, library)
    recording = running.run(network, timesteps, dtype="float64")
    notes = found.notes
    if cut:
        notes += (
            "In the lab's own runs potentials that reset to zero never fall below zero; NIR's"
            " neuron has no such bound, and the network that is exported has none.",
        )
    return Made(network, found, recording, np.ravel(network.image.output), notes, library)


def _graph(network: SpikingNetwork, reset: str | None, library: str | None):
    network, cut = said_by_nir(network, reset)
    found = building.exported(network)
    return network, cut, profiles.fitted(found, library) if library else found


def checked(one: Made) -> comparing.Compared:
    """What NIR's own equations make of the graph."""
    layout = one.exported.layouts[building.INPUT]
    graph = one.exported.graph
    found = literal.run(
        graph, layout.to_nir(one.pixels), one.recording.timesteps, graph.metadata["dt"]
    )
    return comparing.compared(*_in_the_labs_order(one, found))


def checked_by(library: str, path: str) -> readers.Read | None:
    """What a library makes of a file that was written; None if it has no environment here.

    Raises
    ------
    LabError
        If it cannot read the file; the sentence has its own words.
    """
    return readers.read(library, path) if readers.installed(library) else None


def _in_the_labs_order(one: Made, found) -> tuple[dict, dict]:
    ours = {trains.name: files.spikes_of(trains) for trains in one.recording.populations}
    nodes, layouts = one.exported.nodes, one.exported.layouts
    theirs = {name: layouts[nodes[name]].from_nir(found[nodes[name]]) for name in ours}
    return ours, theirs
