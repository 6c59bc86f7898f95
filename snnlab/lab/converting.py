"""The front door for running a net of any kind in spikes: methods and timesteps side by side."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnlab import simulation
from snnlab.conversion.graphs.building import build
from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.conversion.graphs.scaling import METHODS, rates, reached
from snnlab.data.examples import Examples
from snnlab.errors import Cancelled, LabError
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.simulation.event import running

CALIBRATION = 32  # images from which rates are chosen
STEPS = 4096
TOGETHER = 8


@dataclass(frozen=True)
class Outcome:
    """One method after so many steps.

    Attributes
    ----------
    method : str
    timesteps : int
    ann_accuracy, snn_accuracy : float or None
        Share of right answers (of pixels, for a segmentation); None without labels.
    agreement : float
        Share of the SNN's answers that are the ANN's.
    error : float
        Mean absolute difference of the two networks' outputs.
    spikes, synaptic_events : float
        An image, on average; events are None of simulators that do not count them.
    seconds : float
        Of the whole run of all images, at the most steps that were asked for.
    trains_equal : float or None
        Of another simulator than ``event``: the share of neurons whose spike trains are the event
        engine's in double precision, for the first image.
    """

    method: str
    timesteps: int
    ann_accuracy: float | None
    snn_accuracy: float | None
    agreement: float
    error: float
    spikes: float
    synaptic_events: float | None
    seconds: float
    trains_equal: float | None = None


def compared(
    graph: Graph,
    examples: Examples,
    methods: Sequence[str] = ("data-normalisation",),
    timesteps: Sequence[int] = (16, 64),
    percentile: float = 99.9,
    pool: str = "max",
    simulator: str = "event",
    calibration: np.ndarray | None = None,
    progress: Callable | None = None,
    cancel: Callable | None = None,
) -> list[Outcome]:
    """Run every image by every method, once, and read it after each number of steps.

    Parameters
    ----------
    graph : Graph
    examples : Examples
        In the range that the net takes.
    calibration : numpy.ndarray, optional
        Images from which rates are chosen; the first of the examples, if not given.

    Raises
    ------
    LabError, Cancelled
    """
    _check(methods, timesteps, percentile)
    entry = simulation.simulator(simulator)
    spiking = spiking_form(graph, pool == "average")
    images = examples.images
    expected = np.concatenate(
        [answer(spiking, images[at : at + TOGETHER]) for at in range(0, len(images), TOGETHER)]
    )
    chosen_on = images[:CALIBRATION] if calibration is None else calibration
    activations = reached(spiking, chosen_on)
    found = []
    for number, method in enumerate(methods):
        rates_hz = rates(spiking, activations, method, percentile)
        begun, runs = time.perf_counter(), []
        network = build(spiking, images[0], rates_hz)
        for at, image in enumerate(images):
            if cancel and cancel():
                raise Cancelled
            if progress:
                done = (number + at / len(images)) / len(methods)
                progress(done, f"{method}: image {at + 1} of {len(images)}")
            network.see(image)
            runs.append(_run(network, entry, timesteps))
        seconds = time.perf_counter() - begun
        equal = None if simulator == "event" else _equal(network, entry, images[0], max(timesteps))
        found += [
            replace(
                _outcome(method, steps, expected, [run[at] for run in runs], examples, seconds),
                trains_equal=equal,
            )
            for at, steps in enumerate(timesteps)
        ]
    return found


def _run(network: GraphNetwork, entry, timesteps) -> list[tuple]:
    """Answer, spikes and events after each number of steps."""
    recording = entry.run(network, max(timesteps))
    found = []
    for steps in timesteps:
        spikes = sum(trains.total(0, steps) for trains in recording.populations)
        events = sum(recording.synaptic_events(0, steps).values()) if recording.synapses else None
        found.append((network.answer(recording, 0, steps), spikes, events))
    return found


def _equal(network: GraphNetwork, entry, image, steps: int) -> float:
    """The share of neurons whose trains are the event engine's."""
    network.see(image)
    ours = running.run(network, steps, dtype="float64")
    theirs = entry.run(network, steps)
    same = [
        (ours[one.name].words == theirs[one.name].words).all(axis=0) for one in network.populations
    ]
    return float(np.concatenate(same).mean())


def _outcome(method, steps, expected, runs, examples: Examples, seconds: float) -> Outcome:
    got = np.stack([run[0] for run in runs])
    ours, theirs = chosen(got), chosen(expected)
    events = [run[2] for run in runs]
    return Outcome(
        method,
        steps,
        _right(theirs, examples.labels),
        _right(ours, examples.labels),
        float((ours == theirs).mean()),
        float(np.abs(got - expected).mean()),
        float(np.mean([run[1] for run in runs])),
        None if None in events else float(np.mean(events)),
        seconds,
    )


def chosen(outputs: np.ndarray) -> np.ndarray:
    """The class of each answer, or of each pixel: the largest, or, of one, whether above a half.

    Of one output that is no probability a half stands for nothing; then it is whether above 0.
    """
    if outputs.shape[-1] > 1:
        return outputs.argmax(-1)
    probable = outputs.min() >= 0 and outputs.max() <= 1
    return (outputs[..., 0] > (0.5 if probable else 0)).astype(int)


def _right(answers: np.ndarray, labels: np.ndarray | None) -> float | None:
    if labels is None:
        return None
    answers = answers.reshape(len(answers), -1)
    wanted = labels.reshape(len(labels), -1)
    if answers.shape != wanted.shape:
        raise LabError(
            f"the net gives {answers.shape[1]} answers per image, but there are {wanted.shape[1]}"
            " labels; choose labels that fit."
        )
    if wanted.shape[1] > 1 and set(np.unique(wanted)) <= {0, 255}:
        wanted = wanted // 255  # a mask
    return float((answers == wanted).mean())


def _check(methods, timesteps, percentile: float) -> None:
    unknown = [one for one in methods if one not in METHODS]
    if unknown or not methods:
        raise LabError(f"there is no method {unknown[0]!r} here; choose {', '.join(METHODS)}.")
    if not timesteps or not all(1 <= steps <= STEPS for steps in timesteps):
        raise LabError(f"timesteps must be between 1 and {STEPS}.")
    if not 50 <= percentile <= 100:
        raise LabError("the percentile must be between 50 and 100.")
