"""A classifier and its spikes on a test set: all images, after every step, by several methods."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from snnlab import simulation
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.scaling import rates, reached
from snnlab.data.examples import Examples
from snnlab.energy.graphs import work
from snnlab.energy.work import Work
from snnlab.errors import Cancelled, LabError, many
from snnlab.nets.graph.forward import answer, forward
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.pointwise import OffChip
from snnlab.simulation.recording import Recording

SAMPLED = 24  # neurons of a layer whose spikes are kept
VALUES = 40_000_000  # answers of all images after all steps; and of the images themselves
TOGETHER = 8


@dataclass(frozen=True)
class Run:
    """One method on all images.

    Attributes
    ----------
    method : str
    neurons : dict of str to int
        Of each population, in order: layers of neurons, and gates.
    rates_hz : dict of str to float
        The rate that stands for an activation of 1, by population.
    answers : numpy.ndarray
        float16 ``(images, timesteps, classes)``, after each step.
    spikes : numpy.ndarray
        int64 ``(images, timesteps, populations)``, sent in each step.
    events : numpy.ndarray
        float64 ``(populations,)``: synapses that a spike reaches, on average.
    high : numpy.ndarray
        float32 ``(images, populations)``: the 99.9th percentile of firing rates (Hz).
    correlation, error : numpy.ndarray
        float32 ``(images, populations)``: of ANN activations and what rates say; NaN if there is
        none. The error is the mean absolute difference over the mean ANN activation.
    sampled : dict of str to numpy.ndarray
        Neurons whose spikes are kept, by population.
    raster : numpy.ndarray
        bool ``(images, timesteps, sampled)``, the populations' one after the other.
    activation : numpy.ndarray
        float32 ``(images, sampled)``: the ANN's; NaN where it has no such value.
    """

    method: str
    neurons: dict[str, int]
    rates_hz: dict[str, float]
    answers: np.ndarray
    spikes: np.ndarray
    events: np.ndarray
    high: np.ndarray
    correlation: np.ndarray
    error: np.ndarray
    sampled: dict[str, np.ndarray]
    raster: np.ndarray
    activation: np.ndarray

    @property
    def timesteps(self) -> int:
        """Of the run."""
        return self.answers.shape[1]

    @cached_property
    def classes(self) -> np.ndarray:
        """The class answered after each step, ``(images, timesteps)``."""
        return self.answers.argmax(-1)

    @cached_property
    def settled(self) -> np.ndarray:
        """The step, counted from 1, from which on the answer is the last one, ``(images,)``."""
        other = self.classes != self.classes[:, -1:]
        backwards = other[:, ::-1].argmax(1)
        return np.where(other.any(1), self.timesteps - backwards, 0) + 1

    def part(self, name: str) -> slice:
        """Where a population's sampled neurons are in `raster` and `activation`."""
        first = 0
        for one, neurons in self.sampled.items():
            if one == name:
                return slice(first, first + len(neurons))
            first += len(neurons)
        raise KeyError(name)

    def said(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """ANN activation and what the spikes say, of a population's sampled neurons, all images."""
        part = self.part(name)
        rates_hz = self.raster[:, :, part].mean(axis=1) * 1000
        return self.activation[:, part].ravel(), (rates_hz / self.rates_hz[name]).ravel()


@dataclass(frozen=True)
class Tested:
    """A classifier on a test set.

    Attributes
    ----------
    graph : Graph
        In the form that was converted.
    examples : Examples
    expected : numpy.ndarray
        float32 ``(images, classes)``, the ANN's.
    reached : dict of str to tuple of float
        Largest activation of each layer of neurons, and the percentile, on what rates were chosen.
    percentile : float
    runs : tuple of Run
    """

    graph: Graph
    examples: Examples
    expected: np.ndarray
    reached: dict[str, tuple[float, float]]
    percentile: float
    runs: tuple[Run, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; numbers, if nobody named them."""
        named, many = self.examples.classes, self.expected.shape[1]
        return named if len(named) == many else tuple(map(str, range(many)))

    @cached_property
    def ann(self) -> np.ndarray:
        """The ANN's classes, ``(images,)``."""
        return self.expected.argmax(-1)

    def right(self, classes: np.ndarray) -> np.ndarray:
        """Share of right answers: of the labels, or, without any, of the ANN's own answers.

        Parameters
        ----------
        classes : numpy.ndarray
            ``(images, ...)``.
        """
        labels = self.ann if self.examples.labels is None else self.examples.labels
        return (classes == labels.reshape(-1, *[1] * (classes.ndim - 1))).mean(axis=0)

    def confusion(self, classes: np.ndarray) -> np.ndarray:
        """How often a class (row; by the ANN, without labels) was answered as another (column)."""
        labels = self.ann if self.examples.labels is None else self.examples.labels
        many = len(self.classes)
        found = np.zeros((many, many), np.int64)
        inside = (labels >= 0) & (labels < many)
        np.add.at(found, (labels[inside], classes[inside]), 1)
        return found

    def work(self, run: Run, timesteps: int) -> Work:
        """Counts of an image, on average, after so many steps."""
        spikes = run.spikes[:, :timesteps].sum(axis=1).mean(axis=0)
        return work(self.graph, run.neurons, spikes, spikes * run.events, timesteps)


def measured(
    graph: Graph,
    examples: Examples,
    methods: Sequence[str],
    timesteps: int,
    percentile: float = 99.9,
    calibration: np.ndarray | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Tested:
    """Run every image by every method, and read the answer after every step.

    Parameters
    ----------
    graph : Graph
        In spiking form.
    examples : Examples
        In the range that the net takes.
    calibration : numpy.ndarray, optional
        Images from which rates are chosen; the first 32 of the examples, if not given.

    Raises
    ------
    LabError, Cancelled
    """
    images, classes = examples.images, int(np.prod(graph.shapes[graph.output.name]))
    if max(len(images) * timesteps * classes, images.size) > VALUES:
        raise LabError(
            f"{len(images)} images, {many(timesteps, 'step')} and {classes} classes are too much"
            " at once; take fewer images."
        )
    labels = examples.labels
    if labels is not None and labels.shape != (len(images),):
        raise LabError("this net gives one class per image; give one label for each image.")
    expected = np.concatenate(
        [answer(graph, images[at : at + TOGETHER]) for at in range(0, len(images), TOGETHER)]
    )
    expected = of_classes(graph, expected.reshape(len(images), classes))
    activations = reached(graph, images[:32] if calibration is None else calibration)
    high = {
        name: (float(values[-1]), _percentile(values, percentile))
        for name, values in activations.items()
    }
    runs = []
    for number, method in enumerate(methods):
        network = build(graph, images[0], rates(graph, activations, method, percentile))

        def told(at: int, number=number, method=method) -> None:
            if cancel and cancel():
                raise Cancelled
            if progress:
                share = (number + at / len(images)) / len(methods)
                progress(share, f"{method}: image {at + 1} of {len(images)}")

        runs.append(_run(network, method, images, timesteps, told, cancel))
    return Tested(graph, examples, expected, high, percentile, tuple(runs))


def of_classes(graph: Graph, outputs: np.ndarray) -> np.ndarray:
    """A number for each class: of a single output, for no and for yes.

    Parameters
    ----------
    graph : Graph
    outputs : numpy.ndarray
        ``(n, outputs)``.

    Returns
    -------
    numpy.ndarray
        ``(n, classes)``; the largest is the answer.
    """
    if outputs.shape[1] > 1:
        return outputs
    last = graph.output.layer
    probable = isinstance(last, OffChip) and last.kind == "sigmoid"
    no = 1 - outputs if probable else np.zeros_like(outputs)
    return np.concatenate([no, outputs], axis=1)


def _percentile(values: np.ndarray, percentile: float) -> float:
    above = values[values > 0]
    return float(np.percentile(above, percentile)) if above.size else 0.0


def _run(network: GraphNetwork, method, images, timesteps, told, cancel) -> Run:
    entry = simulation.simulator("event")
    names = [population.name for population in network.populations]
    of_ann = {name: node for node, name in network.spiking.items()}
    sampled = {
        one.name: _sample(int(np.prod(one.shape)), number)
        for number, one in enumerate(network.populations)
    }
    rows = []
    for at, image in enumerate(images):
        told(at)
        network.see(image)
        recording = entry.run(network, timesteps, cancel=cancel)
        rows.append(_read(network, recording, image, names, of_ann, sampled))
    answers, spikes, high, correlation, error, raster, activation, events = zip(*rows, strict=True)
    sent = np.stack(spikes)
    total = np.maximum(sent.sum(axis=(0, 1)), 1)
    return Run(
        method,
        {one.name: int(np.prod(one.shape)) for one in network.populations},
        {one.name: float(one.rate_hz) for one in network.populations},
        np.stack(answers).astype(np.float16),
        sent,
        np.sum(events, axis=0) / total,
        np.stack(high),
        np.stack(correlation),
        np.stack(error),
        sampled,
        np.stack(raster),
        np.stack(activation),
    )


def _sample(neurons: int, seed: int) -> np.ndarray:
    """Some neurons, in order; the same ones every time."""
    random = np.random.default_rng(seed)
    return np.sort(random.choice(neurons, min(SAMPLED, neurons), replace=False))


def _read(network, recording: Recording, image, names, of_ann, sampled) -> tuple:
    """What is kept of one image's run."""
    values = {
        name: value[0].ravel()
        for name, value in forward(network.graph, image[None])
        if name in network.spiking
    }
    steps = range(recording.timesteps)
    spikes = np.array([[recording[name].total(t, t + 1) for name in names] for t in steps])
    high, correlation, error, raster, activation = [], [], [], [], []
    for population in network.populations:
        trains, drawn = recording[population.name], sampled[population.name]
        rates_hz = trains.rates_hz().ravel()
        high.append(np.percentile(rates_hz, 99.9))
        raster.append(trains.raster(drawn) > 0)
        if population.name in of_ann:
            ann = values[of_ann[population.name]]
            snn = rates_hz / np.float32(population.rate_hz)
            one, off = _agreement(ann, snn)
            activation.append(ann[drawn])
        else:  # a stage of a wide maximum, which the ANN does not have
            one, off = np.nan, np.nan
            activation.append(np.full(len(drawn), np.nan, np.float32))
        correlation.append(one)
        error.append(off)
    return (
        of_classes(network.graph, network.answers(recording).reshape(recording.timesteps, -1)),
        spikes,
        np.array(high, np.float32),
        np.array(correlation, np.float32),
        np.array(error, np.float32),
        np.concatenate(raster, axis=1),
        np.concatenate(activation).astype(np.float32),
        _events(network, recording, names),
    )


def _agreement(ann: np.ndarray, snn: np.ndarray) -> tuple[float, float]:
    total = float(np.abs(ann).sum())
    error = float(np.abs(snn - ann).sum()) / total if total > 0 else np.nan
    if ann.std() == 0 or snn.std() == 0:
        return np.nan, error
    return float(np.corrcoef(ann, snn)[0, 1]), error


def _events(network: GraphNetwork, recording: Recording, names) -> np.ndarray:
    """Synapses that each population's spikes reach, those of the host's classes too."""
    found = dict.fromkeys(names, 0)
    for (source, _), events in recording.synaptic_events().items():
        found[source] += events
    classes = int(np.prod(network.graph.shapes[network.graph.output.name]))
    for node in network.read:
        name = network.spiking[node]
        found[name] += recording[name].total() * classes
    return np.array([found[name] for name in names], float)
